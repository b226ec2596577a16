"""Pipelines, their versions, and definitions that cannot run."""

import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.pipelining import (
    check,
    create,
    definition,
    fail,
    finished,
    get,
    message,
    start,
    step,
    training,
)

NOTHING = definition(check("Always", 1, 1))


def refused(text: str, role: str) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        create(text, role)
    assert not boto3.client("sagemaker").list_pipelines()["PipelineSummaries"]
    return caught.value.response["Error"]


def test_a_pipeline_is_described_as_it_was_made(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    arn = create(
        NOTHING,
        role,
        PipelineDisplayName="The-desk",
        PipelineDescription="Trains nightly",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 2},
        Tags=[{"Key": "team", "Value": "desk"}],
    )
    for name in ("desk", arn):
        found = sagemaker.describe_pipeline(PipelineName=name)
        assert found["PipelineArn"] == arn
        assert found["PipelineDefinition"] == NOTHING
        assert found["PipelineStatus"] == "Active"
        assert found["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
    assert arn.endswith(":pipeline/desk")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "team", "Value": "desk"}
    ]
    summary = sagemaker.list_pipelines()["PipelineSummaries"][0]
    assert (summary["PipelineName"], summary["PipelineDisplayName"]) == (
        "desk",
        "The-desk",
    )


def test_a_definition_is_read_from_s3(role: str, bucket: str) -> None:
    sagemaker = boto3.client("sagemaker")
    place = {"Bucket": bucket, "ObjectKey": "desk.json"}
    given = {"PipelineName": "desk", "RoleArn": role}
    with pytest.raises(ClientError, match="NoSuchKey"):
        sagemaker.create_pipeline(**given, PipelineDefinitionS3Location=place)
    boto3.client("s3").put_object(Bucket=bucket, Key="desk.json", Body=NOTHING.encode())
    sagemaker.create_pipeline(**given, PipelineDefinitionS3Location=place)
    found = sagemaker.describe_pipeline(PipelineName="desk")
    assert found["PipelineDefinition"] == NOTHING
    both = {"PipelineDefinition": NOTHING, "PipelineDefinitionS3Location": place}
    with pytest.raises(ClientError, match="exclude each other"):
        sagemaker.update_pipeline(PipelineName="desk", **both)
    with pytest.raises(ClientError, match="is needed"):
        sagemaker.create_pipeline(PipelineName="other", RoleArn=role)


