"""A warm process that forks pods, and pods with an endpoint in them."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers.grading.crossing.lines import Lines
from helpers.grading.limits import Limits
from helpers.grading.sandbox import Pod, Warm, choose

IMPORTS = ("helpers.grading.roles.endpoint", "helpers.grading.sandbox.canary")
ATTACKER = (Path(__file__).parent / "attacker.py").read_text()
PATIENCE = 240
MIB = 1 << 20
# Small, so that what fills a disk or forks has soon been held up
SETTINGS = {
    "epoch": "2026-01-05T08:00:00+00:00",
    "bytes": 96 * MIB,
    "bounds": {"data_bytes": 1024 * MIB, "scratch_bytes": 8 * MIB, "processes": 160},
}


@dataclass
class Sealed:
    """A pod with an endpoint, and a student who speaks Python."""

    pod: Pod
    told: dict[str, Any]
    student: Lines

    def run(self, code: str) -> Any:
        """Run source in the student's room, after the attacker's; return `answer`."""
        opened = f"{ATTACKER}\nd.update({self.told!r})\n{code}"
        self.student.send({"code": opened})
        heard = self.student.receive(PATIENCE)
        assert "answer" in heard, f"{heard} {self.pod.output().decode()}"
        return heard["answer"]

    def inside(self, code: str) -> Any:
        """Run source in a Lambda function; return its `answer`, or its error."""
        return self.run(f"answer = inside({code!r})")


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """A process with the endpoint's libraries, and with no thread."""
    with Warm(choose("full"), imports=IMPORTS) as warm:
        yield warm


@pytest.fixture(scope="session")
def opened(warm: Warm) -> Iterator[Callable[[], Sealed]]:
    """Open a pod whose endpoint answers."""
    with contextlib.ExitStack() as stack:

        def make() -> Sealed:
            # more than the jobs' own bound, which is what stops them here
            pod = stack.enter_context(warm.pod(Limits(run_processes=400)))
            line = stack.enter_context(pod.spawn("endpoint", SETTINGS))
            line.settimeout(PATIENCE)
            with line.makefile() as file:
                text = file.readline()
            assert text, pod.output().decode() + warm.log()
            room = stack.enter_context(pod.spawn("canary", {}, room="student"))
            return Sealed(pod, json.loads(text), Lines(room, 4 * MIB))

        yield make


@pytest.fixture(scope="module")
def sealed(opened: Callable[[], Sealed]) -> Sealed:
    """One pod for all tests of a module that leave it whole."""
    return opened()
