"""What a submission breaks, it breaks for itself: one cell or one task."""

import pytest

from helpers.grading import grade as grading
from helpers.grading.run import InfrastructureError, Run
from tests.helpers.grading.submissions import (
    LIGHT,
    POINTS,
    SEED,
    Limits,
    lab,
    light,
    other,
    states,
    work,
)
from tests.helpers.grading.test_honest import SUMS, TOTAL, VERSIONS, answer, first, last

KILL = "import os; os._exit(0)"
SEGFAULT = "import ctypes; ctypes.string_at(0)"


def of(result, task):
    return next(each for each in result["tasks"] if each["task"] == task)


def calls(line):
    """Give the solution with an answer that does something else."""
    return answer(TOTAL, f"def total_cents(prices):\n    {line}")


@pytest.mark.parametrize("source", [KILL, SEGFAULT])
def test_a_cell_that_ends_the_process_is_left_out(graded, source):
    result = graded(first(source))
    assert (result["points"], result["runs"]) == (POINTS, 2)
    assert "cell 4: the process ended" in result["notes"][0]


def test_an_answer_that_ends_the_process_costs_its_task(graded):
    result = graded(calls(KILL))
    # the lab's own cell that tries the answer is left out first
    assert (result["points"], result["runs"]) == (POINTS - 2, 3)
    assert states(result)[TOTAL] == "stopped"


def test_after_some_repeats_what_was_reached_counts(graded):
    sources = [f"import os  # {number}\nos._exit(1)" for number in range(3)]
    result = graded(last(*sources), repeats=2)
    assert (result["points"], result["runs"]) == (POINTS, 3)
    lost = graded(first(*sources), repeats=1)
    assert (lost["points"], lost["runs"]) == (0, 2)
    assert set(states(lost).values()) == {"stopped"}


@pytest.fixture
def hurried(monkeypatch):
    """Let cells that say so, and the first call of an answer, take two seconds."""
    calls = []

    def allowed(self, document):
        if document["op"] == "do":
            calls.append(document)
            return 2.0 if len(calls) == 1 else 60.0
        source = document.get("source", "")
        return 2.0 if "endless" in source or "total_cents(check" in source else 60.0

    monkeypatch.setattr(Run, "allowed", allowed)
    monkeypatch.setattr("helpers.grading.run.GRACE", 2.0)


def test_an_endless_cell_is_interrupted_and_the_next_ones_run(graded, hurried):
    sources = [
        "while True: pass  # endless",
        "import time; time.sleep(600)  # endless",
        "import asyncio; await asyncio.sleep(600)  # endless",
    ]
    cells = [cell for cell in first(*sources) if "(check." not in cell["source"]]
    result = graded([*cells, *calls("pass")[-1:]])
    assert [note.split(":")[1] for note in result["notes"]] == [
        " KeyboardInterrupt",
        " KeyboardInterrupt",
        " CancelledError",
    ]
    assert result["runs"] == 1
    assert of(result, VERSIONS)["state"] == "passed"


def test_an_endless_answer_is_interrupted_and_costs_its_task(graded, hurried):
    result = graded(calls("while True: pass"))
    assert (result["points"], result["runs"]) == (POINTS - 2, 1)
    assert of(result, TOTAL)["state"] == "stopped"
    assert of(result, TOTAL)["found"].startswith("it took more than")


def test_who_ignores_the_interrupt_is_ended(graded, hurried):
    source = (
        "import time\nendless = True\nwhile endless:\n    try:\n"
        "        while True: time.sleep(1)\n"
        "    except KeyboardInterrupt: pass"
    )
    cells = [cell for cell in first(source) if "(check." not in cell["source"]]
    result = graded(cells)
    assert result["runs"] == 2
    assert "could not be interrupted" in result["notes"][0]
    assert of(result, VERSIONS)["state"] == "passed"


def test_an_exception_of_an_answer_says_where(graded):
    result = graded(calls('raise KeyError("prices")'))
    found = of(result, TOTAL)
    assert found["state"] == "error"
    assert found["found"] == "it raised KeyError: prices"
    assert found["look"] == 'total_cents: raise KeyError("prices")'


def test_an_answer_that_exits_is_an_error(graded):
    result = graded(calls("raise SystemExit(1)"))
    assert of(result, TOTAL)["found"] == "it raised SystemExit: 1"
    assert result["points"] == POINTS - 2


