"""Grades that nbgrader's own gradebook and export go on with."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from helpers.grading.gradebook import main
from tests.helpers.grading.reports.conftest import Results, graded, run

__all__ = ["run"]
CLASS = [
    graded("ann", True, False, name="Ann B."),
    graded("bad", False, False, verdict="rejected") | {"tasks": []},
    graded("lost", True, True, verdict="infrastructure") | {"tasks": []},
]


@pytest.mark.filterwarnings("ignore")
def test_nbgrader_knows_the_points_and_exports_them(
    run: Callable[[Results], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from nbgrader.apps import NbGraderApp

    monkeypatch.setenv("PATH", os.environ["PATH"])
    folder = run(CLASS)
    for _ in range(2):
        assert main([str(folder), str(folder / "gradebook.db")]) == 0
        assert capsys.readouterr().out == "2 submissions taken over\n"
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        assert {each.id for each in book.students} == {"ann", "bad"}
        grade = book.find_grade("measure_bias_check", "lab_1_3", "lab_1_3", "ann")
        assert (grade.auto_score, grade.max_score) == (50, 50)
        assert not grade.needs_manual_grade
    monkeypatch.chdir(folder)
    NbGraderApp.launch_instance(["export", "--to=scores.csv"])
    with (folder / "scores.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert (rows["ann"]["score"], rows["ann"]["max_score"]) == ("50.0", "100.0")
    assert (rows["bad"]["score"], rows["ann"]["last_name"]) == ("0.0", "B.")


def test_a_run_without_a_graded_submission_changes_nothing(
    run: Callable[[Results], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run(CLASS[1:])
    assert main([str(folder), str(folder / "gradebook.db")]) == 1
    assert "no submission of this run was graded" in capsys.readouterr().err
    assert not (folder / "gradebook.db").exists()
    (folder / "results.jsonl").unlink()
    assert main([str(folder), str(folder / "gradebook.db")]) == 1
    assert "results.jsonl" in capsys.readouterr().err
