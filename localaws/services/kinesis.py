"""Amazon Kinesis Data Streams: streams, shards, tags and consumers."""

from collections.abc import Callable
from typing import Any

from localaws.limits import limit
from localaws.services import kinesis_resharding as resharding
from localaws.services.context import Context
from localaws.services.json_operations import handlers
from localaws.services.kinesis_shards import Shard
from localaws.services.kinesis_stream import ACCOUNT, Stream, refused
from localaws.services.kinesis_streams import Streams

Members = dict[str, Any]
_METRICS = (
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
)
Answer = Callable[[Context, Members], Members | None]


def _locked(act: Callable[[Context, Streams, Members], Members | None]) -> Answer:
    def answer(context: Context, given: Members) -> Members | None:
        streams = context.part(Streams)
        with streams.lock:
            return act(context, streams, given)

    return answer


def _create(context: Context, streams: Streams, given: Members) -> None:
    mode = given.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    shards = given.get("ShardCount")
    if mode == "ON_DEMAND":
        if shards is not None:
            raise refused(
                "Validation",
                "ShardCount must not be specified for a stream in ON_DEMAND mode.",
            )
        shards = int(limit("kinesis", "on_demand_shards"))
    elif shards is None:
        raise refused(
            "Validation", "ShardCount is required for a stream in PROVISIONED mode."
        )
    streams.create(given["StreamName"], mode, shards, given.get("Tags", {}))


def _delete(context: Context, streams: Streams, given: Members) -> None:
    stream = streams.find(given)
    if stream.consumers and not given.get("EnforceConsumerDeletion"):
        raise refused(
            "ResourceInUse",
            f"Stream {stream.name} under account {ACCOUNT} has registered consumers; "
            "set EnforceConsumerDeletion to delete it.",
        )
    with streams.changing(stream, "DELETING") as draft:
        draft.consumers.clear()


def _describe(context: Context, streams: Streams, given: Members) -> Members:
    stream = streams.find(given)
    streams.await_change(stream)
    stream = streams.find(given)
    start = given.get("ExclusiveStartShardId", "")
    shards = [shard for shard in stream.shards if shard.id > start]
    page = shards[: given.get("Limit", 100)]
    return {
        "StreamDescription": {
            **_summary(context, stream),
            "Shards": [shard.shown() for shard in page],
            "HasMoreShards": len(page) < len(shards),
        }
    }


def _describe_summary(context: Context, streams: Streams, given: Members) -> Members:
    stream = streams.find(given)
    streams.await_change(stream)
    stream = streams.find(given)
    return {
        "StreamDescriptionSummary": {
            **_summary(context, stream),
            "OpenShardCount": len(stream.open()),
            "ConsumerCount": len(stream.consumers),
            "MaxRecordSizeInKiB": int(limit("kinesis", "record_bytes")) // 1024,
        }
    }


def _summary(context: Context, stream: Stream) -> Members:
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": stream.status(context.clock.now()),
        "StreamModeDetails": {"StreamMode": stream.mode},
        "RetentionPeriodHours": stream.hours,
        "StreamCreationTimestamp": stream.created,
        "EnhancedMonitoring": [{"ShardLevelMetrics": stream.enhanced}],
        "EncryptionType": "NONE",
    }


def _list(context: Context, streams: Streams, given: Members) -> Members:
    start = given.get("NextToken") or given.get("ExclusiveStartStreamName") or ""
    found = [stream for stream in streams if stream.name > start]
    page = found[: given.get("Limit", 100)]
    more = len(page) < len(found)
    return {
        "StreamNames": [stream.name for stream in page],
        "HasMoreStreams": more,
        "NextToken": page[-1].name if more else None,
        "StreamSummaries": [_summary(context, stream) for stream in page],
    }


def _list_shards(context: Context, streams: Streams, given: Members) -> Members:
    token = given.get("NextToken", "")
    name, _, start = token.partition("/")
    if token and (given.get("StreamName") or given.get("ExclusiveStartShardId")):
        raise refused(
            "InvalidArgument",
            "NextToken and StreamName or ExclusiveStartShardId cannot be provided "
            "together.",
        )
    stream = streams.find({"StreamName": name} if token else given)
    start = start or given.get("ExclusiveStartShardId", "")
    wanted = _filter(context, stream, given.get("ShardFilter"))
    found = [shard for shard in wanted if shard.id > start]
    page = found[: given.get("MaxResults", 1000)]
    more = len(page) < len(found)
    return {
        "Shards": [shard.shown() for shard in page],
        "NextToken": f"{stream.name}/{page[-1].id}" if more else None,
    }


def _filter(context: Context, stream: Stream, given: Members | None) -> list[Shard]:
    """Return the shards that a filter lets through."""
    kind = (given or {}).get("Type", "FROM_TRIM_HORIZON")
    if kind == "AFTER_SHARD_ID":
        return [s for s in stream.shards if s.id > (given or {}).get("ShardId", "")]
    if kind == "AT_LATEST":
        return [shard for shard in stream.shards if not shard.closed]
    moment = stream.horizon(context.clock.now()).timestamp()
    if kind.endswith("TIMESTAMP"):
        moment = max(moment, (given or {}).get("Timestamp", moment))
    found = [s for s in stream.shards if not s.closed or s.closed.timestamp() > moment]
    if kind.startswith("FROM"):
        return found
    oldest = min(shard.created.timestamp() for shard in stream.shards)
    return [s for s in found if s.created.timestamp() <= max(moment, oldest)]


