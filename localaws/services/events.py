"""Amazon EventBridge: targets that act, and the events of this endpoint."""

import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import NotImplementedHere
from localaws.loopback import Loopback
from localaws.services import deliveries
from localaws.services.context import Context
from localaws.services.lambda_.work import work_of

_TARGETS = ("sqs", "logs", "lambda", "sns")
log = logging.getLogger(__name__)


def check_targets(request: Mapping[str, Any]) -> None:
    """Refuse a target to which no event would come."""
    for target in request["Targets"]:
        service = target["Arn"].split(":")[2]
        if service not in _TARGETS:
            raise NotImplementedHere(
                f"events:PutTargets {target['Arn']}", f"sends the events to {service}"
            )


def listen(context: Context) -> None:
    """Publish what rules and buckets send to topics, once the change is made."""

    def hear(arn: str, principal: str, source: str, event: str) -> None:
        if not context.journal.silent:
            work_of(context).submit(arn, lambda: _publish(context, arn, event))

    deliveries.listen("sns", hear)


def _publish(context: Context, arn: str, event: str) -> None:
    try:
        context.aws.client("sns").publish(TopicArn=arn, Message=event)
    except ClientError as error:
        log.warning("%s: %s", arn, error)


class Bus:
    """Sends events to the default bus, in order, beside the request that made them.

    Args:
        aws: Where to send.
    """

    def __init__(self, aws: Loopback) -> None:
        self._aws = aws
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="events")

    def put(
        self, source: str, kind: str, detail: Mapping[str, Any], *resources: str
    ) -> None:
        """Send one event.

        Args:
            source: Such as `aws.sagemaker`.
            kind: Such as `SageMaker Training Job State Change`.
            detail: What JSON can hold.
            resources: ARNs.
        """
        entry = {
            "Source": source,
            "DetailType": kind,
            "Detail": json.dumps(detail),
            "Resources": list(resources),
        }
        self._pool.submit(self._send, entry)

    def close(self) -> None:
        """Drop what has not been sent."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, entry: dict[str, Any]) -> None:
        try:
            self._aws.client("events").put_events(Entries=[entry])
        except Exception:
            log.exception("event %s", entry["DetailType"])


CHECKS = {("events", "PutTargets"): check_targets}
