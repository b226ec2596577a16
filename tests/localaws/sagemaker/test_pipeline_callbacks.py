"""Callback steps: a token goes to a queue, and an answer comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.pipelining import (
    create,
    definition,
    fail,
    finished,
    get,
    message,
    start,
    step,
    steps,
)


@pytest.fixture
def url(aws: Callable[[str], Any]) -> str:
    """A queue."""
    return aws("sqs").create_queue(QueueName="work")["QueueUrl"]


def ask(url: str, **members: Any) -> dict[str, Any]:
    """Return a callback step with two outputs."""
    return step(
        "Ask",
        "Callback",
        {"input": get("Parameters.Where")},
        SqsQueueUrl=url,
        OutputParameters=[
            {"OutputName": "rows", "OutputType": "Integer"},
            {"OutputName": "place", "OutputType": "String"},
        ],
        **members,
    )


def asked(url: str, role: str) -> tuple[str, dict[str, Any]]:
    """Start a pipeline and return its execution and the message that it sends."""
    end = fail(
        "End",
        {
            "Std:Join": {
                "On": " ",
                "Values": [
                    get("Steps.Ask.OutputParameters['rows']"),
                    get("Steps.Ask.OutputParameters['place']"),
                ],
            }
        },
    )
    create(definition(ask(url), end, Where="s3://in"), role)
    arn = start()
    return arn, message(url)


def test_an_answer_lets_the_pipeline_go_on(
    aws: Callable[[str], Any], role: str, url: str
) -> None:
    sagemaker = aws("sagemaker")
    arn, said = asked(url, role)
    assert said["pipelineExecutionArn"] == arn
    assert (said["arguments"], said["status"]) == ({"input": "s3://in"}, "Executing")
    shown = steps(arn)["Ask"]
    assert shown["StepStatus"] == "Executing"
    assert shown["Metadata"]["Callback"] == {
        "CallbackToken": said["token"],
        "SqsQueueUrl": url,
    }
    outputs = [{"Name": "rows", "Value": "3"}, {"Name": "place", "Value": "s3://out"}]
    answer = {"CallbackToken": said["token"], "OutputParameters": outputs}
    for _ in range(2):
        sent = sagemaker.send_pipeline_execution_step_success(
            **answer, ClientRequestToken="c" * 32
        )
        assert sent["PipelineExecutionArn"] == arn
    finished(arn)
    found = steps(arn)
    assert found["Ask"]["StepStatus"] == "Succeeded"
    assert found["Ask"]["Metadata"]["Callback"]["OutputParameters"] == outputs
    assert found["End"]["FailureReason"] == "3 s3://out"
    with pytest.raises(ClientError, match=r"ConflictException.*does not wait"):
        sagemaker.send_pipeline_execution_step_success(**answer)


def test_a_failure_fails_the_step(
    aws: Callable[[str], Any], role: str, url: str
) -> None:
    arn, said = asked(url, role)
    aws("sagemaker").send_pipeline_execution_step_failure(
        CallbackToken=said["token"], FailureReason="no rows"
    )
    assert finished(arn)["PipelineExecutionStatus"] == "Failed"
    found = steps(arn)
    assert list(found) == ["Ask"]
    assert found["Ask"]["FailureReason"] == "no rows"


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ([{"Name": "colour", "Value": "red"}], "no output parameter 'colour'"),
        ([{"Name": "rows", "Value": "red"}], "'red', not of type Integer"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(
    aws: Callable[[str], Any],
    role: str,
    url: str,
    outputs: list[dict[str, str]],
    text: str,
) -> None:
    sagemaker = aws("sagemaker")
    arn, said = asked(url, role)
    with pytest.raises(ClientError, match=text):
        sagemaker.send_pipeline_execution_step_success(
            CallbackToken=said["token"], OutputParameters=outputs
        )
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.send_pipeline_execution_step_success(CallbackToken="0123456789")
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=said["token"])
    finished(arn)
    assert "FailureReason" not in steps(arn)["Ask"]


def test_a_stop_waits_for_the_answer(
    aws: Callable[[str], Any], role: str, url: str
) -> None:
    sagemaker = aws("sagemaker")
    arn, said = asked(url, role)
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    again = message(url)
    assert (again["token"], again["status"]) == (said["token"], "Stopping")
    assert steps(arn)["Ask"]["StepStatus"] == "Stopping"
    sagemaker.send_pipeline_execution_step_success(CallbackToken=said["token"])
    assert finished(arn)["PipelineExecutionStatus"] == "Stopped"
    assert steps(arn)["Ask"]["StepStatus"] == "Stopped"


def test_a_queue_that_is_not_there_fails_the_step(role: str, url: str) -> None:
    create(definition(ask(url[:-4] + "none"), Where="x"), role)
    arn = start()
    finished(arn)
    reason = steps(arn)["Ask"]["FailureReason"]
    assert reason.startswith("ClientError: Failed to invoke sqs:SendMessage.")


def test_a_callback_is_cached(aws: Callable[[str], Any], role: str, url: str) -> None:
    cached = {"Enabled": True, "ExpireAfter": "PT1H"}
    create(definition(ask(url, CacheConfig=cached), Where="x"), role)
    first = start()
    aws("sagemaker").send_pipeline_execution_step_success(
        CallbackToken=message(url)["token"],
        OutputParameters=[{"Name": "rows", "Value": "1"}],
    )
    finished(first)
    second = start()
    finished(second)
    found = steps(second)["Ask"]
    assert found["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert found["Metadata"] == steps(first)["Ask"]["Metadata"]