def test_a_name_is_given_once_and_a_token_acts_once(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    arn = create(NOTHING, role, ClientRequestToken="a" * 32)
    assert create(NOTHING, role, ClientRequestToken="a" * 32) == arn
    with pytest.raises(ClientError, match="ConflictException"):
        create(NOTHING, role, name="other", ClientRequestToken="a" * 32)
    with pytest.raises(ClientError, match=r"ValidationException.*must be unique"):
        create(NOTHING, role)
    for _ in range(2):
        sagemaker.delete_pipeline(PipelineName="desk", ClientRequestToken="b" * 32)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.delete_pipeline(PipelineName="desk")


def test_one_of_several_creates_wins(role: str) -> None:
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            boto3.session.Session().client("sagemaker").create_pipeline(
                PipelineName="race", PipelineDefinition=NOTHING, RoleArn=role
            )
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ValidationException"] * 5 + ["won"]


def test_a_role_must_trust_sagemaker(role: str) -> None:
    error = refused(NOTHING, "arn:aws:iam::123456789012:role/nobody")
    assert error["Code"] == "ValidationException"
    assert "Could not assume role" in error["Message"]
    create(NOTHING, role)
    with pytest.raises(ClientError, match="Could not assume role"):
        boto3.client("sagemaker").update_pipeline(
            PipelineName="desk", RoleArn="arn:aws:iam::123456789012:role/nobody"
        )


def test_another_definition_is_another_version(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    arn = create(NOTHING, role)
    other = definition(check("Never", 1, 2))
    same = sagemaker.update_pipeline(PipelineName="desk", PipelineDescription="new")
    assert (same["PipelineArn"], same["PipelineVersionId"]) == (arn, 1)
    new = sagemaker.update_pipeline(PipelineName="desk", PipelineDefinition=other)
    assert new["PipelineVersionId"] == 2
    found = sagemaker.describe_pipeline(PipelineName="desk")
    assert (found["PipelineDefinition"], found["PipelineDescription"]) == (other, "new")
    sagemaker.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="first"
    )
    first = sagemaker.describe_pipeline(PipelineName="desk", PipelineVersionId=1)
    assert first["PipelineDefinition"] == NOTHING
    assert first["PipelineVersionDisplayName"] == "first"
    execution = start(members={"PipelineVersionId": 1})
    assert finished(execution)["PipelineVersionId"] == 1
    shown = sagemaker.describe_pipeline_definition_for_execution(
        PipelineExecutionArn=execution
    )
    assert shown["PipelineDefinition"] == NOTHING
    versions = sagemaker.list_pipeline_versions(PipelineName="desk")
    assert [
        (v["PipelineVersionId"], v.get("LastExecutionPipelineExecutionArn"))
        for v in versions["PipelineVersionSummaries"]
    ] == [(2, None), (1, execution)]
    with pytest.raises(ClientError, match="has no version 3"):
        sagemaker.describe_pipeline(PipelineName="desk", PipelineVersionId=3)


def test_list_filters_sorts_and_pages(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    for name in ("b-one", "a-two", "b-three"):
        create(NOTHING, role, name=name)

    def names(**members: Any) -> list[str]:
        found = sagemaker.list_pipelines(**members)["PipelineSummaries"]
        return [pipeline["PipelineName"] for pipeline in found]

    assert names() == ["b-three", "a-two", "b-one"]
    assert names(PipelineNamePrefix="b", SortBy="Name", SortOrder="Ascending") == [
        "b-one",
        "b-three",
    ]
    middle = sagemaker.describe_pipeline(PipelineName="a-two")["CreationTime"]
    assert names(CreatedAfter=middle) == ["b-three"]
    first = sagemaker.list_pipelines(MaxResults=2)
    assert names(NextToken=first["NextToken"]) == ["b-one"]


def test_a_pipeline_with_a_running_execution_is_not_deleted(
    aws: Callable[[str], Any], role: str
) -> None:
    sagemaker = aws("sagemaker")
    url = aws("sqs").create_queue(QueueName="work")["QueueUrl"]
    create(definition(step("Ask", "Callback", SqsQueueUrl=url)), role)
    arn = start()
    with pytest.raises(ClientError, match=f"ConflictException.*{arn}"):
        sagemaker.delete_pipeline(PipelineName="desk")
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=message(url)["token"])
    finished(arn)
    sagemaker.delete_pipeline(PipelineName="desk")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)


