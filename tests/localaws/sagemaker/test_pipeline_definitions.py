"""Definitions of pipelines that cannot run."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.pipelining import (
    NOTHING,
    check,
    create,
    definition,
    fail,
    finished,
    get,
    start,
    step,
    training,
)


def refused(text: str, role: str) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        create(text, role)
    assert not boto3.client("sagemaker").list_pipelines()["PipelineSummaries"]
    return caught.value.response["Error"]


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
