"""Amazon Kinesis as the source of a function's events."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.kinesis_iterators import position
from localaws.services.kinesis_records import count_reads, read
from localaws.services.kinesis_streams import Streams
from localaws.services.lambda_ import destinations, environments, invocations
from localaws.services.lambda_.errors import invalid
from localaws.services.lambda_.invocations import Call, Outcome
from localaws.services.lambda_.names import split
from localaws.services.lambda_.queues import Members, Polled, reported
from localaws.services.lambda_.state import state_of

_POSITIONS = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")
# seconds between two tries of a batch that fails
_WAITS = (1, 2, 4, 8, 16, 32, 60)
_EMPTY: Members = {"tries": 0, "due": 0.0, "size": None}


class KinesisStreams:
    """Streams: each shard is read in order, and a batch that fails holds it up."""

    title = "kinesis"
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
        streams = context.part(Streams)
        try:
            with streams.lock:
                streams.readable({"StreamARN": mapping["EventSourceArn"]})
        except AwsError as error:
            raise invalid(f"Stream not found: {mapping['EventSourceArn']}") from error

    def problem(self, error: ClientError) -> str:
        """Say why the stream cannot be read."""
        return str(error)

    def begin(self, context: Context, mapping: Members, given: Members) -> None:
        """Say where each shard is read from."""
        where = given.get("StartingPosition")
        if where not in _POSITIONS:
            raise invalid(
                "1 validation error detected: Value null at 'startingPosition' failed "
                "to satisfy constraint: Member must not be null."
            )
        mapping["StartingPosition"] = where
        asked = {"Type": where}
        if where == "AT_TIMESTAMP":
            asked["Timestamp"] = given.get("StartingPositionTimestamp")
            mapping["StartingPositionTimestamp"] = asked["Timestamp"]
        state, streams = state_of(context), context.part(Streams)
        places = {}
        with streams.lock:
            stream = streams.readable({"StreamARN": mapping["EventSourceArn"]})
            for shard in stream.shards:
                log, now = streams.log(stream, shard), context.clock.now()
                after = position(stream, shard, log, asked, now, "GetShardIterator")
                places[_key(mapping, shard)] = {**_EMPTY, "after": after}
        for key, place in places.items():
            state.save("position", key, place)

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
    ) -> list[tuple[Any, Members, Any]]:
        """Return each shard with its place and what would be read there."""
        state, streams, found = state_of(context), context.part(Streams), []
        try:
            with streams.lock:
                stream = streams.readable({"StreamARN": mapping["EventSourceArn"]})
                shards = list(stream.shards)
        except AwsError:
            return []
        for shard in shards:
            # one lock at a time: positions are another's
            place = state.find("position", _key(mapping, shard))
            place = place or {**_EMPTY, "after": 0}
            size = place["size"] or mapping["BatchSize"]
            with streams.lock:
                batch = read(context, stream, shard, place["after"], size)
            found.append((shard, place, batch.records))
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
        shard: Any,
        place: Members,
        records: Any,
    ) -> None:
        state, streams = state_of(context), context.part(Streams)
        size = place["size"] or mapping["BatchSize"]
        with streams.lock:
            stream = streams.readable({"StreamARN": mapping["EventSourceArn"]})
            batch = read(context, stream, shard, place["after"], size)
        count_reads(context, stream, shard, batch)
        outcome, done = _given(context, mapping, shard, records)
        if environments.of(context).closed:
            return
        if done:
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
        shard: Any,
        place: Members,
        records: Any,
        outcome: Outcome | None,
    ) -> None:
        """Split what failed, try it again later, or give it up."""
        now = context.clock.now()
        tries, oldest = place["tries"], records[0].arrived
        if mapping["BisectBatchOnFunctionError"] and len(records) > 1:
            place |= {"size": (len(records) + 1) // 2, "tries": tries - 1}
            return
        most, age = (
            mapping["MaximumRetryAttempts"],
            mapping["MaximumRecordAgeInSeconds"],
        )
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
            destinations.send(context, name, target, record, False)
        place |= {**_EMPTY, "after": records[-1].sequence}


def _key(mapping: Members, shard: Any) -> str:
    return f"{mapping['UUID']} {shard.id}"


def _target(mapping: Members) -> str | None:
    config = mapping.get("DestinationConfig") or {}
    return config.get("OnFailure", {}).get("Destination")


def _given(
    context: Context, mapping: Members, shard: Any, records: Sequence[Any]
) -> tuple[Outcome | None, int]:
    """Run the function; return what came of it and how many records are done."""
    state = state_of(context)
    name, qualifier = split(mapping["FunctionArn"])
    number, now = state.ticket("request"), context.clock.now()
    try:
        function = state.function(name)
        role = state.configuration(function, qualifier)["Role"]
        shown = [_shown(context, mapping, shard, role, one) for one in records]
        event = json.dumps({"Records": shown}).encode()
        call = Call(function, qualifier, event, number, now)
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


def _shown(
    context: Context, mapping: Members, shard: Any, role: str, record: Any
) -> Members:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.key,
            "sequenceNumber": str(record.sequence),
            "data": record.data,
            "approximateArrivalTimestamp": record.arrived.timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard.id}:{record.sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": context.aws.region,
        "eventSourceARN": mapping["EventSourceArn"],
    }


def _record(
    context: Context,
    mapping: Members,
    shard: Any,
    records: Sequence[Any],
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
        "KinesisBatchInfo": {
            "shardId": shard.id,
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
