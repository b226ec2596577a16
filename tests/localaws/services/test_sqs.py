"""SQS: waiting for a message takes time on the endpoint's clock, not on yours."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from localaws.daemon import Connection


def test_waiting_moves_the_clock_on(
    endpoint: Connection, aws: Callable[[str], Any]
) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="desk")["QueueUrl"]
    before = dt.datetime.fromisoformat(endpoint.control("GET", "status")["now"])
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    assert "Messages" not in answer
    after = dt.datetime.fromisoformat(endpoint.control("GET", "status")["now"])
    assert dt.timedelta(seconds=20) <= after - before < dt.timedelta(seconds=25)


def test_a_message_comes_without_waiting_and_again_after_its_timeout(
    endpoint: Connection, aws: Callable[[str], Any]
) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="desk")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="late")
    for _ in range(2):
        (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
        assert message["Body"] == "late"
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        endpoint.control("POST", "clock", {"seconds": 31})
    sqs.receive_message(QueueUrl=url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    endpoint.control("POST", "clock", {"seconds": 31})
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
