"""The aws command line: fetched once, and pointed at the endpoint as in the README."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from localaws.daemon import Connection

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_OUTSIDE = dict(os.environ)  # the endpoint's client closes the way to the index
_PROGRAM = "from awscli.clidriver import main; import sys; sys.exit(main())"
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def _installed() -> Path:
    stamp = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    made = Path(sys.prefix, "awscli", stamp)
    made.parent.mkdir(exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "ready").exists():
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "pip", "install", "-q", "--no-deps"),
                    *("--require-hashes", "--upgrade", "--target", str(made)),
                    *("-r", str(REQUIREMENTS)),
                ],
                capture_output=True,
                env=_OUTSIDE,
                text=True,
            )
            assert done.returncode == 0, f"awscli cannot be had:\n{done.stderr}"
            (made / "ready").touch()
    return made


@pytest.fixture
def cli(endpoint: Connection, _installed: Path) -> Cli:
    """Run `aws` with some arguments: `cli("s3", "ls")`."""
    command = [sys.executable, "-m", "localaws", "env"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.removeprefix("export ") for line in said.splitlines()]
    pairs = (line.partition("=") for line in lines if "=" in line)
    given = {name: value.strip("\"'") for name, _, value in pairs}
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **given}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", _PROGRAM, *arguments],
            capture_output=True,
            env=env | {"PYTHONPATH": str(_installed)},
            text=True,
            timeout=240,
        )

    return run
