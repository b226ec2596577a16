"""Shards of an Amazon Kinesis data stream: ranges of hash keys, and their records."""

import datetime as dt
import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localaws.limits import limit

HASH_KEYS = 2**128
_SECOND = dt.timedelta(seconds=1)
_LAST = 2**63 - 1


@dataclass
class Shard:
    """What is known of a shard.

    Attributes:
        number: The n of its id, from 0.
        start: Its first hash key.
        end: Its last hash key.
        created: When it was opened.
        parents: Numbers of the shard that was split, or of the two that were merged.
        closed: When it was split or merged itself.
    """

    number: int
    start: int
    end: int
    created: dt.datetime
    parents: list[int]
    closed: dt.datetime | None = None

    @property
    def id(self) -> str:
        """Its name."""
        return shard_id(self.number)

    def sequence(self, index: int, when: dt.datetime) -> int:
        """Return a number as AWS's are made: start of the shard, index, time, shard."""
        created, seconds = int(self.created.timestamp()), int(when.timestamp())
        low = self.number & 15
        return int(
            f"2{created:09x}{low:x}{index:016x}00{seconds:09x}{self.number:08x}2", 16
        )

    def shown(self) -> dict[str, Any]:
        """Return the shard as ListShards does."""
        numbers = {"StartingSequenceNumber": str(self.sequence(0, self.created))}
        if self.closed:
            numbers["EndingSequenceNumber"] = str(self.sequence(_LAST, self.closed))
        names = ("ParentShardId", "AdjacentParentShardId")
        parents = map(shard_id, self.parents)
        return {
            "ShardId": self.id,
            **dict(zip(names, parents, strict=False)),
            "HashKeyRange": self._range(),
            "SequenceNumberRange": numbers,
        }

    def shown_to_readers(self) -> dict[str, Any]:
        """Return the shard as those who have read its parents see it."""
        return {
            "ShardId": self.id,
            "ParentShards": [*map(shard_id, self.parents)],
            "HashKeyRange": self._range(),
        }

    def _range(self) -> dict[str, str]:
        return {"StartingHashKey": str(self.start), "EndingHashKey": str(self.end)}


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        sequence: Its sequence number.
        key: Partition key.
        data: The data blob in base64, as it was sent.
        size: Bytes of the blob and of the key.
        arrived: When it came.
    """

    sequence: int
    key: str
    data: str
    size: int
    arrived: dt.datetime

    def row(self) -> list[Any]:
        """Return the record as JSON values and times."""
        return [self.sequence, self.key, self.data, self.size, self.arrived]

    def shown(self) -> dict[str, Any]:
        """Return the record as GetRecords does."""
        return {
            "SequenceNumber": str(self.sequence),
            "ApproximateArrivalTimestamp": self.arrived,
            "Data": self.data,
            "PartitionKey": self.key,
        }


class Window:
    """What happened within the last second.

    Args:
        counts: How many may happen in a second.
        size: How many bytes may pass in a second.
    """

    def __init__(self, counts: float, size: float) -> None:
        self._counts = counts
        self._size = size
        self._taken: deque[tuple[dt.datetime, int]] = deque()
        self._sum = 0

    def admits(self, now: dt.datetime, size: int = 0) -> bool:
        """Whether one more fits at a time, of a size that is known or not."""
        while self._taken and self._taken[0][0] <= now - _SECOND:
            self._sum -= self._taken.popleft()[1]
        fits = self._sum + size <= self._size if size else self._sum < self._size
        return len(self._taken) < self._counts and fits

    def used(self, now: dt.datetime) -> float:
        """Return which part of the throughput was used up in the last second."""
        recent = [size for when, size in self._taken if when > now - _SECOND]
        return max(len(recent) / self._counts, sum(recent) / self._size)

    def copy(self) -> "Window":
        """Return another that knows the same."""
        other = Window(self._counts, self._size)
        other._taken, other._sum = self._taken.copy(), self._sum
        return other

    def take(self, now: dt.datetime, size: int) -> None:
        """Count one more, of some bytes; a large one fills the seconds to come."""
        later = dt.timedelta(seconds=max(0.0, size / self._size - 1))
        self._taken.append((now + later, size))
        self._sum += size


class Log:
    """The records of one shard that have not expired, oldest first."""

    def __init__(self) -> None:
        self.records: deque[Record] = deque()
        self.writes = Window(
            limit("kinesis", "shard_write_records"),
            limit("kinesis", "shard_write_bytes"),
        )
        self.reads = Window(
            limit("kinesis", "shard_reads"), limit("kinesis", "shard_read_bytes")
        )
        self.count = 0

    def append(self, record: Record) -> None:
        """Add a record, unless it is there already."""
        if self.records and record.sequence <= self.records[-1].sequence:
            return
        self.count += 1
        self.records.append(record)
        self.writes.take(record.arrived, record.size)

    def trial(self) -> "Log":
        """Return an empty log that takes as many records as this one would."""
        other = Log()
        other.writes, other.count = self.writes.copy(), self.count
        return other

    def after(self, sequence: int) -> Iterator[Record]:
        """Yield the records that follow a sequence number."""
        return (record for record in self.records if record.sequence > sequence)

    def trim(self, horizon: dt.datetime) -> None:
        """Drop what came before a time."""
        while self.records and self.records[0].arrived <= horizon:
            self.records.popleft()


def shard_id(number: int) -> str:
    """Return the id of a shard."""
    return f"shardId-{number:012d}"


def even_ranges(count: int) -> list[tuple[int, int]]:
    """Return the ranges of hash keys of some equal shards."""
    bounds = [HASH_KEYS * number // count for number in range(count + 1)]
    return [(a, b - 1) for a, b in itertools.pairwise(bounds)]
