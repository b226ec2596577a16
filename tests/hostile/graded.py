"""Grade the whole corpus as an instructor would, and keep what there is to see.

The submissions lie in one folder, each hostile one between two right ones. What an
attack might reach is marked: the grader's environment, its home, the neighbours' work,
the checks; and a listener outside counts what is sent.
"""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.hostile.corpus import LAB, Case, right, write

ROOT = Path(__file__).parents[2]
MARKS = {
    "environment": "CANARY-environment-7d20",
    "home": "CANARY-home-b8e1",
    "neighbour": "CANARY-neighbour-c41f",
}
TAG = "MLA_HOSTILE_RUN"
SEED = 2_718_281_828_459_045
JSON = dict[str, Any]


@dataclass
class Graded:
    """What came of a run.

    Attributes:
        code: the exit code of the command.
        said: what it printed.
        out: its folder.
        results: by submission's folder, its result.
        heard: what arrived at the listener outside.
        left: processes that outlived the command.
    """

    code: int
    said: str
    out: Path
    results: dict[str, JSON]
    heard: list[bytes] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def grade(cases: list[Case], place: Path, workers: int = 2) -> Graded:
    """Grade cases, each between two right submissions.

    Args:
        cases: of the corpus.
        place: an empty folder, for submissions, results and the instructor's home.
        workers: how many submissions at a time.
    """
    home, submissions = place / "home", place / "submissions"
    home.mkdir(parents=True)
    (home / "secret").write_text(MARKS["home"])
    neighbour = submissions / "000-right" / "lab.ipynb"
    with listening() as (address, port, heard):
        environment = {
            "ROOT": str(ROOT),
            "CASES": str(submissions),
            "OUT": str(place / "out"),
            "HOME": str(home),
            "NEIGHBOUR": str(neighbour),
            "ADDRESS": address,
            "PORT": str(port),
        }
        for number, case in enumerate(cases):
            _right(submissions / f"{number:03}-right")
            case.build(submissions / f"{number:03}-x-{case.name}", environment)
        _right(submissions / f"{len(cases):03}-right")
        ended = _run(place, workers)
    return Graded(
        ended.returncode,
        ended.stdout + ended.stderr,
        place / "out",
        results(place / "out"),
        heard,
        _left(place),
    )


def results(out: Path) -> dict[str, JSON]:
    """Give by student the results that a run has written."""
    lines = (out / "results.jsonl").read_bytes().split(b"\n")
    found = [json.loads(line) for line in lines if line]
    return {each["student"]: each for each in found if "submission" in each}


def _right(folder: Path) -> None:
    folder.mkdir(parents=True)
    write(right(MARKS["neighbour"]), folder)


def _run(place: Path, workers: int) -> subprocess.CompletedProcess[str]:
    words = ["--lab", str(LAB), "--submissions", str(place / "submissions")]
    words += ["--out", str(place / "out"), "--seed", str(SEED)]
    words += ["--workers", str(workers), "--cell-seconds", "6"]
    return subprocess.run(
        [sys.executable, "-m", "helpers.grading", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "HOME": str(place / "home"),
            "GRADER_TOKEN": MARKS["environment"],
            TAG: str(place),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _left(place: Path) -> list[str]:
    """Name the processes that a run has left, by the mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            marked = process.environ().get(TAG) == str(place)
            inside = process.name() == "bwrap" or "grading.sandbox" in str(
                process.cmdline()
            )
            if marked or (inside and process.ppid() == 1):
                found.append(f"{process.pid} {process.cmdline()}")
        except psutil.Error:
            continue
    return found


@contextmanager
def listening(port: int = 0) -> Iterator[tuple[str, int, list[bytes]]]:
    """Listen for TCP and UDP on an address of this machine that is not loopback.

    Args:
        port: where; 0 stands for any that is free.
    """
    heard: list[bytes] = []
    with (
        socket.create_server(("0.0.0.0", port)) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        port = stream.getsockname()[1]
        datagrams.bind(("0.0.0.0", port))

        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                for line in select.select([stream, datagrams], [], [], 0.2)[0]:
                    heard.append(line.recv(4096) if line is datagrams else _met(line))

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield _address(), port, heard
        finally:
            ended.set()
            listener.join()


def _met(stream: socket.socket) -> bytes:
    line, _ = stream.accept()
    with line:
        line.settimeout(2)
        return line.recv(4096)


def _address() -> str:
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family == socket.AF_INET and not each.address.startswith("127."):
                return each.address
    return "127.0.0.1"
