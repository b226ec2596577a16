"""The command line: `python -m localaws start` and its fellows."""

import argparse
import contextlib
import os
import shlex
import sys
from pathlib import Path
from typing import NoReturn

from localaws import daemon
from localaws.home import Connection, DaemonError


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Words of the command line; None means the process's own.

    Returns:
        The exit status: 0, 1 for an error, 3 when no endpoint runs.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except DaemonError as error:
        print(f"localaws: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m localaws",
        description="An AWS endpoint on this machine, one for each checkout.",
        epilog='To use it from a shell: eval "$(python -m localaws env)"',
    )
    parser.add_argument(
        "--home",
        type=Path,
        help="its folder (default: LOCALAWS_HOME, or one under ~/.cache/localaws)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("start", _start, "start the endpoint with what it held, or attach to it"),
        ("status", _status, "say whether it runs, and what runs in it"),
        ("stop", _stop, "stop it; what it holds is lost"),
        ("reset", _reset, "empty it"),
        ("env", _env, "print the shell lines that point AWS tools at it"),
        ("serve", _serve, "be the endpoint, in the foreground"),
        ("fidelity", _fidelity, "print what acts, what is simulated, what is refused"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument(
            "--home", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        if name == "serve":
            command.add_argument("--lock", type=int, help=argparse.SUPPRESS)
    return parser


def _start(options: argparse.Namespace) -> int:
    connection = daemon.start(options.home, lambda text: print(text, file=sys.stderr))
    if connection.note:
        print(connection.note)
    print(f"{connection.url} · account {connection.account} · {connection.region}")
    return 0


def _status(options: argparse.Namespace) -> int:
    connection = daemon.find(options.home)
    if connection is None:
        print("no endpoint runs")
        return 3
    state = connection.control("GET", "status")
    print(f"{connection.url} · process {connection.pid} · since {connection.started}")
    print(f"jobs {state['jobs']} · endpoints {state['endpoints']} · now {state['now']}")
    print(f"{state['changes']} changes kept: a kill of the process does not undo them")
    if state["unkept_since"]:
        print(f"the journal is full: what changed since {state['unkept_since']} is not")
    return 0


def _stop(options: argparse.Namespace) -> int:
    print("stopped" if daemon.stop(options.home) else "no endpoint runs")
    return 0


def _reset(options: argparse.Namespace) -> int:
    _running(options).control("POST", "reset")
    print("empty")
    return 0


def _env(options: argparse.Namespace) -> int:
    from localaws import client

    wanted = client.settings(_running(options))
    for name in sorted(os.environ):
        if name.startswith("AWS_") and name not in wanted:
            print(f"unset {name}")
    for name, value in wanted.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _serve(options: argparse.Namespace) -> NoReturn:
    with contextlib.suppress(SystemExit):
        daemon.serve(options.home, options.lock)
    sys.stdout.flush()
    sys.stderr.flush()
    # taking apart all that the services hold would take seconds
    os._exit(0)


def _fidelity(_options: argparse.Namespace) -> int:
    from localaws import fidelity

    print(fidelity.table())
    return 0


def _running(options: argparse.Namespace) -> Connection:
    connection = daemon.find(options.home)
    if connection is None:
        raise DaemonError("no endpoint runs; do `python -m localaws start`")
    return connection


if __name__ == "__main__":
    sys.exit(main())
