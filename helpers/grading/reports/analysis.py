"""How a class did: by task, by bullet of the exam, by domain."""

from collections import Counter
from dataclasses import dataclass
from statistics import mean

import pandas as pd

from helpers.authoring.manifest import course
from helpers.grading.reports.records import Result, graded

# Below so many, a correlation says more of chance than of the task.
FEWEST = 10
# The customary marks of classical test theory.
HARD, EASY, WEAK = 0.3, 0.9, 0.2


@dataclass(frozen=True)
class Item:
    """What a class made of one task.

    Attributes:
        task: its name.
        title: as the lab has it.
        solved: the share that earned its points; what testers call difficulty.
        discrimination: correlation of its points with those of the other tasks; None
            where it cannot be told.
        remark: what an instructor should look at; may be empty.
        failures: where the checks sent those who failed, by how many.
    """

    task: str
    title: str
    solved: float
    discrimination: float | None
    remark: str
    failures: list[tuple[str, int]]


@dataclass(frozen=True)
class Share:
    """A share of a class that has shown something.

    Attributes:
        id: of a bullet or a domain.
        title: in the course's words.
        solved: the mean share over students and tasks.
    """

    id: str
    title: str
    solved: float


@dataclass(frozen=True)
class Domain(Share):
    """A domain of the exam, with those of its bullets that the lab grades."""

    bullets: list[Share]


def items(results: list[Result]) -> list[Item]:
    """Give an item a task, in the order of the lab."""
    points = _shares(results)
    return [_item(results, points, task) for task in points]


def domains(results: list[Result]) -> list[Domain]:
    """Give the exam's domains that the graded tasks touch, with their bullets."""
    earned: dict[str, list[float]] = {}
    for result in graded(results):
        for task in result["tasks"]:
            for bullet in task["bullets"]:
                share = task["points"] / task["maximum"]
                earned.setdefault(bullet, []).append(share)
    found: dict[str, list[Share]] = {}
    for unit in course().units:
        for bullet, words in unit.bullets.items():
            if bullet in earned:
                share = Share(bullet, words, mean(earned[bullet]))
                found.setdefault(unit.domain, []).append(share)
    return [
        Domain(*name.split(" ", 1), mean(each.solved for each in shares), shares)
        for name, shares in found.items()
    ]


def _shares(results: list[Result]) -> pd.DataFrame:
    """Give the share of its points that each submission earned in each task."""
    return pd.DataFrame(
        {task["task"]: task["points"] / task["maximum"] for task in result["tasks"]}
        for result in graded(results)
    )


def _item(results: list[Result], points: pd.DataFrame, task: str) -> Item:
    tasks = [each for result in graded(results) for each in result["tasks"]]
    mine = [each for each in tasks if each["task"] == task]
    solved = float(points[task].mean())
    found = _discrimination(points, task)
    looks = Counter(each["look"] for each in mine if each["state"] == "failed")
    return Item(
        task, mine[0]["title"], solved, found, _remark(solved, found),
        looks.most_common(3),
    )  # fmt: skip


def _discrimination(points: pd.DataFrame, task: str) -> float | None:
    others = points.drop(columns=task).sum(axis=1)
    if len(points) < FEWEST or not points[task].std() or not others.std():
        return None
    return float(points[task].corr(others))


def _remark(solved: float, discrimination: float | None) -> str:
    if discrimination is not None and discrimination < 0:
        return "the weaker students earn it more often: read the task and its check"
    if solved < HARD:
        return "hard: few earn it; was it taught?"
    if discrimination is not None and discrimination < WEAK:
        return "hardly tells strong from weak"
    return "easy: nearly everybody earns it" if solved > EASY else ""
