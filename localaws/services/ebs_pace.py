"""How fast a volume of Amazon EBS is: a model of its limits and burst credits."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localaws.limits import limit, limits
from localaws.services.ec2_xml import baseline

_MIB, _TIB = 2**20, 1024
Members = dict[str, Any]


@dataclass(frozen=True)
class Pace:
    """What a volume lets through, in operations of one size.

    Attributes:
        base: Operations a second that it always lets through.
        burst: Operations a second while it has credits.
        capacity: Credits of a full bucket, in operations; 0 if it has none.
        bound: `iops` or `throughput`: what it is that limits.
    """

    base: float
    burst: float
    capacity: float
    bound: str


@dataclass(frozen=True)
class Span:
    """A part of a run, within one minute.

    Attributes:
        start: When it began.
        seconds: How long it took.
        operations: What was done in it.
        credits: Operations in the bucket at its end.
        limited: Whether the volume, not the caller, set the pace.
    """

    start: dt.datetime
    seconds: float
    operations: float
    credits: float
    limited: bool


def pace(volume: Members, size: int) -> Pace:
    """Return the pace of a volume.

    Args:
        volume: As DescribeVolumes shows it.
        size: Bytes of an operation.
    """
    kind, gibibytes = volume["VolumeType"], volume["Size"]
    known = limits("ebs_pace", "types")[kind]
    if "mib_per_tib" in known:
        least, most = known["mib_per_tib"]
        tebibytes = gibibytes / _TIB
        per = _MIB / size
        rate = min(most * tebibytes, known["throughput"]) * per
        base = min(least * tebibytes, known["throughput"]) * per
        return Pace(base, rate, tebibytes * _TIB * _TIB * per, "throughput")
    by_bytes = _throughput(volume, known) * _MIB / size
    if kind == "gp2":
        base = baseline(gibibytes)
        burst = max(base, limit("ebs_pace", "gp2_burst_iops"))
        full = limit("ebs_pace", "gp2_credits") if burst > base else 0
        if by_bytes < base:
            return Pace(by_bytes, by_bytes, 0, "throughput")
        bound = "iops" if burst <= by_bytes else "throughput"
        return Pace(base, min(burst, by_bytes), full, bound)
    iops = volume.get("Iops", known.get("iops", 0))
    bound = "iops" if iops <= by_bytes else "throughput"
    rate = min(iops, by_bytes)
    return Pace(rate, rate, 0, bound)


def _throughput(volume: Members, known: Members) -> float:
    return float(volume.get("Throughput") or known["throughput"])


def spans(
    found: Pace,
    operations: float,
    seconds: float,
    wanted: float,
    held: float,
    start: dt.datetime,
) -> Iterator[Span]:
    """Yield what a run does, minute by minute.

    Args:
        found: The volume's pace.
        operations: How many are to be done.
        seconds: How long it may take.
        wanted: Operations a second that the caller could drive.
        held: Operations in the bucket.
        start: When it begins.
    """
    now = start
    while operations > 1e-9 and seconds > 1e-9:
        bursting = found.capacity and held > 1e-9
        allowed = found.burst if bursting or not found.capacity else found.base
        rate = min(allowed, wanted)
        minute = 60 - now.second - now.microsecond / 1e6
        step = min(operations / rate, seconds, minute)
        if bursting and rate > found.base:
            step = min(step, held / (rate - found.base))
        step = max(step, 1e-6)
        done = min(operations, rate * step)
        if found.capacity:
            held = min(found.capacity, max(0.0, held + (found.base - rate) * step))
        yield Span(now, step, done, held, allowed < wanted)
        operations, seconds = operations - done, seconds - step
        now += dt.timedelta(seconds=step)
