"""Load on a volume of Amazon EBS: how long it takes, and what CloudWatch sees of it."""

import datetime as dt
import math
from collections import defaultdict
from typing import Any

from localaws.limits import limit, limits
from localaws.services.context import Context
from localaws.services.ebs_pace import Pace, Span, pace, spans
from localaws.services.records import Records
from localaws.services.ssm_fio import Fio, FioError

_BURST = "ebs-burst"
_MOST = 500
Members = dict[str, Any]


def drive(
    context: Context, volume: Members, run: Fio, start: dt.datetime
) -> tuple[int, float]:
    """Let a volume be read or written, in modelled time.

    Args:
        context: The endpoint.
        volume: As DescribeVolumes shows it.
        run: What is done.
        start: When it begins.

    Returns:
        How many operations it took, and how many seconds.
    """
    whole = volume["Size"] * 2**30
    if run.total is not None and run.total > whole:
        raise FioError(f"fio: file {run.device} exceeds {whole} bytes of the device")
    total = (run.total or whole) // run.size
    most = math.inf if run.endless else total
    seconds = run.seconds if run.seconds is not None else math.inf
    known = limits("ebs_pace", "types")[volume["VolumeType"]]
    # a larger operation is split on its way to the volume
    parts = math.ceil(run.size / known["operation_bytes"])
    size = run.size / parts
    found = pace(volume, int(size))
    held = _held(context, volume, found, size, start)
    wanted = run.depth * parts / limit("ebs_pace", f"latency_{known['disk']}")
    done = list(spans(found, most * parts, seconds, wanted, held, start))
    if not done:
        raise FioError("fio: nothing to do")
    took = sum(one.seconds for one in done)
    _settle(context, volume, done[-1], size)
    if context.clock.standing:
        context.clock.elapse(start, took)
    else:
        context.clock.advance(took)
    _publish(context, volume, run, found, done, size)
    return round(sum(one.operations for one in done) / parts), took


def _held(
    context: Context, volume: Members, found: Pace, size: float, now: dt.datetime
) -> float:
    """Return the credits of a volume, in operations, filled since they were used."""
    kept = context.part(Records).get(_BURST, volume["VolumeId"])
    if kept is None or kept["type"] != volume["VolumeType"]:
        return found.capacity
    held = kept["credits"] / (1 if volume["VolumeType"] == "gp2" else size)
    idle = max(0.0, (now - kept["at"]).total_seconds())
    return min(found.capacity, held + found.base * idle)


def _settle(context: Context, volume: Members, last: Span, size: float) -> None:
    unit = 1 if volume["VolumeType"] == "gp2" else size
    end = last.start + dt.timedelta(seconds=last.seconds)
    kept = {
        "type": volume["VolumeType"],
        "credits": last.credits * unit,
        "at": end,
    }
    context.part(Records).put(_BURST, volume["VolumeId"], kept)


def _publish(
    context: Context,
    volume: Members,
    run: Fio,
    found: Pace,
    done: list[Span],
    size: float,
) -> None:
    """Write the metrics of each minute to AWS/EBS."""
    minutes: dict[dt.datetime, list[Span]] = defaultdict(list)
    for one in done:
        minutes[one.start.replace(second=0, microsecond=0)].append(one)
    data: list[Members] = []
    for minute, within in minutes.items():
        for name, (value, unit) in _metrics(volume, run, found, within, size).items():
            data.append(
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": "VolumeId", "Value": volume["VolumeId"]}],
                    "Timestamp": minute,
                    "Value": value,
                    "Unit": unit,
                }
            )
    client = context.aws.client("cloudwatch")
    for begin in range(0, len(data), _MOST):
        client.put_metric_data(
            Namespace="AWS/EBS", MetricData=data[begin : begin + _MOST]
        )


def _metrics(
    volume: Members, run: Fio, found: Pace, within: list[Span], size: float
) -> dict[str, tuple[float, str]]:
    operations = sum(one.operations for one in within)
    busy = sum(one.seconds for one in within)
    word = run.direction.capitalize()
    limited = any(one.limited for one in within)
    values = {
        f"Volume{word}Ops": (operations, "Count"),
        f"Volume{word}Bytes": (operations * size, "Bytes"),
        f"VolumeTotal{word}Time": (run.depth * busy, "Seconds"),
        "VolumeIdleTime": (max(0.0, 60 - busy), "Seconds"),
        "VolumeQueueLength": (run.depth * busy / 60, "Count"),
        "VolumeIOPSExceededCheck": (float(limited and found.bound == "iops"), "None"),
        "VolumeThroughputExceededCheck": (
            float(limited and found.bound == "throughput"),
            "None",
        ),
    }
    if found.capacity:
        share = 100 * within[-1].credits / found.capacity
        values["BurstBalance"] = (share, "Percent")
    if volume["VolumeType"] in ("io1", "io2"):
        rate = operations / busy
        share = 100 * min(1.0, rate / found.base)
        values["VolumeThroughputPercentage"] = (share, "Percent")
        values["VolumeConsumedReadWriteOps"] = (operations, "Count")
    return values
