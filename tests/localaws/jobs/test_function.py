"""The process that holds one function and answers one event at a time."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from localaws.jobs import FunctionProcess, Reply, WarmParent

Make = Callable[..., FunctionProcess]
CODE = """
import os, subprocess, time
print("begins")
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("event", event)
    if event == "sleep":
        time.sleep(0.2)
    if event == "child":
        return subprocess.Popen(["sleep", "60"]).pid
    if event == "hang":
        time.sleep(60)
    return [calls, context.aws_request_id, os.getcwd()]
"""


@pytest.fixture
def make(tmp_path: Path, parent: WarmParent, environ: dict[str, str]) -> Iterator[Make]:
    """Start a process: `make("app.handler")`."""
    (tmp_path / "app.py").write_text(CODE)
    made = []

    def start(handler: str = "app.handler", **members: Any) -> FunctionProcess:
        limits = {"memory_bytes": 256 << 20, "disk_bytes": 1 << 20, **members}
        one = FunctionProcess(handler, [tmp_path], environ, parent=parent, **limits)
        made.append(one)
        return one

    yield start
    for one in made:
        one.close()


def ask(
    process: FunctionProcess, event: Any, seconds: float = 60
) -> tuple[Reply, list[str]]:
    lines: list[str] = []
    header = {
        "invoke_id": "r-1",
        "invoked_function_arn": "arn",
        "deadline_time_in_ms": int((time.time() + seconds) * 1000),
        "client_context": None,
        "now": None,
    }
    reply = process.ask(header, json.dumps(event).encode(), seconds, lines.append)
    return reply, lines


def test_it_starts_once_and_answers_often(make: Make, tmp_path: Path) -> None:
    process, lines = make(), []
    assert process.start(60, lines.append).kind == "ready"
    assert lines == ["begins"]
    for count in (1, 2):
        reply, printed = ask(process, count)
        assert reply.kind == "result"
        assert json.loads(reply.body) == [count, "r-1", str(tmp_path)]
        assert printed == [f"event {count}"]
        assert reply.memory > 0
    assert process.alive


def test_it_says_how_long_it_slept(make: Make) -> None:
    process = make()
    process.start(60, str)
    reply, _ = ask(process, "sleep")
    assert reply.slept == pytest.approx(0.2)
    assert reply.seconds >= 0.2
    assert ask(process, 1)[0].slept == 0


def test_nothing_is_left_of_one_that_takes_too_long(
    make: Make, gone: Callable[[list[psutil.Process]], None]
) -> None:
    process = make()
    process.start(60, str)
    child = psutil.Process(json.loads(ask(process, "child")[0].body))
    reply, lines = ask(process, "hang", 3)
    assert (reply.kind, lines) == ("timeout", ["event hang"])
    assert not process.alive
    gone([child])


def test_a_module_that_is_not_there(make: Make) -> None:
    reply = make("none.handler").start(60, str)
    assert reply.kind == "init error"
    assert json.loads(reply.body)["errorType"] == "Runtime.ImportModuleError"


def test_one_that_was_killed_from_outside(make: Make) -> None:
    process = make()
    process.start(60, str)
    process.kill()
    deadline = time.monotonic() + 60
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.01)
    reply, _ = ask(process, 1)
    assert reply.kind == "exit"
    assert not process.alive
