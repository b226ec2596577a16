"""Amazon Data Firehose: streams and what waits in their buffers.

moto's are not used: they write each request to Amazon S3 at once.
"""

import copy
import datetime as dt
import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.kinesis_shards import Window

ACCOUNT = "123456789012"
# Each record is billed in such steps, in bytes.
_STEP = 5 * 2**10
_STREAM, _GONE = "firehose-stream", "firehose-gone"
_WAITING, _DONE = "firehose-waiting", "firehose-done"
Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One record that waits for its delivery.

    Attributes:
        number: Its place in the stream, from 1.
        data: The data blob in base64.
        size: Bytes of the blob.
        arrived: When it came.
    """

    number: int
    data: str
    size: int
    arrived: dt.datetime


@dataclass
class Buffer:
    """What waits in one stream.

    Attributes:
        items: The records, oldest first.
        size: Bytes of them all.
        last: Number of the last record.
        positions: Of each shard of its source, the sequence number that was read.
        again: When a delivery that failed is tried again.
        attempts: How many deliveries have failed.
        delivering: Held by the one delivery that is under way.
        requests: What was put directly in the last second.
    """

    items: deque[Item] = field(default_factory=deque)
    size: int = 0
    last: int = 0
    positions: dict[str, int] = field(default_factory=dict)
    again: dt.datetime | None = None
    attempts: int = 0
    delivering: threading.Lock = field(default_factory=threading.Lock)
    requests: Window = field(
        default_factory=lambda: Window(
            limit("firehose", "put_requests"), limit("firehose", "put_bytes")
        )
    )

    def add(self, item: Item) -> None:
        """Take a record, unless it is here already."""
        if item.number > self.last:
            self.items.append(item)
            self.size += item.size
            self.last = item.number

    def drop(self, number: int) -> None:
        """Forget records up to a number: they have been delivered."""
        while self.items and self.items[0].number <= number:
            self.size -= self.items.popleft().size
        self.again, self.attempts = None, 0


class Hoses:
    """Every Firehose stream of the account.

    Args:
        context: Where clock and journal are.

    Attributes:
        lock: Held while streams and buffers are read or changed.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[str, Members] = {}
        self._buffers: dict[str, Buffer] = {}
        self.lock = threading.RLock()

    def __iter__(self) -> Iterator[Members]:
        return iter([self._found[name] for name in sorted(self._found)])

    def find(self, name: str) -> Members:
        """Return a stream's document."""
        if name not in self._found:
            raise AwsError(
                "ResourceNotFoundException",
                f"Firehose {name} under account {ACCOUNT} not found.",
            )
        return self._found[name]

    def knows(self, name: str) -> bool:
        """Whether there is a stream of a name."""
        return name in self._found

    def arn(self, name: str) -> str:
        """Return the ARN that a stream of a name has."""
        region = self._context.aws.region
        return f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/{name}"

    def keep(self, document: Members) -> None:
        """Take a new or changed document."""
        with self.lock:
            self._context.journal.record(_STREAM, document)
            self.restore_stream(document)

    def remove(self, name: str) -> None:
        """Forget a stream and what waits in it."""
        with self.lock:
            self.find(name)
            self._context.journal.record(_GONE, {"name": name})
            self.restore_gone({"name": name})

    def buffer(self, name: str) -> Buffer:
        """Return what waits in a stream."""
        return self._buffers.setdefault(name, Buffer())

    def wait(
        self,
        name: str,
        blobs: Sequence[tuple[str, int, dt.datetime]],
        positions: dict[str, int],
    ) -> None:
        """Append records to a buffer.

        Args:
            name: Of the stream.
            blobs: Data in base64, size and arrival of each.
            positions: What was read of the source's shards; empty if it has none.
        """
        with self.lock:
            last = self.buffer(name).last
            rows = [[last + place, *row] for place, row in enumerate(blobs, 1)]
            payload = {"name": name, "rows": rows, "positions": positions}
            self._context.journal.record(_WAITING, payload)
            self.restore_waiting(payload)
            self._charge(name, [size for _, size, _ in blobs])

    def _charge(self, name: str, sizes: list[int]) -> None:
        billed = sum(max(1, math.ceil(size / _STEP)) for size in sizes) * _STEP
        if billed:
            meter, resource = self._context.meter, f"deliverystream/{name}"
            meter.add("firehose-bytes", billed, resource=resource)
            config = self.find(name)["S3"]
            conversion = config.get("DataFormatConversionConfiguration")
            if conversion and conversion.get("Enabled", True):
                meter.add("firehose-converted", billed, resource=resource)

    def done(self, name: str, number: int) -> None:
        """Forget the records up to a number: they have been delivered."""
        with self.lock:
            if name in self._found:
                payload = {"name": name, "number": number}
                self._context.journal.record(_DONE, payload)
                self.restore_done(payload)

    def restore_stream(self, payload: Members) -> None:
        """Take a document as it was written down."""
        self._found[payload["DeliveryStreamName"]] = copy.deepcopy(payload)

    def restore_gone(self, payload: Members) -> None:
        """Forget a stream."""
        self._found.pop(payload["name"], None)
        self._buffers.pop(payload["name"], None)

    def restore_waiting(self, payload: Members) -> None:
        """Take records as they were written down."""
        buffer = self.buffer(payload["name"])
        for row in payload["rows"]:
            buffer.add(Item(*row))
        buffer.positions |= payload["positions"]

    def restore_done(self, payload: Members) -> None:
        """Forget records that were delivered."""
        self.buffer(payload["name"]).drop(payload["number"])


RESTORERS = {
    _STREAM: lambda context, payload, body: context.part(Hoses).restore_stream(payload),
    _GONE: lambda context, payload, body: context.part(Hoses).restore_gone(payload),
    _WAITING: lambda context, payload, body: context.part(Hoses).restore_waiting(
        payload
    ),
    _DONE: lambda context, payload, body: context.part(Hoses).restore_done(payload),
}
