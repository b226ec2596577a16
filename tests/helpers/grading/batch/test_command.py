"""The command: its arguments, its exit codes, Ctrl-C."""

import signal
import subprocess
import sys
import time

import psutil
import pytest
from rich.console import Console

from helpers.grading import __main__ as command
from helpers.grading.batch import ending
from helpers.grading.batch.board import Board
from tests.helpers.grading.batch import parts


@pytest.fixture
def ran(monkeypatch):
    """Give the orders that reach the grader, in whose place stands what is set."""
    orders = []

    def run(order, console):
        orders.append(order)
        return run.does(order)

    run.does = lambda order: []
    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return orders, run


GIVEN = ["--lab", "lab_1_1", "--submissions"]


def test_out_stands_beside_the_submissions(ran, tmp_path):
    assert command.main([*GIVEN, str(tmp_path / "term.zip")]) == 0
    assert ran[0][0].out == tmp_path / "term-graded"
    assert ran[0][0].isolation == "full"
    assert command.main([*GIVEN, "x", "--out", "y", "--workers", "7"]) == 0
    assert (str(ran[0][1].out), ran[0][1].workers) == ("y", 7)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--workers", "0"],
        ["--seed", "-1"],
        ["--seed", "9" * 30],
        ["--isolation", "no"],
        ["--cell-seconds", "nan"],
    ],
)
def test_wrong_usage_is_exit_1(ran, wrong, capsys):
    with pytest.raises(SystemExit) as left:
        command.main([*GIVEN, "x", *wrong])
    assert left.value.code == 1
    assert wrong[0] in capsys.readouterr().err


def test_what_ends_a_run_is_its_exit_code(ran, capsys):
    def ends(order):
        raise ending.refused("no walls\x1b[2J here")

    ran[1].does = ends
    assert command.main([*GIVEN, "x"]) == 3
    assert capsys.readouterr().err == "no walls?[2J here\n"


def test_what_is_owed_is_exit_4_and_is_named(ran, capsys):
    ran[1].does = lambda _: [{"submission": "amy", "notes": ["no pod"]}]
    assert command.main([*GIVEN, "x"]) == 4
    assert "not graded: amy: no pod" in capsys.readouterr().err


def test_the_help_tells_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    said = capsys.readouterr().out
    for line in ("0    all", "1    an arg", "3    refused", "4    the", "130  stopped"):
        assert line in said


# what is started in a shell's background, as this may be, ignores an interrupt
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from helpers.grading import __main__ as command
from helpers.grading.batch import running
from tests.helpers.grading.batch import parts, slow
command.run = lambda order, console: running.run(order, console, slow.means())
sys.exit(command.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stop_leaves_no_worker_and_can_go_on(number, lab, root, tmp_path):
    out = tmp_path / "out"
    arguments = ["--lab", lab, "--submissions", root, "--out", out, "--seed", "5"]
    program = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--workers", "1"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 60
        while len(marks := list(lab.glob("at-*"))) < 1 and time.monotonic() < until:
            time.sleep(0.05)
        workers = [psutil.Process(int(mark.name[3:])) for mark in marks]
        assert len(workers) == 1
        running.send_signal(number)
        said = running.communicate(timeout=60)[1]
    gone, alive = psutil.wait_procs(workers, timeout=30)
    assert alive == []
    assert len(gone) == 1
    if number == signal.SIGINT:
        assert running.returncode == ending.STOPPED
        assert "Stopped; what is graded is kept. To go on:\n  python -m" in said
        assert str(out) in said
    assert set(parts.results(out)) == {"bad"}


def test_a_terminal_gets_a_bar_with_the_time_that_is_left(said):
    console = Console(file=said, force_terminal=True, width=100)
    with Board(console, 10, 4) as board:
        for verdict in ("graded", "rejected", "infrastructure"):
            board.advance(verdict)
    shown = said.getvalue()
    assert "7/10" in shown
    assert "grading, 1 rejected, 1 infrastructure" in shown
    assert "\x1b[" in shown


def test_a_file_gets_a_line_now_and_then(said, monkeypatch):
    now = [0.0]
    clock = "helpers.grading.batch.board.time.monotonic"
    monkeypatch.setattr(clock, lambda: now[0])
    with Board(Console(file=said, width=100), 100, 0) as board:
        for _ in range(40):
            now[0] += 10
            board.advance("graded")
    lines = said.getvalue().splitlines()
    assert lines[0] == "grading: 3 of 100, about 16 min left"
    assert len(lines) == 13
