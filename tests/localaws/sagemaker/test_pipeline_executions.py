"""Executions of pipelines: order, values, failures, stop and retry."""

import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import ended, wait
from tests.localaws.sagemaker.pipelining import (
    check,
    create,
    decide,
    definition,
    fail,
    finished,
    get,
    message,
    run,
    start,
    step,
    steps,
    training,
)

AUC = {"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}
SLOW = "import time\nprint('auc=0.5', flush=True)\ntime.sleep(60)"


def join(*values: Any, on: str = " ") -> dict[str, Any]:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def statuses(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: one["StepStatus"] for name, one in found.items()}


def executing(arn: str, name: str) -> dict[str, Any]:
    """Wait until a step's job trains, and return the job."""
    sagemaker = boto3.client("sagemaker")
    found = wait(lambda: {"Metadata": {}} | steps(arn).get(name, {}), "Metadata", {})[
        "Metadata"
    ]["TrainingJob"]["Arn"]
    job = found.rpartition("/")[2]
    return wait(
        lambda: sagemaker.describe_training_job(TrainingJobName=job),
        "SecondaryStatus",
        "Starting",
        "Downloading",
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


def test_expressions_have_their_values(role: str) -> None:
    text = join(
        get("Parameters.Name"),
        get("Parameters.Depth"),
        get("Parameters.Rate"),
        get("Parameters.Deep"),
        get("Execution.PipelineName"),
        get("Execution.StartDateTime"),
        get("Execution.PipelineExecutionId"),
        on="|",
    )
    execution, found = run(
        definition(fail("End", text), Name="x", Depth=int, Rate=0.5, Deep=True),
        role,
        Depth="3",
        Deep="False",
    )
    arn = execution["PipelineExecutionArn"]
    said = found["End"]["FailureReason"].split("|")
    assert said[:5] == ["x", "3", "0.5", "false", "desk"]
    assert said[5].startswith("2026-01-05T08:") and said[5].endswith("Z")
    assert said[6] == arn.rpartition("/")[2]
    listed = boto3.client("sagemaker").list_pipeline_parameters_for_execution(
        PipelineExecutionArn=arn
    )["PipelineParameters"]
    assert {p["Name"]: p["Value"] for p in listed} == {
        "Name": "x",
        "Depth": "3",
        "Rate": "0.5",
        "Deep": "false",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Parameter 'Depth' is undefined."),
        ({"Depth": "three"}, "Expected Integer but found 'three'"),
        ({"Depth": "1", "Rate": "x"}, "Expected Float but found 'x'"),
        ({"Depth": "1", "Deep": "1"}, "Expected Boolean but found '1'"),
        ({"Depth": "1", "Name": ""}, 'string "" is too short'),
        ({"Depth": "1", "Colour": "red"}, "Unknown parameter 'Colour'."),
    ],
)
def test_a_parameter_that_is_missing_or_wrong(
    role: str, given: dict[str, str], message: str
) -> None:
    create(definition(fail("A", ""), Name="x", Depth=int, Rate=0.5, Deep=True), role)
    with pytest.raises(ClientError, match=message) as caught:
        start(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    listed = boto3.client("sagemaker").list_pipeline_executions(PipelineName="desk")
    assert not listed["PipelineExecutionSummaries"]


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"Type": "Equals", "LeftValue": get("Parameters.N"), "RightValue": 2}, True),
        ({"Type": "GreaterThan", "LeftValue": 2, "RightValue": 2.0}, False),
        ({"Type": "GreaterThanOrEqualTo", "LeftValue": 2, "RightValue": 2.0}, True),
        ({"Type": "LessThan", "LeftValue": "a", "RightValue": "b"}, True),
        ({"Type": "LessThanOrEqualTo", "LeftValue": 3, "RightValue": 2}, False),
        ({"Type": "In", "QueryValue": 2, "Values": [1, get("Parameters.N")]}, True),
        (
            {
                "Type": "Not",
                "Condition": {"Type": "Equals", "LeftValue": 1, "RightValue": 1},
            },
            False,
        ),
        (
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                    {"Type": "Equals", "LeftValue": True, "RightValue": True},
                ],
            },
            True,
        ),
    ],
)
def test_conditions(role: str, condition: dict[str, Any], outcome: bool) -> None:
    _, found = run(
        definition(
            decide("If", [condition], [check("Yes", 1, 1)], [check("No", 1, 1)]), N=2
        ),
        role,
    )
    assert list(found) == ["If", "Yes" if outcome else "No"]


def test_values_of_different_types_do_not_compare(role: str) -> None:
    execution, found = run(definition(check("If", "2", 1, kind="GreaterThan")), role)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "cannot compare '2' with 1" in found["If"]["FailureReason"]


def test_a_metric_that_is_not_there_fails_the_step_that_asks(
    role: str, bucket: str
) -> None:
    train = training("Train", "print('nothing')", role)
    _, found = run(definition(train, check("Judge", AUC, 1)), role)
    assert statuses(found) == {"Train": "Succeeded", "Judge": "Failed"}
    assert "is undefined" in found["Judge"]["FailureReason"]


