"""Amazon Kinesis Data Streams: on-demand streams get the shards that they need."""

import datetime as dt
import math

from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.kinesis_resharding import fit
from localaws.services.kinesis_stream import Stream
from localaws.services.kinesis_streams import Streams


class Scaling:
    """Which on-demand streams are to grow.

    Args:
        context: Unused; a part of it.
    """

    def __init__(self, context: Context) -> None:
        self.wanted: dict[str, tuple[dt.datetime, int]] = {}


def observe(context: Context, stream: Stream) -> None:
    """Let an on-demand stream hold twice the peak of its writes, after a while."""
    if stream.mode != "ON_DEMAND":
        return
    streams, now = context.part(Streams), context.clock.now()
    used = [streams.log(stream, shard).writes.used(now) for shard in stream.open()]
    target = math.ceil(2 * sum(used))
    wanted = context.part(Scaling).wanted
    due = now + dt.timedelta(seconds=limit("kinesis", "on_demand_scaling_seconds"))
    due, known = wanted.get(stream.name, (due, len(stream.open())))
    if target > known:
        wanted[stream.name] = (due, target)


def tick(context: Context) -> dt.datetime | None:
    """Let the streams grow whose time has come; return when the next does."""
    streams, now = context.part(Streams), context.clock.now()
    wanted = context.part(Scaling).wanted
    with streams.lock:
        for name, (due, target) in list(wanted.items()):
            if now < due:
                continue
            del wanted[name]
            for stream in streams:
                if stream.name == name and stream.mode == "ON_DEMAND":
                    with streams.changing(stream, "UPDATING") as draft:
                        fit(draft, max(target, len(stream.open())))
        return min((due for due, _ in wanted.values()), default=None)
