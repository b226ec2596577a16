"""Executions of pipelines that are stopped, and taken up again."""

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import ended
from tests.localaws.sagemaker.pipelining import (
    SLOW,
    check,
    create,
    definition,
    executing,
    finished,
    message,
    start,
    statuses,
    step,
    steps,
    training,
)
from tests.localaws.sagemaker.racing import WON, race


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
    sagemaker = boto3.client("sagemaker")
    url = boto3.client("sqs").create_queue(QueueName="work")["QueueUrl"]
    create(definition(step("Ask", "Callback", SqsQueueUrl=url)), role)
    arn = start()
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=message(url)["token"])
    assert finished(arn)["PipelineExecutionStatus"] == "Failed"
    outcomes = race(
        lambda: sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    )
    assert outcomes == ["ConflictException"] * 4 + [WON]
    sagemaker.send_pipeline_execution_step_success(CallbackToken=message(url)["token"])
    assert finished(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert list(steps(arn)) == ["Ask"]


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
