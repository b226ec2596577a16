"""The judge outlives what evidence does to a verdict, and says what it was."""

import pytest

from helpers.grading.judge import Judge, JudgeError

CHECKS = """
import os, signal
from helpers.check import Check, CheckFailed

CALLS = []

def inputs(seed):
    return {"seed": seed, "odd": seed % 2}

def verdict(inputs, evidence):
    CALLS.append(1)
    act = evidence["act"]
    if act == "pass":
        return f"seed {inputs['seed']}"
    if act == "fail":
        raise CheckFailed("this", evidence["found"], "there")
    if act == "loop":
        while True: pass
    if act == "grow":
        return len(bytearray(1 << 31))
    if act == "once" and not os.environ.get("AGAIN"):
        os.kill(os.getpid(), signal.SIGKILL)
    return 1 / 0

task = Check(inputs, lambda *_: {}, verdict)
other = Check(inputs, lambda *_: {}, verdict)
"""
ASKED = "", CHECKS


@pytest.fixture(scope="module")
def judge():
    made = Judge(seconds=20, memory=1 << 30)
    made.inputs(*ASKED, 1)
    yield made
    made.close()


def test_inputs_are_drawn_for_each_task(judge):
    seed = 2**62 + 1
    drawn = {"seed": seed, "odd": 1}
    assert judge.inputs(*ASKED, seed) == {"task": drawn, "other": drawn}


def test_a_verdict_passes_or_fails(judge):
    told = judge.verdict("task", {"seed": 3}, {"act": "pass"})
    assert told == {"passed": "seed 3"}
    told = judge.verdict("task", {}, {"act": "fail", "found": "x" * 9_000})
    assert told["failed"] == {"asked": "this", "found": "x" * 4_000, "look": "there"}


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"act": "divide"}, "ZeroDivisionError: division by zero"),
        ({}, "KeyError: 'act'"),
        ({"act": "grow"}, "MemoryError: "),
    ],
)
def test_a_verdict_that_raises_is_an_error(judge, evidence, said):
    assert judge.verdict("task", {}, evidence) == {"error": said}
    assert "passed" in judge.verdict("task", {"seed": 1}, {"act": "pass"})


def test_a_verdict_that_kills_or_loops_is_stopped_and_the_next_one_is_given(judge):
    told = judge.verdict("task", {}, {"act": "once"})
    assert told["error"].startswith("the verdict was stopped")
    assert "passed" in judge.verdict("task", {"seed": 1}, {"act": "pass"})
    judge.seconds = 1.0
    told = judge.verdict("task", {}, {"act": "loop"})
    assert told["error"] == "the verdict was stopped: no answer in time"
    judge.seconds = 20.0
    assert "passed" in judge.verdict("task", {"seed": 1}, {"act": "pass"})


def test_checks_that_cannot_be_read_are_the_fault_of_nobody_who_hands_in(judge):
    with pytest.raises(JudgeError, match="the checks of the lab: SyntaxError"):
        judge.inputs("", "def", 1)
    with pytest.raises(JudgeError, match="ModuleNotFoundError"):
        judge.inputs("helpers.checks.none", "", 1)
