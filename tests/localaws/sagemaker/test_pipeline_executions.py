"""Executions of pipelines: their order, failures and events."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker import registering
from tests.localaws.sagemaker.pipelining import (
    AUC,
    check,
    create,
    definition,
    fail,
    finished,
    get,
    join,
    message,
    run,
    start,
    statuses,
    step,
    steps,
    training,
)


def test_a_model_is_trained_and_judged(role: str, bucket: str) -> None:
    train = training("Train", "print('auc=0.75')", role, DisplayName="Fit")
    good = fail("Good", join("auc", AUC, get("Steps.Judge.Outcome")))
    judge = check("Judge", AUC, get("Parameters.Least"), [good], [], kind="GreaterThan")
    execution, found = run(definition(train, judge, Least=0.7), role)
    assert list(found) == ["Train", "Judge", "Good"]
    assert found["Train"]["StepStatus"] == "Succeeded"
    assert found["Train"]["StepDisplayName"] == "Fit"
    assert found["Train"]["AttemptCount"] == 1
    job = found["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    identifier = execution["PipelineExecutionArn"].rpartition("/")[2]
    assert job.startswith(f"pipelines-{identifier}-Train-")
    tags = boto3.client("sagemaker").list_tags(
        ResourceArn=found["Train"]["Metadata"]["TrainingJob"]["Arn"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "sagemaker:pipeline-execution-arn": execution["PipelineExecutionArn"],
        "sagemaker:pipeline-step-name": "Train",
    }
    assert found["Judge"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert found["Good"]["FailureReason"] == "auc 0.75 true"
    assert found["Good"]["Metadata"] == {"Fail": {"ErrorMessage": "auc 0.75 true"}}
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"] == "Step failure: One or multiple steps failed."
    for before, after in zip(found.values(), list(found.values())[1:], strict=False):
        assert before["StartTime"] <= before["EndTime"] <= after["StartTime"]


def test_the_execution_is_listed(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    create(definition(fail("End", "")), role)
    first = start(members={"PipelineExecutionDisplayName": "first"})
    assert "FailureReason" not in steps(first).get("End", {})
    second = start(members={"PipelineExecutionDescription": "again"})
    finished(first)
    finished(second)
    found = sagemaker.list_pipeline_executions(PipelineName="desk")
    one, two = found["PipelineExecutionSummaries"]
    assert (one["PipelineExecutionArn"], two["PipelineExecutionArn"]) == (second, first)
    assert two["PipelineExecutionDisplayName"] == "first"
    assert one["PipelineExecutionDescription"] == "again"
    assert one["PipelineExecutionDisplayName"].startswith("execution-")
    assert one["PipelineExecutionFailureReason"].startswith("Step failure")
    assert steps(second)["End"]["Metadata"]["Fail"] == {"ErrorMessage": ""}
    assert "FailureReason" not in steps(second)["End"]
    described = sagemaker.describe_pipeline(PipelineName="desk")
    assert described["LastRunTime"] == one["StartTime"]
    sagemaker.update_pipeline_execution(
        PipelineExecutionArn=first, PipelineExecutionDisplayName="best"
    )
    listed = sagemaker.list_pipeline_executions(
        PipelineName="desk", CreatedBefore=one["StartTime"]
    )["PipelineExecutionSummaries"]
    assert [e["PipelineExecutionDisplayName"] for e in listed] == ["best"]


def test_a_script_that_fails_fails_the_step(role: str, bucket: str) -> None:
    bad = training("Bad", "raise ValueError('too few rows')", role)
    after = check("After", 1, 1, DependsOn=["Bad"])
    beside = check("Beside", 1, 1)
    later = check("Later", 1, 1, DependsOn=["Beside"])
    execution, found = run(definition(bad, after, beside, later), role)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert statuses(found) == {
        "Bad": "Failed",
        "Beside": "Succeeded",
        "Later": "Succeeded",
    }
    reason = found["Bad"]["FailureReason"]
    assert reason.startswith("ClientError: AlgorithmError: ExecuteUserScriptError")
    assert "ValueError: too few rows" in reason


def test_a_job_that_is_not_accepted_fails_the_step(role: str, bucket: str) -> None:
    nobody = "arn:aws:iam::123456789012:role/nobody"
    train = training("Train", "print()", nobody)
    _, found = run(definition(train), role)
    assert found["Train"]["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateTrainingJob. Error Details: "
        f"Could not assume role {nobody}."
    )


def test_a_step_waits_for_the_failure_of_another(role: str, bucket: str) -> None:
    bad = training("Bad", "exit(1)", role)
    notify = check("Notify", 1, 1, DependsOn=[{"Step": "Bad", "Trigger": "Failed"}])
    calm = check("Calm", 1, 1, DependsOn=[{"Step": "Notify", "Trigger": "Failed"}])
    execution, found = run(definition(bad, notify, calm), role)
    assert statuses(found) == {"Bad": "Failed", "Notify": "Succeeded"}
    assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"


def test_branches_run_side_by_side_as_far_as_allowed(role: str, bucket: str) -> None:
    s3 = f"s3://{bucket}"
    meet = (
        "import boto3, time\n"
        "s3 = boto3.client('s3')\n"
        "s3.put_object(Bucket='on-time-desk', Key='met/{0}', Body=b'')\n"
        "for _ in range(100):\n"
        "    found = s3.list_objects_v2(Bucket='on-time-desk', Prefix='met/')\n"
        "    if found['KeyCount'] == 2: raise SystemExit\n"
        "    time.sleep(0.1)\n"
        "exit('nobody came')"
    )
    pair = [training(name, meet.format(name), role) for name in ("One", "Two")]
    execution, found = run(definition(*pair), role)
    assert execution["PipelineExecutionStatus"] == "Succeeded", (s3, found)

    quick = [training(name, "print()", role) for name in ("One", "Two", "Three")]
    create(definition(*quick), role, name="narrow")
    arn = start(
        "narrow", members={"ParallelismConfiguration": {"MaxParallelExecutionSteps": 1}}
    )
    assert finished(arn)["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 1}
    one, two, three = steps(arn).values()
    assert one["EndTime"] <= two["StartTime"] <= two["EndTime"] <= three["StartTime"]


def test_every_change_is_an_event(aws: Callable[[str], Any], role: str) -> None:
    url = aws("sqs").create_queue(QueueName="heard")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    rule = {"source": ["aws.sagemaker"]}
    aws("events").put_rule(Name="all", EventPattern=json.dumps(rule))
    target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
    aws("events").put_targets(Rule="all", Targets=[target])
    create(definition(check("If", 1, 1), fail("End", "bad", DependsOn=["If"])), role)
    execution = start()
    finished(execution)
    heard = [message(url) for _ in range(6)]
    assert {event["detail"]["pipelineExecutionArn"] for event in heard} == {execution}
    kinds = "SageMaker Model Building Pipeline Execution"
    assert [
        event["detail"]["currentPipelineExecutionStatus"]
        for event in heard
        if event["detail-type"] == f"{kinds} Status Change"
    ] == ["Executing", "Failed"]
    changes = [
        tuple(event["detail"][n] for n in ("stepName", "stepType", "currentStepStatus"))
        for event in heard
        if event["detail-type"] == f"{kinds} Step Status Change"
    ]
    assert changes == [
        ("If", "Condition", "Executing"),
        ("If", "Condition", "Succeeded"),
        ("End", "Fail", "Executing"),
        ("End", "Fail", "Failed"),
    ]


def test_data_that_is_missing_fails_the_step(role: str, bucket: str) -> None:
    train = training("Train", "print()", role)
    source = train["Arguments"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = f"s3://{bucket}/none/"
    _, found = run(definition(train), role)
    assert found["Train"]["FailureReason"].startswith(
        "ClientError: ClientError: Data download failed"
    )


def test_a_token_starts_one_execution(role: str) -> None:
    create(definition(check("A", 1, 1)), role)
    token = {"ClientRequestToken": "t" * 32}
    arn = start(members=token)
    assert start(members=token) == arn
    assert start() != arn
    with pytest.raises(ClientError, match="ConflictException"):
        start(members=token | {"PipelineExecutionDisplayName": "other"})


@pytest.mark.parametrize(
    "operation",
    [
        "describe_pipeline_execution",
        "describe_pipeline_definition_for_execution",
        "list_pipeline_execution_steps",
        "list_pipeline_parameters_for_execution",
        "stop_pipeline_execution",
        "retry_pipeline_execution",
        "update_pipeline_execution",
    ],
)
def test_an_execution_that_is_not_there(
    aws: Callable[[str], Any], operation: str
) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/no/execution/abcdefghijkl"
    with pytest.raises(ClientError, match="does not exist") as caught:
        getattr(aws("sagemaker"), operation)(PipelineExecutionArn=arn)
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        aws("sagemaker").start_pipeline_execution(PipelineName="no")


def test_steps_are_listed_newest_first(role: str) -> None:
    chain = [check("A", 1, 1)]
    chain += [check("B", 1, 1, DependsOn=["A"]), check("C", 1, 1, DependsOn=["B"])]
    create(definition(*chain), role)
    arn = start()
    finished(arn)
    sagemaker = boto3.client("sagemaker")
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, PaginationConfig={"PageSize": 2}
    )
    names = [[s["StepName"] for s in p["PipelineExecutionSteps"]] for p in pages]
    assert names == [["C", "B"], ["A"]]
    with pytest.raises(ClientError, match="PipelineExecutionArn is required"):
        sagemaker.list_pipeline_execution_steps()


def test_a_model_step_makes_a_model(role: str, bucket: str) -> None:
    train = training(
        "Train", "open('/opt/ml/model/m', 'w').write('1')\nprint('auc=0.5')", role
    )
    arguments = {
        "ExecutionRoleArn": role,
        "PrimaryContainer": {
            "Image": train["Arguments"]["AlgorithmSpecification"]["TrainingImage"],
            "ModelDataUrl": get("Steps.Train.ModelArtifacts.S3ModelArtifacts"),
        },
    }
    model = step("Model", "Model", arguments)
    end = fail("End", get("Steps.Model.ModelName"))
    _, found = run(definition(train, model, end), role)
    assert found["Model"]["StepStatus"] == "Succeeded", found["Model"]
    name = found["Model"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    assert found["End"]["FailureReason"] == name
    made = boto3.client("sagemaker").describe_model(ModelName=name)
    assert made["PrimaryContainer"]["ModelDataUrl"].endswith("/output/model.tar.gz")


def test_a_register_step_makes_its_group(role: str, bucket: str) -> None:
    given = {"InferenceSpecification": registering.specification(bucket)}
    pair = [
        step(name, "RegisterModel", {**given, "ModelPackageGroupName": "delays"})
        for name in ("One", "Two")
    ]
    wrong = step("Bad", "RegisterModel", {**given, "ModelPackageGroupName": "no_name"})
    _, found = run(definition(*pair, wrong), role)
    arns = [found[n]["Metadata"]["RegisterModel"]["Arn"] for n in ("One", "Two")]
    assert sorted(arn.rpartition("/")[2] for arn in arns) == ["1", "2"]
    assert "regular expression pattern" in found["Bad"]["FailureReason"]
    listed = boto3.client("sagemaker").list_model_package_groups()
    (group,) = listed["ModelPackageGroupSummaryList"]
    assert group["ModelPackageGroupName"] == "delays"
