"""Splits and merges of the shards of an Amazon Kinesis data stream."""

import datetime as dt

from localaws.limits import limit
from localaws.services.kinesis_shards import Shard, even_ranges
from localaws.services.kinesis_stream import ACCOUNT, Stream, refused

_DAY = dt.timedelta(days=1)


def split(stream: Stream, shard_id: str, at: int) -> None:
    """Close a shard and open two.

    Args:
        stream: The stream.
        shard_id: The shard to split.
        at: First hash key of the second child.
    """
    shard = _open(stream, shard_id)
    if not shard.start + 1 < at < shard.end:
        raise refused(
            "InvalidArgument",
            f"NewStartingHashKey {at} used in SplitShard() on shard {shard.id} in "
            f"stream {stream.name} under account {ACCOUNT} is not both greater than "
            f"one plus the shard's StartingHashKey {shard.start} and less than the "
            f"shard's EndingHashKey {shard.end}.",
        )
    _split(stream, shard, at)


def merge(stream: Stream, first: str, second: str) -> None:
    """Close two adjacent shards and open one; ids in either order."""
    pair = [_open(stream, first), _open(stream, second)]
    low, high = sorted(pair, key=lambda shard: shard.start)
    if low.end + 1 != high.start:
        raise refused(
            "InvalidArgument",
            f"Shards {first} and {second} in stream {stream.name} under account "
            f"{ACCOUNT} are not an adjacent pair of shards eligible for merging",
        )
    _merge(stream, pair)


def scale(stream: Stream, target: int) -> None:
    """Bring a stream to a number of equal shards, within AWS's limits."""
    now = stream.changed
    stream.scaled = [time for time in stream.scaled if time > now - _DAY]
    count = len(stream.open())
    found = f"Current open shard count: {count}, Target shard count: {target}"
    if target > count * 2:
        raise refused(
            "LimitExceeded",
            "UpdateShardCount cannot scale up over double your current open shard "
            f"count. {found}",
        )
    if target < count / 2:
        raise refused(
            "LimitExceeded",
            "UpdateShardCount cannot scale down below half your current open shard "
            f"count. {found}",
        )
    if len(stream.scaled) >= limit("kinesis", "reshardings"):
        raise refused(
            "LimitExceeded",
            f"UpdateShardCount was called {len(stream.scaled)} times in the last 24 "
            f"hours on stream {stream.name} under account {ACCOUNT}.",
        )
    stream.scaled.append(now)
    fit(stream, target)


def fit(stream: Stream, target: int) -> None:
    """Split and merge until the open shards are a number of equal ranges.

    As on AWS, short-lived shards come about on the way.
    """
    for start, end in even_ranges(target):
        for bound in (start, end + 1):
            for shard in stream.open():
                if shard.start < bound <= shard.end:
                    _split(stream, shard, bound)
        while len(inside := _within(stream, start, end)) > 1:
            _merge(stream, inside[:2])


def _within(stream: Stream, start: int, end: int) -> list[Shard]:
    return [s for s in stream.open() if start <= s.start and s.end <= end]


def _open(stream: Stream, shard_id: str) -> Shard:
    for shard in stream.shards:
        if shard.id == shard_id and shard.closed:
            raise refused(
                "InvalidArgument",
                f"Shard {shard_id} in stream {stream.name} under account {ACCOUNT} has "
                "already been merged or split, and thus is not eligible for merging "
                "or splitting.",
            )
        if shard.id == shard_id:
            return shard
    raise refused(
        "ResourceNotFound",
        f"Could not find shard {shard_id} in stream {stream.name} under account "
        f"{ACCOUNT}.",
    )


def _next(stream: Stream) -> int:
    return max(shard.number for shard in stream.shards) + 1


def _split(stream: Stream, shard: Shard, at: int) -> None:
    number, now = _next(stream), stream.changed
    shard.closed = now
    parents = [shard.number]
    stream.shards += [
        Shard(number, shard.start, at - 1, now, parents),
        Shard(number + 1, at, shard.end, now, parents),
    ]


def _merge(stream: Stream, pair: list[Shard]) -> None:
    for shard in pair:
        shard.closed = stream.changed
    start, end = min(s.start for s in pair), max(s.end for s in pair)
    parents = [shard.number for shard in pair]
    stream.shards.append(Shard(_next(stream), start, end, stream.changed, parents))
