"""Run all checks, fastest first, and stop at the first that fails."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from helpers.authoring.endpoint import kernels
from helpers.authoring.manifest import ROOT

PYTEST = (sys.executable, "-m", "pytest", "-x", "--color=auto")
SPREAD = ("-n", "2", "--dist", "loadfile")
RUFF = (str(Path(sys.executable).with_name("ruff")),)


@dataclass(frozen=True)
class Step:
    """One group of checks.

    Attributes:
        title: what holds when it passes.
        command: what runs it.
        mend: what to do if it fails.
    """

    title: str
    command: tuple[str, ...]
    mend: str


def steps() -> list[Step]:
    """Give the steps in order; every test file of `tests` is in exactly one."""
    style = _files("course/test_manifest.py", "course/test_architecture.py")
    style += _files("course/test_gates.py", "course/test_style.py")
    units = _files("helpers", "localaws", "hostile", "bench")
    known = {ROOT / path for path in [*style, *units]}
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    slow = [
        str(path.relative_to(ROOT))
        for path in tests
        if not known & {path, *path.parents}
    ]
    again = "its message says what to run; then make test"
    return [
        Step(
            "the code is formatted",
            (*RUFF, "format", "--check", "-q", "."),
            "make format",
        ),
        Step("the code is clean", (*RUFF, "check", "-q", "."), "make format"),
        Step(
            "the course is as the manifest and the style say", (*PYTEST, *style), again
        ),
        Step("helpers and endpoint do their work", (*PYTEST, *SPREAD, *units), again),
        Step("the notebooks hold what they show", (*PYTEST, *SPREAD, *slow), again),
    ]


def run(arguments: list[str]) -> int:
    """Run every step, each announced; give the exit code of the first that fails.

    Args:
        arguments: passed on to every pytest, such as `-k storage`.
    """
    environment = {**os.environ, **kernels()}
    plan = steps()
    for number, step in enumerate(plan, 1):
        print(f"{number}/{len(plan)} {step.title}", flush=True)
        extra = arguments if "pytest" in step.command else []
        ended = subprocess.run([*step.command, *extra], cwd=ROOT, env=environment)
        # With arguments that choose tests, a step may have none: pytest says 5.
        if ended.returncode and not (arguments and ended.returncode == 5):
            print(f"failed: {step.title}. Mend: {step.mend}", file=sys.stderr)
            return ended.returncode
    return 0


def _files(*names: str) -> list[str]:
    paths = [Path("tests") / name for name in names]
    return [str(path) for path in paths if (ROOT / path).exists()]