@pytest.mark.parametrize("operation", ["describe", "update", "delete"])
def test_a_pipeline_that_is_not_there(
    aws: Callable[[str], Any], operation: str
) -> None:
    with pytest.raises(ClientError, match="pipeline/none' does not exist") as caught:
        getattr(aws("sagemaker"), f"{operation}_pipeline")(PipelineName="none")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "Expecting start of Json Object"),
        ('{"Version": "2020-12-01", "Steps": {}}', "Expecting start of Json Array"),
        ('{"Version": "2021-12-01", "Steps": []}', "Version '2021-12-01' is not"),
        ('{"Version": "2020-12-01", "Steps": []}', "at least one step"),
        ('{"Version": "2020-12-01", "Colour": 1, "Steps": []}', "'Colour' is not a"),
        (definition(step("A b", "Fail")), "'A b' is not the name of a step"),
        (definition(step("A", "Dance")), "Unknown step type 'Dance'"),
        (definition(step("A", "Fail", Colour=1)), "'Colour' is not a member of step"),
        (definition(fail("A", "1"), fail("A", "2")), "'A' is twice"),
        (definition(fail("A", get("Parameters.No"))), "'Parameters.No' in step 'A'"),
        (definition(fail("A", get("Execution.No"))), "'Execution.No' in step 'A'"),
        (definition(fail("A", get("Steps.No.Outcome"))), "step 'No', which does not"),
        (
            definition(check("B", 1, 1), fail("A", get("Steps.B.Colour"))),
            "Invalid property reference 'Steps.B.Colour'",
        ),
        (definition(fail("A", "1", DependsOn=["No"])), "'No', which does not exist"),
        (
            definition(fail("A", ""), check("B", 1, 1, DependsOn=["A"])),
            "B can not depends on A",
        ),
        (
            definition(
                check("A", get("Steps.B.Outcome"), True),
                check("B", 1, 1, DependsOn=["A"]),
            ),
            "Cycle detected",
        ),
        (definition(check("A", 1, 1, kind="Resembles")), "Unknown condition"),
        (definition(check("A", 1, None)), "has no RightValue"),
        (definition(step("A", "Condition", {"Conditions": []})), "no Conditions"),
        (definition(step("A", "Callback")), "no SqsQueueUrl"),
        (
            definition(fail("A", "", RetryPolicies=[{"ExceptionType": ["x"]}])),
            "not supported for step 'A'",
        ),
        (
            definition(fail("A", "", CacheConfig={"Enabled": True})),
            "not supported for step 'A'",
        ),
        (
            definition(step("A", "Training", {"Colour": 1})),
            "'Arguments.Colour' is not a member of CreateTrainingJobRequest",
        ),
        (
            definition(step("A", "Training", {"InputDataConfig": get("Parameters.X")})),
            "Parameters.X",
        ),
        (
            definition(step("A", "Training", {"RoleArn": get("Parameters.X")}), X=1),
            r"Cannot assign property reference \[Parameters.X\] to argument of type "
            "String",
        ),
        (
            definition(
                step("A", "Training", {"ResourceConfig": {"InstanceCount": "1"}})
            ),
            "'Arguments.ResourceConfig.InstanceCount' is not of type integer",
        ),
        (
            definition(
                step(
                    "A",
                    "Training",
                    {"AlgorithmSpecification": {"TrainingInputMode": "Fast"}},
                )
            ),
            "failed to satisfy enum value set",
        ),
        (
            definition(
                step(
                    "A",
                    "Training",
                    RetryPolicies=[
                        {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 21}
                    ],
                )
            ),
            "MaxAttempts of step 'A' is 21",
        ),
        (
            definition(
                step("A", "Training", CacheConfig={"Enabled": True, "ExpireAfter": "x"})
            ),
            "not an ISO 8601 duration",
        ),
        (
            definition(
                step("A", "Processing"),
                check(
                    "B",
                    {
                        "Std:JsonGet": {
                            "PropertyFile": get("Steps.A.PropertyFiles.Report"),
                            "Path": "a",
                        }
                    },
                    1,
                ),
            ),
            "'Report' is undefined in step 'A'",
        ),
    ],
)
def test_a_definition_that_cannot_run_is_rejected(
    role: str, text: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        create(text, role)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not boto3.client("sagemaker").list_pipelines()["PipelineSummaries"]


def test_a_step_may_name_the_condition_that_holds_it(role: str) -> None:
    create(definition(check("A", 1, 1, [check("B", 1, 1, DependsOn=["A"])])), role)
    assert finished(start())["PipelineExecutionStatus"] == "Succeeded"


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ({"Name": "X", "Type": "Date"}, "'Date' is not one of"),
        ({"Name": "X y", "Type": "String"}, "'X y' is not the name"),
        (
            {"Name": "X", "Type": "Integer", "DefaultValue": "1"},
            "Expected Integer but found '1'",
        ),
        (
            {"Name": "X", "Type": "Integer", "DefaultValue": True},
            "Expected Integer but found True",
        ),
        (
            {"Name": "X", "Type": "String", "DefaultValue": "b", "EnumValues": ["a"]},
            "enum value set",
        ),
    ],
)
def test_a_parameter_that_cannot_be_is_rejected(
    role: str, parameter: dict[str, Any], message: str
) -> None:
    document = json.loads(NOTHING) | {"Parameters": [parameter]}
    assert message in refused(json.dumps(document), role)["Message"]


@pytest.mark.parametrize("kind", ["EMR", "QualityCheck", "ForEach"])
def test_a_step_that_does_not_act_is_refused_by_name(role: str, kind: str) -> None:
    error = refused(definition(step("Later", kind)), role)
    assert error["Code"] == "NotImplementedInLocalEndpoint"
    assert f"{kind} step 'Later'" in error["Message"]


def test_mlflow_is_refused(role: str) -> None:
    text = json.loads(NOTHING) | {"MlflowConfig": {"MlflowExperimentName": "x"}}
    assert "MlflowConfig" in refused(json.dumps(text), role)["Message"]
    create(NOTHING, role)
    with pytest.raises(ClientError, match="MlflowExperimentName"):
        start(members={"MlflowExperimentName": "x"})


def test_what_a_training_step_gives_is_checked(role: str, bucket: str) -> None:
    train = training("Train", "print()", role)
    good = "Steps.Train.ModelArtifacts.S3ModelArtifacts"
    create(definition(train, fail("End", get(good))), role)
    for bad in ("ModelArtifacts.Colour", "Colour", "ModelArtifacts[", ""):
        text = definition(train, fail("End", get(f"Steps.Train.{bad}")))
        with pytest.raises(ClientError, match="Invalid property reference"):
            create(text, role, name="other")
