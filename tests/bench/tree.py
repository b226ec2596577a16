"""Run commands and count the CPU of every process they leave behind, too.

`python -m tests.bench.tree`, with a list of (environment, command) in JSON on its
standard input, prints the CPU seconds, the wall seconds and the exit codes. It is a
subreaper, so endpoints and fork servers that outlive their starter are waited for
here, and so counted.
"""

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """What a list of commands cost.

    Attributes:
        cpu: User and system seconds of the whole tree of processes.
        wall: Seconds until the last command ended.
        codes: The exit code of each command.
    """

    cpu: float
    wall: float
    codes: list[int]


Step = tuple[dict[str, str], list[str]]


def cost(steps: Sequence[Step], cwd: Path) -> Cost:
    """Run commands one after another, and give their cost."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.tree", str(cwd)],
        input=json.dumps(list(steps)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Be the process that starts, waits and counts."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    steps, cwd = json.load(sys.stdin), sys.argv[1]
    homes = {env["LOCALAWS_HOME"] for env, _ in steps if "LOCALAWS_HOME" in env}
    begun = time.perf_counter()
    codes = [
        subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        for env, command in steps
    ]
    wall = time.perf_counter() - begun
    for home in homes:
        stop = [sys.executable, "-m", "localaws", "stop", "--home", home]
        subprocess.run(stop, stdout=subprocess.DEVNULL, check=False)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "codes": codes}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
