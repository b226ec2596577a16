"""fio, as far as it is known here: its options, and its report."""

import json
import shlex
from dataclasses import dataclass

from localaws.errors import NotImplementedHere

_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}
_DIRECTIONS = {
    "read": "read",
    "randread": "read",
    "write": "write",
    "randwrite": "write",
}
_IGNORED = ("direct", "ioengine", "group_reporting", "thread", "numjobs")
_KNOWN = ("filename", "name", "rw", "bs", "iodepth", "size", "runtime", "time_based")


class FioError(Exception):
    """fio ends with an error; the text is what it prints."""


@dataclass(frozen=True)
class Fio:
    """One run of fio.

    Attributes:
        device: What it reads or writes.
        name: Of the run.
        direction: `read` or `write`.
        size: Bytes of an operation.
        depth: Operations that it keeps under way.
        total: Bytes in all; None for the whole device.
        seconds: How long it runs; None until it is done.
        endless: Whether it begins again until the time is over.
        json: Whether it reports in JSON.
    """

    device: str
    name: str
    direction: str
    size: int
    depth: int
    total: int | None
    seconds: float | None
    endless: bool
    json: bool


def parse(command: str) -> Fio:
    """Read a command line.

    Raises:
        NotImplementedHere: It is not fio, or has an option that is not known here.
        FioError: An option is missing or wrong.
    """
    words = shlex.split(command)
    if words[:1] == ["sudo"]:
        words = words[1:]
    if words[:1] != ["fio"]:
        raise NotImplementedHere(
            f"ssm:SendCommand {command!r} (here only fio)", "runs it on the instance"
        )
    given: dict[str, str] = {}
    for word in words[1:]:
        name, _, value = word.removeprefix("--").partition("=")
        known = (*_KNOWN, *_IGNORED, "output-format")
        if not word.startswith("--") or name not in known:
            raise NotImplementedHere(
                f"ssm:SendCommand fio {word}", "is an option of fio"
            )
        given[name] = value
    if given.get("numjobs", "1") != "1":
        raise NotImplementedHere("ssm:SendCommand fio --numjobs", "runs several jobs")
    for name in ("filename", "rw"):
        if name not in given:
            raise FioError(f"fio: --{name} is missing")
    if given["rw"] not in _DIRECTIONS:
        raise FioError(f"fio: bad value for rw: {given['rw']}")
    runtime = given.get("runtime")
    endless = "time_based" in given
    if endless and not runtime:
        raise FioError("fio: time_based requires a runtime/timeout setting")
    return Fio(
        given["filename"],
        given.get("name", "fio"),
        _DIRECTIONS[given["rw"]],
        _bytes(given.get("bs", "4k")),
        max(1, int(_number(given.get("iodepth", "1")))),
        _bytes(given["size"]) if "size" in given else None,
        _number(runtime.removesuffix("s")) if runtime else None,
        endless,
        given.get("output-format") == "json",
    )


def _bytes(text: str) -> int:
    low = text.lower().removesuffix("b").removesuffix("i")
    unit = _UNITS.get(low[-1:], 1)
    found = int(_number(low if unit == 1 else low[:-1]) * unit)
    if found <= 0:
        raise FioError(f"fio: bad size {text}")
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise FioError(f"fio: bad number {text}") from error


def report(run: Fio, operations: int, seconds: float) -> str:
    """Return what fio prints of a run."""
    moved = operations * run.size
    iops, rate = operations / seconds, moved / seconds
    if run.json:
        figures = {
            "io_bytes": moved,
            "bw_bytes": round(rate),
            "iops": round(iops, 3),
            "runtime": round(seconds * 1000),
            "total_ios": operations,
        }
        return json.dumps(
            {
                "fio version": "localaws (simulated)",
                "jobs": [{"jobname": run.name, "error": 0, run.direction: figures}],
            },
            indent=2,
        )
    return (
        f"{run.name}: (simulated)\n  {run.direction}: IOPS={iops:.0f}, "
        f"BW={rate / 2**20:.1f}MiB/s ({rate / 1e6:.1f}MB/s)"
        f"({moved / 2**20:.0f}MiB/{seconds * 1000:.0f}msec)\n"
    )
