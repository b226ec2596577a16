"""A result is JSON, with its words cut and its sources put together."""

import json

from helpers.grading.result import PASSED, Result, TaskResult
from tests.helpers.grading.submissions import lab, light, work


def test_a_submission_begins_with_nothing():
    document = Result.of(work(light()), lab()).document()
    assert json.loads(json.dumps(document)) == document
    assert (document["points"], document["maximum"]) == (0, 10)
    assert [task["state"] for task in document["tasks"]] == ["unsolved"] * 4
    assert document["student"] == "ada" and document["verdict"] == "graded"


def test_points_are_all_or_nothing_and_words_are_cut():
    task = lab().tasks[1]
    passed = TaskResult.of(task, PASSED, found="x" * 5_000)
    assert (passed.points, passed.maximum, len(passed.found)) == (3, 3, 2_000)
    assert TaskResult.of(task, "failed").points == 0


def test_the_cells_of_an_answer_are_put_together():
    cells = light()
    answer = next(cell for cell in cells if cell["kind"] == "answer")
    more = {**answer, "source": "# more"}
    sources = Result.of(work([*cells, more]), lab()).sources
    assert sources[answer["task"]] == f"{answer['source']}\n\n# more"
    assert set(sources) == {"total_cents", "sum_by_day", "keep_versions"}


def test_a_rejected_submission_says_why():
    reason = {"file": "a.ipynb", "reason": "empty", "next": "save it"}
    found = Result.rejected(work([]), lab(), reason)
    assert (found.verdict, found.rejection, found.points) == ("rejected", reason, 0)
