"""What Amazon Kinesis data streams cost, by their capacity mode."""

import math
from collections.abc import Iterable

from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.kinesis_stream import Stream

_PAYLOAD, _KIBIBYTE = 25 * 2**10, 2**10


def stand(context: Context, stream: Stream) -> None:
    """Charge for a stream as it stands, until it changes or goes."""
    name = f"stream/{stream.name}"
    if stream.doing == "DELETING":
        rentals.end(context, name)
    elif stream.mode == "ON_DEMAND":
        rentals.rent(context, name, {"kinesis-stream": (None, 1)})
    else:
        rentals.rent(context, name, {"kinesis-shard": (None, len(stream.open()))})


def put(context: Context, stream: Stream, sizes: Iterable[int]) -> None:
    """Charge for records that were taken, each of so many bytes."""
    if stream.mode == "ON_DEMAND":
        kind, used = "kinesis-bytes-in", sum(_steps(s, _KIBIBYTE) for s in sizes)
        used *= _KIBIBYTE
    else:
        kind, used = "kinesis-put-units", sum(_steps(s, _PAYLOAD) for s in sizes)
    if used:
        context.meter.add(kind, used, resource=f"stream/{stream.name}")


def read(context: Context, stream: Stream, size: int) -> None:
    """Charge for bytes that were read, without enhanced fan-out."""
    if stream.mode == "ON_DEMAND" and size:
        name = f"stream/{stream.name}"
        context.meter.add("kinesis-bytes-out", size, resource=name)


def _steps(size: int, step: int) -> int:
    return max(1, math.ceil(size / step))
