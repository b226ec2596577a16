"""Amazon SQS as the source of a function's events."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.services import deliveries
from localaws.services.context import Context
from localaws.services.lambda_ import environments, invocations
from localaws.services.lambda_.errors import invalid
from localaws.services.lambda_.invocations import Call
from localaws.services.lambda_.names import split
from localaws.services.lambda_.state import state_of

Members = dict[str, Any]
# how many records wait, and when there may be more
Polled = tuple[int, dt.datetime | None]
_AT_ONCE = 10


class Queues:
    """Queues: what a function has done is deleted, what it has failed comes again."""

    title = "SQS"
    defaults: ClassVar[Members] = {"BatchSize": 10}

    def check(
        self, context: Context, mapping: Members, given: Members, timeout: int
    ) -> None:
        """Refuse a queue that is not there, or that shows messages again too soon."""
        for member in ("StartingPosition", "StartingPositionTimestamp"):
            if given.get(member):
                raise invalid(f"{member} is not valid for SQS event sources.")
        for member in (
            "ParallelizationFactor",
            "BisectBatchOnFunctionError",
            "MaximumRetryAttempts",
            "MaximumRecordAgeInSeconds",
            "DestinationConfig",
        ):
            if given.get(member):
                raise invalid(f"Unsupported parameter for given event source: {member}")
        arn, window = (
            mapping["EventSourceArn"],
            mapping["MaximumBatchingWindowInSeconds"],
        )
        if arn.endswith(".fifo") and window:
            raise invalid("Batching window is not supported for FIFO queues")
        if mapping["BatchSize"] > _AT_ONCE and not window:
            raise invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum "
                "batch size is greater than 10"
            )
        found = context.aws.client("sqs").get_queue_attributes(
            QueueUrl=_url(context, arn), AttributeNames=["VisibilityTimeout"]
        )
        visible = int(found["Attributes"]["VisibilityTimeout"])
        if visible < timeout:
            raise invalid(
                f"Queue visibility timeout: {visible} seconds is less than Function "
                f"timeout: {timeout} seconds"
            )

    def problem(self, error: ClientError) -> str:
        """Say why the queue cannot be read."""
        found = error.response["Error"]
        return (
            f"Error occurred while ReceiveMessage. SQS Error Code: {found['Code']}. "
            f"SQS Error Message: {found['Message']}"
        )

    def begin(self, context: Context, mapping: Members, given: Members) -> None:
        """A queue has no place to begin at."""

    def look(self, context: Context, mapping: Members) -> Polled:
        """Return how many messages can be received, and when more can be."""
        return deliveries.queue(mapping["EventSourceArn"])

    def batch(self, context: Context, mapping: Members) -> None:
        """Receive a batch, give it to the function, delete what went well."""
        url = _url(context, mapping["EventSourceArn"])
        messages = _receive(context, url, mapping["BatchSize"])
        records = [_record(context, mapping, one) for one in messages]
        wanted = [one for one in records if _passes(mapping, one)]
        _delete(context, url, [one for one in records if one not in wanted])
        if not wanted:
            return
        failed = _failed(context, mapping, wanted)
        if environments.of(context).closed:
            return
        good = [one for one in wanted if one["messageId"] not in failed]
        _delete(context, url, good)
        result = "OK" if not failed else "PROBLEM: Function call failed"
        state = state_of(context)
        with state.lock:
            held = state.find("mapping", mapping["UUID"])
            if held:
                state.save(
                    "mapping", held["UUID"], held | {"LastProcessingResult": result}
                )


def _url(context: Context, arn: str) -> str:
    _, _, _, _, account, name = arn.split(":")
    found = context.aws.client("sqs").get_queue_url(
        QueueName=name, QueueOwnerAWSAccountId=account
    )
    return found["QueueUrl"]


def _receive(context: Context, url: str, size: int) -> list[Members]:
    found: list[Members] = []
    while len(found) < size:
        answer = context.aws.client("sqs").receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(_AT_ONCE, size - len(found)),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            WaitTimeSeconds=0,
        )
        if not answer.get("Messages"):
            break
        found += answer["Messages"]
    return found


def _record(context: Context, mapping: Members, message: Members) -> Members:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _attribute(value)
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping["EventSourceArn"],
        "awsRegion": context.aws.region,
    }


def _attribute(value: Members) -> Members:
    shown: Members = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
    if "StringValue" in value:
        shown["stringValue"] = value["StringValue"]
    return shown


def _passes(mapping: Members, record: Members) -> bool:
    """Whether a message passes one of the mapping's filters; its body may be JSON."""
    try:
        body = json.loads(record["body"])
    except ValueError:
        body = record["body"]
    shown = {**record, "body": body}
    return passes(mapping, shown)


def passes(mapping: Members, shown: Members) -> bool:
    """Whether a record, as filters see it, passes one of the mapping's, if any."""
    filters = (mapping.get("FilterCriteria") or {}).get("Filters", ())
    return not filters or any(
        deliveries.matches(one["Pattern"], shown) for one in filters
    )


def _failed(context: Context, mapping: Members, records: Sequence[Members]) -> set[str]:
    """Run the function on a batch; return the ids of the messages that failed."""
    every = {one["messageId"] for one in records}
    state = state_of(context)
    name, qualifier = split(mapping["FunctionArn"])
    event = json.dumps({"Records": records}).encode()
    number, now = state.ticket("request"), context.clock.now()
    try:
        function = state.function(name)
        outcome = invocations.run(
            context, Call(function, qualifier, event, number, now)
        )
    except AwsError:
        return every
    if outcome.failed:
        return every
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", ()):
        return set()
    return reported(outcome.payload, every)


def reported(payload: bytes, every: set[str]) -> set[str]:
    """Return the items that a function says have failed; all, if it says it wrongly."""
    answer = json.loads(payload)
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if answer is None or answer == {} or failures in (None, []):
        return set()
    try:
        found = {one["itemIdentifier"] for one in failures}
    except (TypeError, KeyError):
        return every
    return found if found <= every else every


def _delete(context: Context, url: str, records: Sequence[Members]) -> None:
    for start in range(0, len(records), _AT_ONCE):
        entries = [
            {"Id": str(number), "ReceiptHandle": one["receiptHandle"]}
            for number, one in enumerate(records[start : start + _AT_ONCE])
        ]
        context.aws.client("sqs").delete_message_batch(QueueUrl=url, Entries=entries)
