"""What a class made of the tasks, and who handed in the same."""

import re

from helpers.grading.reports.analysis import domains, items
from helpers.grading.reports.likeness import pairs
from tests.helpers.grading.reports.conftest import graded

ANSWER = """
def answer(rows, limit):
    total = 0
    for row in rows:
        if row["state"] == "settled" and row["amount"] > limit:
            total += round(row["amount"] * 0.0{0}, 2)
    return {{"total": total, "rows": len(rows), "limit": limit, "share": {0}.5}}
"""
RENAMED = re.sub(r'\btotal\b(?!")', "summe", ANSWER).replace(":\n", ":  # mine\n\n")


def test_difficulty_is_the_share_that_earned_the_task() -> None:
    class_ = [graded(f"s{n}", n < 9, n < 3) for n in range(12)]
    first, second = items(class_)
    assert (first.solved, second.solved) == (0.75, 0.25)
    assert second.failures == [("your return statement", 9)]
    assert "hard" in second.remark


def test_discrimination_is_the_correlation_with_the_other_tasks() -> None:
    agree = [graded(f"s{n}", n < 6, n < 6) for n in range(12)]
    assert [round(item.discrimination, 6) for item in items(agree)] == [1.0, 1.0]
    against = [graded(f"s{n}", n < 6, n >= 6) for n in range(12)]
    assert [round(item.discrimination, 6) for item in items(against)] == [-1.0, -1.0]
    assert "weaker" in items(against)[0].remark


def test_few_students_and_equal_points_tell_no_discrimination() -> None:
    few = [graded(f"s{n}", n < 3, n < 3) for n in range(6)]
    same = [graded(f"s{n}", True, n < 6) for n in range(12)]
    assert [item.discrimination for item in items(few)] == [None, None]
    assert [item.discrimination for item in items(same)] == [None, None]


def test_the_rejected_are_not_part_of_the_class() -> None:
    rejected = graded("x", False, False, verdict="rejected") | {"tasks": []}
    assert [item.solved for item in items([graded("a", True, True), rejected])] == [
        1,
        1,
    ]


def test_domains_hold_the_bullets_that_the_tasks_grade() -> None:
    (domain,) = domains([graded("a", True, False), graded("b", True, True)])
    assert domain.id == "1"
    assert {each.id: each.solved for each in domain.bullets} == {
        "1.3.K1": 1.0, "1.3.S1": 0.5, "1.3.S2": 1.0,
    }  # fmt: skip


def test_a_copy_with_other_names_and_comments_is_found_and_own_work_is_not() -> None:
    texts = {
        "ann": ANSWER.format(3),
        "bob": RENAMED.format(3),
        "eve": "def answer(rows, limit):\n    import pandas as pd\n"
        "    frame = pd.DataFrame(rows)\n    frame = frame[frame.amount.gt(limit)]\n"
        "    frame = frame.query('state == \"settled\"')\n"
        "    total = frame.amount.mul(0.03).round(2).sum()\n"
        "    return dict(total=total, rows=len(rows), limit=limit, share=3.5)\n",
        "max": "def answer(rows, limit):\n    return None\n",
        "broken": "def answer(:\n  'unclosed",
    }
    class_ = [
        graded(name, True, True, sources={"measure_bias": text})
        for name, text in texts.items()
    ]
    (pair,) = pairs(class_)
    assert {pair.first["student"], pair.second["student"]} == {"ann", "bob"}
    assert pair.share > 0.95


def test_two_submissions_of_one_student_are_no_pair() -> None:
    one = graded("ann", True, True, sources={"measure_bias": ANSWER.format(3)})
    assert pairs([one, one | {"submission": "ann/second.ipynb"}]) == []
    assert pairs([]) == []