def test_a_wrong_answer_is_told_by_the_verdict(graded):
    result = graded(calls("return 7"))
    found = of(result, TOTAL)
    assert found["state"] == "failed"
    assert found["found"] == "[7, 7, 7]"
    assert found["goal"] == 'Add up prices such as "3.10", in whole cents.'


def test_values_that_are_too_large_or_endless_cost_their_task(graded):
    for line in ("return 'x' * (1 << 22)", "return list(range(10**6))"):
        result = graded(calls(line), result_bytes=1 << 20)
        assert result["points"] == POINTS - 2, result["tasks"]
        assert of(result, TOTAL)["state"] == "error"


def test_the_notebook_cannot_forge_aws_or_the_checks(graded):
    forge = (
        "import boto3, botocore.client, helpers.check\n"
        "botocore.client.BaseClient._make_api_call = "
        "lambda self, *_: {'Status': 'Enabled'}\n"
        "class Always:\n"
        "    def __eq__(self, other): return True\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *_): return self\n"
        "    def __int__(self): return 0\n"
        "total_cents = sum_by_day = keep_versions = train_on_rows = Always()"
    )
    result = graded([other(forge), *first()[-1:]])
    assert result["points"] == 0
    assert states(result)[VERSIONS] == "failed"
    assert of(result, VERSIONS)["found"] == "NoSuchBucket"


def test_the_student_sees_no_check_and_no_hidden_input(graded):
    """Reads all the memory of the student's process, after each task was probed."""
    raw = "".join(f"\\x{byte:02x}" for byte in SEED.to_bytes(8, "little"))
    marks = [r"CANARY-\w+", rf"{str(SEED)[:-3]}\d+", raw]
    look = (
        "import os, re, sys\n"
        f"sought = [re.compile(mark.encode()) for mark in {marks}]\n"
        "found, size = set(), 0\n"
        "with open('/proc/self/mem', 'rb') as memory:\n"
        "    for line in open('/proc/self/maps').readlines():\n"
        "        place, rights = line.split()[:2]\n"
        "        start, end = (int(each, 16) for each in place.split('-'))\n"
        "        if 'rw' not in rights: continue\n"
        "        memory.seek(start)\n"
        "        body = memory.read(end - start)\n"
        "        size += len(body)\n"
        "        for mark in sought: found |= set(mark.findall(body))\n"
        "import helpers\n"
        "files = os.listdir(os.path.join(*helpers.__path__, 'checks'))\n"
        "modules = [name for name in sys.modules if 'helpers.checks' in name]\n"
        "print(size > 1 << 26, found, modules, files)"
    )
    result = graded(last(look))
    assert result["output"].splitlines()[-1] == "True set() [] []"


def test_a_lab_without_answers_is_not_probed(graded):
    result = graded([cell for cell in light() if cell["kind"] in ("setup", "other")])
    assert set(states(result).values()) == {"unsolved"}
    assert of(result, SUMS)["found"] == "nothing is called sum_by_day"


def test_what_was_printed_and_written_is_kept(graded):
    result = graded(last("print('a' * 10_000)"))
    assert result["output"].endswith("aaa") and len(result["output"]) <= 4096
    assert result["sources"][TOTAL].startswith("def total_cents")
    assert result["cpu_seconds"] > 0 and result["memory_mb"] > 0


class Broken:
    """A warm process whose pods break."""

    def __init__(self, error):
        self.error = error

    def pod(self, limits):
        raise self.error


def test_a_fault_of_the_grader_is_no_grade():
    result = grading.grade(work(light()), str(LIGHT), SEED, Broken(OSError("no room")))
    assert result["verdict"] == "infrastructure"
    assert (result["points"], result["notes"]) == (0, ["OSError: no room"])


def test_a_set_up_that_fails_is_a_fault_of_the_grader(sandbox, monkeypatch):
    def failing(self, source):
        return {"error": {"kind": "RuntimeError"}}

    monkeypatch.setattr(Run, "cell", failing)
    with sandbox.pod(Limits()) as pod:
        run = Run(pod, lab(), Limits())
        run.open({})
        case = grading.Grading(work([]), lab(), SEED, sandbox, Limits())
        with pytest.raises(InfrastructureError, match="first cells"):
            case._own(run)
