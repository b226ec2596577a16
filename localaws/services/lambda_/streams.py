"""Streams as the source of a function's events: shards read in order, in batches."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.lambda_ import destinations, environments, invocations
from localaws.services.lambda_.errors import invalid
from localaws.services.lambda_.invocations import Call, Outcome
from localaws.services.lambda_.names import split
from localaws.services.lambda_.queues import Members, Polled, passes, reported
from localaws.services.lambda_.state import state_of

# seconds between two tries of a batch that fails
_WAITS = (1, 2, 4, 8, 16, 32, 60)
_EMPTY: Members = {"tries": 0, "due": 0.0, "size": None}


@dataclass(frozen=True)
class Entry:
    """One record of a shard.

    Attributes:
        sequence: Its place; it grows.
        arrived: When it came.
        shown: What the function is given of it, but for what all have.
        tested: What filters are held against.
    """

    sequence: int
    arrived: dt.datetime
    shown: Members
    tested: Members


class Streams:
    """A kind of stream: each shard is read in order, and a batch that fails waits."""

    title: str
    # the name of what a batch that is given up tells of itself
    info: str
    positions: tuple[str, ...]
    defaults: ClassVar[Members] = {
        "BatchSize": 100,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "ParallelizationFactor": 1,
    }

    def check(
        self, context: Context, mapping: Members, given: Members, timeout: int
    ) -> None:
        """Refuse a stream that is not there, and a target that takes no batches."""
        if mapping["ParallelizationFactor"] != 1:
            raise NotImplementedHere(
                "lambda:CreateEventSourceMapping ParallelizationFactor",
                "runs several batches of a shard at once",
            )
        if given.get("ScalingConfig"):
            raise invalid("Unsupported parameter for given event source: ScalingConfig")
        target = _target(mapping)
        if target and target.split(":")[2] not in ("sqs", "sns"):
            raise invalid(f"{target} is neither a queue nor a topic.")
        if self.shards(context, mapping["EventSourceArn"]) is None:
            raise invalid(f"Stream not found: {mapping['EventSourceArn']}")

    def shards(self, context: Context, arn: str) -> list[str] | None:
        """Return the ids of a stream's shards; None if there is no such stream."""
        raise NotImplementedError

    def start(self, context: Context, arn: str, asked: Members) -> dict[str, int]:
        """Return the sequence number after which each shard is read."""
        raise NotImplementedError

    def read(
        self, context: Context, arn: str, shard: str, after: int, size: int
    ) -> list[Entry]:
        """Return the next records of a shard."""
        raise NotImplementedError

    def count(
        self, context: Context, arn: str, shard: str, after: int, size: int
    ) -> None:
        """Measure a read, if this kind has metrics of it."""

    def problem(self, error: ClientError) -> str:
        """Say why the stream cannot be read."""
        return str(error)

    def begin(self, context: Context, mapping: Members, given: Members) -> None:
        """Say where each shard is read from."""
        where = given.get("StartingPosition")
        if where not in self.positions:
            raise invalid(
                f"1 validation error detected: Value {where or 'null'} at "
                "'startingPosition' failed to satisfy constraint: Member must be one "
                f"of {', '.join(self.positions)}."
            )
        mapping["StartingPosition"] = where
        asked = {"Type": where}
        if where == "AT_TIMESTAMP":
            asked["Timestamp"] = given.get("StartingPositionTimestamp")
            mapping["StartingPositionTimestamp"] = asked["Timestamp"]
        state = state_of(context)
        places = self.start(context, mapping["EventSourceArn"], asked)
        for shard, after in places.items():
            place = {**_EMPTY, "after": after}
            state.save("position", _key(mapping, shard), place)

    def look(self, context: Context, mapping: Members) -> Polled:
        """Return how many records wait, and when a failed batch is tried again."""
        now, waiting, later = context.clock.now().timestamp(), 0, []
        for _, place, records in self._shards(context, mapping):
            if records and place["due"] > now:
                later.append(dt.datetime.fromtimestamp(place["due"], dt.UTC))
            elif records:
                again = place["tries"] or place["size"]
                waiting = max(waiting, mapping["BatchSize"] if again else len(records))
        return waiting, min(later, default=None)

    def _shards(
        self, context: Context, mapping: Members
    ) -> list[tuple[str, Members, list[Entry]]]:
        """Return each shard with its place and what would be read there."""
        state, arn, found = state_of(context), mapping["EventSourceArn"], []
        for shard in self.shards(context, arn) or ():
            place = state.find("position", _key(mapping, shard))
            place = place or {**_EMPTY, "after": 0}
            size = place["size"] or mapping["BatchSize"]
            records = self.read(context, arn, shard, place["after"], size)
            found.append((shard, place, records))
        return found

    def batch(self, context: Context, mapping: Members) -> None:
        """Give the function one batch of each shard that has records."""
        now = context.clock.now().timestamp()
        for shard, place, records in self._shards(context, mapping):
            if records and place["due"] <= now:
                self._shard(context, mapping, shard, place, records)

    def _shard(
        self,
        context: Context,
        mapping: Members,
        shard: str,
        place: Members,
        read: list[Entry],
    ) -> None:
        state, size = state_of(context), place["size"] or mapping["BatchSize"]
        self.count(context, mapping["EventSourceArn"], shard, place["after"], size)
        records = [one for one in read if passes(mapping, one.tested)]
        outcome, done = self._given(context, mapping, records) if records else (None, 0)
        if environments.of(context).closed:
            return
        if done == len(records):
            place |= {**_EMPTY, "after": read[-1].sequence}
        elif done:
            place |= {**_EMPTY, "after": records[done - 1].sequence}
        if done < len(records):
            place["tries"] += 1
            self._failed(context, mapping, shard, place, records[done:], outcome)
        result = "OK" if done == len(records) else "PROBLEM: Function call failed"
        with state.lock:
            held = state.find("mapping", mapping["UUID"])
            if held:
                held["LastProcessingResult"] = result
                state.save("mapping", held["UUID"], held)
                state.save("position", _key(mapping, shard), place)

    def _failed(
        self,
        context: Context,
        mapping: Members,
        shard: str,
        place: Members,
        records: list[Entry],
        outcome: Outcome | None,
    ) -> None:
        """Split what failed, try it again later, or give it up."""
        now = context.clock.now()
        tries, oldest = place["tries"], records[0].arrived
        if mapping["BisectBatchOnFunctionError"] and len(records) > 1:
            place |= {"size": (len(records) + 1) // 2, "tries": tries - 1}
            return
        most = mapping["MaximumRetryAttempts"]
        age = mapping["MaximumRecordAgeInSeconds"]
        old = 0 <= age < (now - oldest).total_seconds()
        if not old and not 0 <= most < tries:
            wait = _WAITS[min(tries, len(_WAITS)) - 1]
            place["due"] = now.timestamp() + wait
            return
        condition = "RecordAgeExceeded" if old else "RetryAttemptsExhausted"
        target = _target(mapping)
        if target:
            name, _ = split(mapping["FunctionArn"])
            record = _record(
                context, mapping, shard, records, condition, tries, outcome
            )
            record[self.info] = record.pop("info")
            destinations.send(context, name, target, record, False)
        place |= {**_EMPTY, "after": records[-1].sequence}

    def _given(
        self, context: Context, mapping: Members, records: list[Entry]
    ) -> tuple[Outcome | None, int]:
        """Run the function; return what came of it and how many records are done."""
        state = state_of(context)
        name, qualifier = split(mapping["FunctionArn"])
        number, now = state.ticket("request"), context.clock.now()
        more = {
            "awsRegion": context.aws.region,
            "eventSourceARN": mapping["EventSourceArn"],
        }
        try:
            function = state.function(name)
            if self.title == "kinesis":
                role = state.configuration(function, qualifier)["Role"]
                more["invokeIdentityArn"] = role
            shown = [{**one.shown, **more} for one in records]
            event = json.dumps({"Records": shown}).encode()
            call = Call(function, qualifier, event, number, now)
            age = (now - records[-1].arrived).total_seconds() * 1000
            invocations.measure(context, call, {"IteratorAge": (age, "Milliseconds")})
            outcome = invocations.run(context, call)
        except AwsError:
            return None, 0
        if outcome.failed:
            return outcome, 0
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", ()):
            return outcome, len(records)
        every = [str(one.sequence) for one in records]
        failed = reported(outcome.payload, set(every))
        first = min((every.index(one) for one in failed), default=len(records))
        return outcome, first


def _key(mapping: Members, shard: str) -> str:
    return f"{mapping['UUID']} {shard}"


def _target(mapping: Members) -> str | None:
    config = mapping.get("DestinationConfig") or {}
    return config.get("OnFailure", {}).get("Destination")


def _record(
    context: Context,
    mapping: Members,
    shard: str,
    records: Sequence[Entry],
    condition: str,
    tries: int,
    outcome: Outcome | None,
) -> Members:
    """Return what the target of a batch that is given up gets."""
    record: Members = {
        "requestContext": {
            "requestId": state_of(context).ticket("request"),
            "functionArn": mapping["FunctionArn"],
            "condition": condition,
            "approximateInvokeCount": tries,
        },
        "version": "1.0",
        "timestamp": _stamp(context.clock.now()),
        "info": {
            "shardId": shard,
            "startSequenceNumber": str(records[0].sequence),
            "endSequenceNumber": str(records[-1].sequence),
            "approximateArrivalOfFirstRecord": _stamp(records[0].arrived),
            "approximateArrivalOfLastRecord": _stamp(records[-1].arrived),
            "batchSize": len(records),
            "streamArn": mapping["EventSourceArn"],
        },
    }
    if outcome:
        record["responseContext"] = {
            "statusCode": 200,
            "executedVersion": outcome.version,
            "functionError": "Unhandled",
        }
    return record


def _stamp(when: dt.datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"
