"""Read `course.yaml`, the one list of what the course holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "course.yaml"


@dataclass(frozen=True)
class Lesson:
    """One lesson: a notebook in `notebooks/`."""

    id: str
    title: str
    minutes: int
    status: str
    bullets: tuple[str, ...]
    services: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Tell whether the notebook is there."""
        return self.status == "ready"

    @property
    def path(self) -> Path:
        """Give the path of the notebook."""
        return ROOT / "notebooks" / f"{self.id}.ipynb"


@dataclass(frozen=True)
class Task:
    """One graded task; `name` is also that of its answer and of its check."""

    name: str
    points: int
    bullets: tuple[str, ...]


@dataclass(frozen=True)
class Lab:
    """One lab: a solution, and what is derived from it for the learner."""

    id: str
    title: str
    minutes: int
    status: str
    tasks: tuple[Task, ...]
    notes: dict[str, str]

    @property
    def ready(self) -> bool:
        """Tell whether the solution and the lab are there."""
        return self.status == "ready"

    @property
    def path(self) -> Path:
        """Give the path of what the learner opens."""
        return ROOT / "labs" / f"{self.id}.ipynb"

    @property
    def solution(self) -> Path:
        """Give the path of the source."""
        return ROOT / "solutions" / f"{self.id}.ipynb"


@dataclass(frozen=True)
class Unit:
    """What belongs together: a task statement of the exam, the start, the capstone.

    Attributes:
        id: of the task statement, such as 1.1; otherwise `start` or `capstone`.
        title: in our own words.
        domain: number and title of the exam's domain; empty outside the exam.
        weight: percent of the exam that its domain makes; AWS weighs no statement.
        bullets: our wording by id.
        lessons: in the order of learning.
        lab: what is graded.
    """

    id: str
    title: str
    domain: str
    weight: int
    bullets: dict[str, str]
    lessons: tuple[Lesson, ...]
    lab: Lab


@dataclass(frozen=True)
class Course:
    """The whole manifest."""

    exam: dict[str, Any]
    units: tuple[Unit, ...]

    @property
    def bullets(self) -> dict[str, str]:
        """Give our wording of every bullet of the exam, by id."""
        return {key: text for u in self.units for key, text in u.bullets.items()}

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Give every lesson, in order."""
        return tuple(lesson for unit in self.units for lesson in unit.lessons)

    @property
    def labs(self) -> tuple[Lab, ...]:
        """Give every lab, in order; the capstone comes last."""
        return tuple(unit.lab for unit in self.units)

    def sources(self) -> list[Path]:
        """Give the notebooks that authors write: ready lessons, then solutions."""
        lessons = [lesson.path for lesson in self.lessons if lesson.ready]
        return lessons + [lab.solution for lab in self.labs if lab.ready]


@cache
def course(path: Path = MANIFEST) -> Course:
    """Read the manifest."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Course(document["exam"], tuple(_units(document)))


def _units(document: dict[str, Any]) -> Iterator[Unit]:
    yield _unit(document["start"], "start", "Start here")
    for domain in document["domains"]:
        name = f"{domain['id']} {domain['title']}"
        for statement in domain["statements"]:
            yield _unit(
                statement, statement["id"], statement["title"], name, domain["weight"]
            )
    yield _unit(document["capstone"], "capstone", "Capstone")


def _unit(
    node: dict[str, Any], key: str, title: str, domain: str = "", weight: int = 0
) -> Unit:
    lessons = tuple(_lesson(each) for each in node.get("lessons", ()))
    bullets = node.get("bullets", {})
    return Unit(key, title, domain, weight, bullets, lessons, _lab(node["lab"]))


def _lesson(node: dict[str, Any]) -> Lesson:
    lists = {key: tuple(node[key]) for key in ("bullets", "services")}
    return Lesson(**{**node, **lists})


def _lab(node: dict[str, Any]) -> Lab:
    tasks = tuple(
        Task(each["name"], each["points"], tuple(each.get("bullets", ())))
        for each in node["tasks"]
    )
    notes = {
        key: node[key] for key in ("teaches", "out_of_scope", "needs") if key in node
    }
    plain = {key: node[key] for key in ("id", "title", "minutes", "status")}
    return Lab(**plain, tasks=tasks, notes=notes)
