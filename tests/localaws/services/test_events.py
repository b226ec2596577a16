"""EventBridge: patterns, targets, and the events that SageMaker sends."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import train as train
from tests.localaws.sagemaker.conftest import wait

Aws = Callable[[str], Any]


@pytest.fixture
def queue(aws: Aws) -> str:
    """URL of an empty queue."""
    return aws("sqs").create_queue(QueueName="desk")["QueueUrl"]


@pytest.fixture
def listen(aws: Aws, queue: str) -> Callable[..., None]:
    """Send what a pattern matches to the queue."""
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]

    def rule(**pattern: Any) -> None:
        aws("events").put_rule(Name="desk", EventPattern=json.dumps(pattern))
        aws("events").put_targets(Rule="desk", Targets=[{"Id": "q", "Arn": arn}])

    return rule


def heard(aws: Aws, queue: str, count: int) -> list[dict[str, Any]]:
    """Wait for that many messages of a queue and return their bodies."""
    found: list[dict[str, Any]] = []

    def look() -> dict[str, Any]:
        answer = aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        found.extend(json.loads(m["Body"]) for m in answer.get("Messages", ()))
        return {"enough": len(found) >= count}

    wait(look, "enough", False)
    return found


def test_an_event_that_matches_reaches_the_queue(
    aws: Aws, listen: Callable[..., None], queue: str
) -> None:
    listen(source=["desk"])
    entries = [
        {"Source": source, "DetailType": "Late", "Detail": '{"minutes": 61}'}
        for source in ("other", "desk")
    ]
    aws("events").put_events(Entries=entries)
    (event,) = heard(aws, queue, 1)
    assert (event["source"], event["detail"]) == ("desk", {"minutes": 61})


def test_every_state_of_a_training_job_is_an_event(
    aws: Aws,
    listen: Callable[..., None],
    queue: str,
    train: Callable[..., Any],
) -> None:
    listen(**{"detail-type": ["SageMaker Training Job State Change"]})
    train("print(1)")
    events = heard(aws, queue, 6)
    seen = {
        (e["detail"]["TrainingJobStatus"], e["detail"]["SecondaryStatus"])
        for e in events
    }
    assert {s for s, _ in seen} == {"InProgress", "Completed"}
    assert {"Downloading", "Training", "Uploading", "Completed"} <= {t for _, t in seen}
    assert events[-1]["source"] == "aws.sagemaker"
    assert events[-1]["detail"]["TrainingJobName"] == "job"
    assert events[-1]["resources"] == [events[-1]["detail"]["TrainingJobArn"]]


def test_what_does_not_act_is_refused(aws: Aws) -> None:
    events = aws("events")
    with pytest.raises(ClientError, match="ScheduleExpression L"):
        events.put_rule(Name="nightly", ScheduleExpression="cron(0 8 L * ? *)")
    events.put_rule(Name="desk", EventPattern='{"source": ["desk"]}')
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:f"
    with pytest.raises(ClientError, match="sends the events to states"):
        events.put_targets(Rule="desk", Targets=[{"Id": "f", "Arn": arn}])
    assert events.list_targets_by_rule(Rule="desk")["Targets"] == []
