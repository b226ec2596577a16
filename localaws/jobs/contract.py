"""The nouns of this room: what to run, how far, what came of it."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Cause = Literal["exited", "stopped", "timeout", "disk", "log", "memory", "lost"]


@dataclass(frozen=True)
class Mount:
    """A folder that a job sees under another name.

    Attributes:
        source: what it sees.
        target: an empty folder, where it sees it.
        readonly: whether the kernel refuses each change.
    """

    source: Path
    target: Path
    readonly: bool = False


@dataclass(frozen=True)
class Command:
    """One command of a job.

    Exactly one of `script`, `module` or neither is given. A script or a module is
    Python and can be forked from a warm parent; with neither, `argv` is executed.

    Attributes:
        env: the whole environment of the process; nothing is inherited.
        cwd: the working directory.
        script: a Python file, run as `python script *argv`.
        argv: arguments of the script or module, or the whole command line.
        module: a Python module, run as `python -m module *argv`.
        isolated: cut off every network (Linux only: `can_cut_network`).
        mounts: what it sees of other folders (Linux only: `can_mount`).
        stdin: the file that it reads as its standard input; None for an empty one.
        stop_signal: what `Job.stop()` sends it first.
    """

    env: Mapping[str, str]
    cwd: Path
    script: Path | None = None
    argv: Sequence[str] = ()
    module: str | None = None
    isolated: bool = False
    mounts: Sequence[Mount] = ()
    stdin: Path | None = None
    stop_signal: int = signal.SIGTERM


@dataclass(frozen=True)
class Limits:
    """How far a job may go.

    Attributes:
        seconds: wall time; past it the job gets SIGTERM, cause "timeout".
        disk_bytes: what the job's `disk` folder may hold, and its largest file.
        log_bytes: what it may print to stdout and stderr together.
        log_lines: how many lines that may be: each of them takes memory.
        memory_bytes: resident memory of the process tree; None for no limit.
        grace: seconds between SIGTERM and SIGKILL (120 on AWS).
    """

    seconds: float = 86_400
    disk_bytes: int = 4 * 2**30
    log_bytes: int = 16 * 2**20
    log_lines: int = 100_000
    memory_bytes: int | None = None
    grace: float = 2.0


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        exit_code: 0-255, or the negative number of the signal that ended it; None
            when it is not known (cause "lost").
        cause: "exited" by itself (or killed from outside), "stopped" by `stop()`, or
            the limit that it broke; "lost" when its supervisor disappeared.
        tail: the last lines that it printed, oldest first.
    """

    exit_code: int | None
    cause: Cause
    tail: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Channel:
    """One input channel, as inputdataconfig.json describes it."""

    content_type: str | None = None
    input_mode: str = "File"
    distribution: str = "FullyReplicated"
    record_wrapper: str = "None"


@dataclass(frozen=True)
class Resource:
    """The machine that the job is told it runs on.

    Attributes:
        instance_type: for instance "ml.m5.large".
        cpus: value of SM_NUM_CPUS; None for what this machine has.
        gpus: value of SM_NUM_GPUS.
        host: name of this host.
        hosts: names of all hosts of the job.
    """

    instance_type: str = "ml.m5.large"
    cpus: int | None = None
    gpus: int = 0
    host: str = "algo-1"
    hosts: tuple[str, ...] = ("algo-1",)
