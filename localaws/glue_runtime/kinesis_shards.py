"""The shards of an Amazon Kinesis data stream, read from one position to the next.

A position is what Spark keeps in its checkpoint, as JSON: where reading began, and of
each shard the last sequence number that was read.
"""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

Members = dict[str, Any]
Position = dict[str, Any]
# a shard gives no more than five reads a second
_PACE = 0.2


@dataclass(frozen=True)
class Reading:
    """How a stream is read.

    Attributes:
        stream: StreamARN or StreamName, as Kinesis takes it.
        per_shard: Records of a shard and batch; one read may exceed it.
        per_read: Records of one read.
        seconds: For the reads of a shard and batch.
        idle: Seconds between two reads of a shard.
        tries: Of one request.
    """

    stream: dict[str, str]
    per_shard: int = 100_000
    per_read: int = 10_000
    seconds: float = 1.0
    idle: float = 0.0
    tries: int = 4


@dataclass
class Batch:
    """What was read.

    Attributes:
        position: Where it ends.
        records: As GetRecords gives them.
    """

    position: Position
    records: list[Members] = field(default_factory=list)


class Shards:
    """Reads the shards of a stream, a parent before its children.

    Args:
        reading: What, and how.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        config = Config(retries={"total_max_attempts": reading.tries})
        self._kinesis = boto3.client("kinesis", config=config)

    def read(self, since: Position) -> Batch:
        """Return what is new after a position."""
        places = dict(since["shards"])
        batch = Batch({"begin": since["begin"], "shards": places})
        listed = self._listed()
        for name, parents in listed.items():
            place = places.setdefault(name, {"after": "", "ended": False})
            waits = any(p in listed and not places[p]["ended"] for p in parents)
            if not waits and not place["ended"]:
                found, ended = self._follow(name, place, since["begin"])
                after = found[-1]["SequenceNumber"] if found else place["after"]
                places[name] = {"after": after, "ended": ended}
                batch.records += found
        return batch

    def between(self, start: Position | None, end: Position) -> list[Members]:
        """Return again what lies between two positions."""
        before = start["shards"] if start else {}
        found: list[Members] = []
        for name, place in end["shards"].items():
            since = before.get(name, {"after": ""})
            if place["after"] != since["after"]:
                last = int(place["after"])
                for one in self._records(name, since, end["begin"]):
                    if int(one["SequenceNumber"]) > last:
                        break
                    found.append(one)
        return found

    def _listed(self) -> dict[str, list[str]]:
        """Return the parents of each shard."""
        pages = self._kinesis.get_paginator("list_shards").paginate(
            **self._reading.stream
        )
        names = ("ParentShardId", "AdjacentParentShardId")
        return {
            shard["ShardId"]: [shard[name] for name in names if name in shard]
            for page in pages
            for shard in page["Shards"]
        }

    def _token(self, shard: str, place: Members, begin: Members) -> str:
        if place["after"]:
            where = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": place["after"],
            }
        elif "at" in begin:
            at = dt.datetime.fromtimestamp(int(begin["at"]), dt.UTC)
            where = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": at}
        else:
            where = {"ShardIteratorType": "TRIM_HORIZON"}
        answer = self._kinesis.get_shard_iterator(
            **self._reading.stream, ShardId=shard, **where
        )
        token: str = answer["ShardIterator"]
        return token

    def _reads(
        self, shard: str, place: Members, begin: Members
    ) -> Iterator[tuple[list[Members], bool, bool]]:
        """Yield the records of each read, whether it was at the tip, and the end."""
        token = self._token(shard, place, begin)
        while True:
            answer = self._kinesis.get_records(
                ShardIterator=token, Limit=self._reading.per_read, **self._arn()
            )
            found = [
                one
                for one in answer["Records"]
                if one["ApproximateArrivalTimestamp"].timestamp() >= begin.get("at", 0)
            ]
            token = answer.get("NextShardIterator")
            yield found, not answer["MillisBehindLatest"], not token
            if not token or not answer["MillisBehindLatest"]:
                return
            time.sleep(max(_PACE, self._reading.idle))

    def _arn(self) -> dict[str, str]:
        return {k: v for k, v in self._reading.stream.items() if k == "StreamARN"}

    def _follow(
        self, shard: str, place: Members, begin: Members
    ) -> tuple[list[Members], bool]:
        """Return what is new in a shard, and whether nothing follows."""
        found: list[Members] = []
        until, ended = time.monotonic() + self._reading.seconds, False
        for records, _, ended in self._reads(shard, place, begin):
            found += records
            late = time.monotonic() > until
            if not ended and (late or len(found) >= self._reading.per_shard):
                break
        return found, ended

    def _records(self, shard: str, place: Members, begin: Members) -> Iterator[Members]:
        for records, _, _ in self._reads(shard, place, begin):
            yield from records