def _split(context: Context, streams: Streams, given: Members) -> None:
    at = int(given["NewStartingHashKey"])
    with streams.changing(streams.active(given), "UPDATING") as draft:
        resharding.split(draft, given["ShardToSplit"], at)


def _merge(context: Context, streams: Streams, given: Members) -> None:
    pair = given["ShardToMerge"], given["AdjacentShardToMerge"]
    with streams.changing(streams.active(given), "UPDATING") as draft:
        resharding.merge(draft, *pair)


def _update_count(context: Context, streams: Streams, given: Members) -> Members:
    stream = streams.active(given)
    if stream.mode == "ON_DEMAND":
        raise refused(
            "Validation",
            f"Request is invalid. Stream {stream.name} under account {ACCOUNT} is in "
            "On-Demand mode.",
        )
    with streams.changing(stream, "UPDATING") as draft:
        resharding.scale(draft, given["TargetShardCount"])
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "CurrentShardCount": len(stream.open()),
        "TargetShardCount": given["TargetShardCount"],
    }


def _update_mode(context: Context, streams: Streams, given: Members) -> None:
    with streams.changing(streams.active(given), "UPDATING") as draft:
        draft.mode = given["StreamModeDetails"]["StreamMode"]


def _increase(context: Context, streams: Streams, given: Members) -> None:
    _retain(streams, given, longer=True)


def _decrease(context: Context, streams: Streams, given: Members) -> None:
    _retain(streams, given, longer=False)


def _retain(streams: Streams, given: Members, *, longer: bool) -> None:
    stream, hours = streams.active(given), given["RetentionPeriodHours"]
    least = int(limit("kinesis", "retention_least_hours"))
    most = int(limit("kinesis", "retention_most_hours"))
    asked = f"Requested retention period ({hours} hours)"
    if hours < least:
        raise refused(
            "InvalidArgument",
            f"Minimum allowed retention period is {least} hours. {asked} is too short.",
        )
    if hours > most:
        raise refused(
            "InvalidArgument",
            f"Maximum allowed retention period is {most} hours. {asked} is too long.",
        )
    if hours != stream.hours and (hours > stream.hours) != longer:
        wrong, right = ("shorter", "De") if longer else ("longer", "In")
        raise refused(
            "InvalidArgument",
            f"{asked} for stream {stream.name} can not be {wrong} than existing "
            f"retention period ({stream.hours} hours). Use {right}creaseRetention"
            "Period API.",
        )
    with streams.changing(stream, "UPDATING") as draft:
        draft.hours = hours


def _enable(context: Context, streams: Streams, given: Members) -> Members:
    return _monitor(streams, given, lambda kept, named: kept | named)


def _disable(context: Context, streams: Streams, given: Members) -> Members:
    return _monitor(streams, given, lambda kept, named: kept - named)


def _monitor(
    streams: Streams, given: Members, join: Callable[[set[str], set[str]], set[str]]
) -> Members:
    stream, named = streams.active(given), set(given["ShardLevelMetrics"])
    named = set(_METRICS) if "ALL" in named else named
    desired = sorted(join(set(stream.enhanced), named))
    with streams.changing(stream) as draft:
        draft.enhanced = desired
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "CurrentShardLevelMetrics": stream.enhanced,
        "DesiredShardLevelMetrics": desired,
    }


def _tag(context: Context, streams: Streams, given: Members) -> None:
    with streams.changing(streams.find(given)) as draft:
        draft.tags |= given["Tags"]


def _untag(context: Context, streams: Streams, given: Members) -> None:
    with streams.changing(streams.find(given)) as draft:
        for key in given["TagKeys"]:
            draft.tags.pop(key, None)


def _list_tags(context: Context, streams: Streams, given: Members) -> Members:
    tags = sorted(streams.find(given).tags.items())
    start = given.get("ExclusiveStartTagKey", "")
    found = [{"Key": key, "Value": value} for key, value in tags if key > start]
    page = found[: given.get("Limit", len(found))]
    return {"Tags": page, "HasMoreTags": len(page) < len(found)}


OPERATIONS = {
    "CreateStream": _create,
    "DeleteStream": _delete,
    "DescribeStream": _describe,
    "DescribeStreamSummary": _describe_summary,
    "ListStreams": _list,
    "ListShards": _list_shards,
    "SplitShard": _split,
    "MergeShards": _merge,
    "UpdateShardCount": _update_count,
    "UpdateStreamMode": _update_mode,
    "IncreaseStreamRetentionPeriod": _increase,
    "DecreaseStreamRetentionPeriod": _decrease,
    "EnableEnhancedMonitoring": _enable,
    "DisableEnhancedMonitoring": _disable,
    "AddTagsToStream": _tag,
    "RemoveTagsFromStream": _untag,
    "ListTagsForStream": _list_tags,
}
HANDLERS = handlers("kinesis", {name: _locked(act) for name, act in OPERATIONS.items()})
