"""The kinds of event sources that are polled for functions."""

from typing import Protocol

from botocore.exceptions import ClientError

from localaws.services.context import Context
from localaws.services.lambda_ import dynamodb_source, kinesis_source, queues
from localaws.services.lambda_.queues import Members, Polled


class Source(Protocol):
    """What a kind of source is polled with."""

    title: str
    defaults: Members

    def check(
        self, context: Context, mapping: Members, given: Members, timeout: int
    ) -> None:
        """Refuse a mapping that this kind cannot have."""

    def problem(self, error: ClientError) -> str:
        """Say why the source cannot be read."""

    def begin(self, context: Context, mapping: Members, given: Members) -> None:
        """Say where a new mapping begins to read."""

    def look(self, context: Context, mapping: Members) -> Polled:
        """Return how much waits, and when there may be more."""

    def batch(self, context: Context, mapping: Members) -> None:
        """Give one batch to the function."""


SOURCES: dict[str, Source] = {
    "sqs": queues.Queues(),
    "kinesis": kinesis_source.KinesisStreams(),
    "dynamodb": dynamodb_source.TableStreams(),
}
