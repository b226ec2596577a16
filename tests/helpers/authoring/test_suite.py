"""`make test` runs every test once, announces each step, and stops at a failure."""

import sys
from pathlib import Path

import pytest

from helpers.authoring import suite
from helpers.authoring.manifest import ROOT
from helpers.authoring.suite import Step


def test_every_test_file_is_in_exactly_one_step():
    steps = [step for step in suite.steps() if "pytest" in step.command]
    named = [
        ROOT / each
        for step in steps
        for each in step.command
        if each.startswith("tests")
    ]
    for path in (ROOT / "tests").rglob("test_*.py"):
        assert len([each for each in named if each in {path, *path.parents}]) == 1, path


def test_the_last_step_ends_in_the_summary_of_pytest():
    assert "pytest" in suite.steps()[-1].command


@pytest.fixture
def plan(monkeypatch, tmp_path):
    """Replace the steps by programs that leave a mark and exit with a code."""

    def make(*codes):
        program = (
            "import sys; open(sys.argv[1], 'w').close(); sys.exit(int(sys.argv[2]))"
        )
        steps = [
            Step(
                f"step {n}",
                (sys.executable, "-c", program, str(tmp_path / str(n)), c),
                "",
            )
            for n, c in enumerate(map(str, codes), 1)
        ]
        monkeypatch.setattr(suite, "steps", lambda: steps)
        return lambda: sorted(path.name for path in Path(tmp_path).iterdir())

    return make


def test_all_steps_run_when_none_fails(plan, capfd):
    ran = plan(0, 0)
    assert suite.run([]) == 0
    assert ran() == ["1", "2"]
    assert capfd.readouterr().out.splitlines() == ["1/2 step 1", "2/2 step 2"]


def test_the_first_failure_stops_and_says_what_to_do(plan, capfd):
    ran = plan(0, 3, 0)
    assert suite.run([]) == 3
    assert ran() == ["1", "2"]
    assert "failed: step 2" in capfd.readouterr().err


def test_a_choice_that_leaves_a_step_empty_is_no_failure(plan):
    ran = plan(5, 0)
    assert suite.run(["-k", "storage"]) == 0
    assert ran() == ["1", "2"]