def test_json_is_read_from_s3(role: str, bucket: str) -> None:
    s3 = boto3.client("s3")
    report = {"metrics": {"auc": [{"name": "x", "value": 0.8}], "a.b": 1}}
    s3.put_object(Bucket=bucket, Key="r.json", Body=json.dumps(report).encode())
    s3.put_object(Bucket=bucket, Key="bad.json", Body=b"{")

    def read(path: str, key: str = "r.json") -> dict[str, Any]:
        uri = join("s3:/", bucket, key, on="/")
        return {"Std:JsonGet": {"S3Uri": uri, "Path": path}}

    _, found = run(
        definition(
            fail("End", join(read("metrics.auc[0].value"), read("metrics['a.b']")))
        ),
        role,
    )
    assert found["End"]["FailureReason"] == "0.8 1"
    for number, (read_, reason) in enumerate(
        [
            (read("metrics.f1"), "Invalid json path 'metrics.f1'"),
            (read("a", "none.json"), "Received an error while reading file s3://"),
            (read("a", "bad.json"), "not in valid JSON format"),
        ]
    ):
        create(definition(check("If", read_, 1)), role, name=f"bad-{number}")
        arn = start(f"bad-{number}")
        finished(arn)
        assert reason in steps(arn)["If"]["FailureReason"]


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


def test_stop_ends_the_running_steps(role: str, bucket: str) -> None:
    sagemaker = boto3.client("sagemaker")
    slow = training("Slow", SLOW, role)
    create(definition(slow, check("After", 1, 1, DependsOn=["Slow"])), role)
    arn = start()
    job = executing(arn, "Slow")["TrainingJobName"]
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=arn, ClientRequestToken="s" * 32
    )
    execution = finished(arn)
    assert execution["PipelineExecutionStatus"] == "Stopped"
    assert ended(job)["TrainingJobStatus"] == "Stopped"
    assert statuses(steps(arn)) == {"Slow": "Stopped"}
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=arn, ClientRequestToken="s" * 32
    )
    with pytest.raises(ClientError, match=r"ConflictException.*is Stopped"):
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)


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


def test_stop_at_once_begins_nothing_more(role: str, bucket: str) -> None:
    sagemaker = boto3.client("sagemaker")
    slow = [training(name, SLOW, role) for name in ("One", "Two")]
    slow[1]["DependsOn"] = ["One"]
    create(definition(*slow), role)
    arn = start()
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert finished(arn)["PipelineExecutionStatus"] == "Stopped"
    assert set(statuses(steps(arn)).values()) <= {"Stopped"}
    assert "Two" not in steps(arn)
    again = sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert again["PipelineExecutionArn"] == arn
    executing(arn, "One")
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert finished(arn)["PipelineExecutionStatus"] == "Stopped"


def test_a_reset_ends_an_execution(
    endpoint: Connection, role: str, bucket: str
) -> None:
    sagemaker = boto3.client("sagemaker")
    create(definition(training("Slow", SLOW, role)), role)
    executing(start(), "Slow")
    endpoint.control("POST", "reset")
    assert endpoint.control("GET", "status")["jobs"] == 0
    assert not sagemaker.list_pipelines()["PipelineSummaries"]


def test_one_of_several_retries_wins(role: str) -> None:
    create(definition(fail("End", "")), role)
    arn = start()
    finished(arn)
    outcomes: list[str] = []

    def retry() -> None:
        client = boto3.session.Session().client("sagemaker")
        try:
            client.retry_pipeline_execution(PipelineExecutionArn=arn)
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=retry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finished(arn)
    assert set(outcomes) <= {"won", "ConflictException"}
    assert list(steps(arn)) == ["End"]


def test_data_that_is_missing_fails_the_step(role: str, bucket: str) -> None:
    train = training("Train", "print()", role)
    source = train["Arguments"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = f"s3://{bucket}/none/"
    _, found = run(definition(train), role)
    assert found["Train"]["FailureReason"].startswith(
        "ClientError: ClientError: Data download failed"
    )


def test_retry_runs_only_what_did_not_succeed(role: str, bucket: str) -> None:
    sagemaker = boto3.client("sagemaker")
    first = training("First", "print('auc=0.5')", role)
    picky = (
        "import boto3\n"
        "boto3.client('s3').get_object(Bucket='on-time-desk', Key='ready')"
    )
    second = training("Second", picky, role, DependsOn=["First"])
    last = check("Last", 1, 1, DependsOn=["Second"])
    create(definition(first, second, last), role)
    arn = start()
    assert finished(arn)["PipelineExecutionStatus"] == "Failed"
    before = steps(arn)
    assert statuses(before) == {"First": "Succeeded", "Second": "Failed"}
    boto3.client("s3").put_object(Bucket=bucket, Key="ready", Body=b"")
    again = sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert again["PipelineExecutionArn"] == arn
    execution = finished(arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in execution
    after = steps(arn)
    assert after["First"] == before["First"]
    assert after["Second"]["Metadata"] != before["Second"]["Metadata"]
    assert list(after) == ["First", "Second", "Last"]
    with pytest.raises(ClientError, match=r"ConflictException.*is Succeeded"):
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)


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
