"""A lab as its author has written it: tasks, points, cells and where its checks are."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from helpers.authoring import manifest

HEADING = re.compile(r"#+ (?:Task \d+ · )?(.+?)(?: \(\d+ points?\))?")
KINDS = ("answer", "check")
NOTEBOOK, CHECKS = "lab.ipynb", "checks.py"


class LabError(Exception):
    """Says what is wrong with a lab, to who has named it."""


@dataclass(frozen=True)
class Task:
    """One graded task.

    Attributes:
        name: also that of its answer and of its check.
        title: its heading in the lab.
        goal: the first paragraph of what its answer's docstring asks.
        points: what is earned by passing.
        bullets: of the exam, which it practises.
    """

    name: str
    title: str
    goal: str
    points: int
    bullets: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A code cell of the lab as released; `kind` and `task` are as a submission's."""

    source: str
    id: str
    grade_id: str | None
    task: str | None
    kind: str


@dataclass(frozen=True)
class Lab:
    """A lab to be graded.

    Attributes:
        name: of its notebook or folder.
        title: its first heading.
        seed: the one that learners see.
        tasks: in the lab's order.
        cells: the code cells of the released notebook.
        module: where its checks are, in the course; else empty.
        source: the text of its checks, where they are not in the course.
    """

    name: str
    title: str
    seed: int
    tasks: tuple[Task, ...]
    cells: tuple[Cell, ...]
    module: str
    source: str

    @property
    def maximum(self) -> int:
        """Give the points of all tasks."""
        return sum(task.points for task in self.tasks)

    def task(self, name: str) -> Task:
        """Give a task by its name."""
        return next(task for task in self.tasks if task.name == name)

    @staticmethod
    def load(name: str | Path) -> "Lab":
        """Read a lab of the course by its name, or another by its folder.

        Raises:
            LabError: if there is none, or it cannot be graded.
        """
        return _load(str(name))


@cache
def _load(name: str) -> Lab:
    folder = Path(name)
    if folder.is_dir():
        for needed in (NOTEBOOK, CHECKS):
            if not (folder / needed).is_file():
                raise LabError(f"{folder}: a lab's folder holds {needed}")
        source = (folder / CHECKS).read_text(encoding="utf-8")
        return _read(folder.resolve().name, folder / NOTEBOOK, "", source, {})
    known = {lab.id: lab for lab in manifest.course().labs if lab.ready}
    if name not in known:
        raise LabError(f"no lab {name!r}: {', '.join(known)}, or a folder with a lab")
    bullets = {task.name: task.bullets for task in known[name].tasks}
    return _read(name, known[name].path, f"helpers.checks.{name}", "", bullets)


def _read(
    name: str, path: Path, module: str, source: str, bullets: dict[str, Any]
) -> Lab:
    notebook = nbformat.read(path, as_version=4)
    cells = tuple(_cell(cell) for cell in notebook.cells if cell.cell_type == "code")
    tasks = tuple(_tasks(notebook.cells, bullets))
    if not tasks:
        raise LabError(f"{path}: no cell has points")
    title = next(_heading(notebook.cells, 0), name)
    return Lab(name, title, _seed(cells, path), tasks, cells, module, source)


def _cell(cell: Any) -> Cell:
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    for kind in KINDS:
        if grade_id and grade_id.endswith(f"_{kind}"):
            task = grade_id.removesuffix(f"_{kind}")
            return Cell(cell.source, cell.id, grade_id, task, kind)
    tags = [*cell.metadata.get("tags", []), cell.id]
    kind = next((kind for kind in ("parameters", "setup") if kind in tags), "other")
    return Cell(cell.source, cell.id, grade_id, None, kind)


def _tasks(cells: list[Any], bullets: dict[str, Any]) -> Iterator[Task]:
    answers = {}
    for number, cell in enumerate(cells):
        found = _cell(cell) if cell.cell_type == "code" else None
        if found and found.kind == "answer":
            title = next(_heading(cells[:number], -1), str(found.task))
            answers[found.task] = (title, _goal(found.source))
        elif found and found.kind == "check" and found.task:
            title, goal = answers.get(found.task, (found.task, ""))
            points = int(cell.metadata.nbgrader.get("points", 0))
            practised = tuple(bullets.get(found.task, ()))
            yield Task(found.task, title, goal, points, practised)


def _heading(cells: list[Any], which: int) -> Iterator[str]:
    """Give the first heading of the first or last markdown cell that has one."""
    lines = [
        line
        for cell in cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()[:1]
    ]
    found = [match[1] for line in lines if (match := HEADING.fullmatch(line))]
    yield from found[which:] if which else found[:1]


def _goal(source: str) -> str:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            text = ast.get_docstring(node) or ""
            return " ".join(text.split("\n\n")[0].split())
    return ""


def _seed(cells: tuple[Cell, ...], path: Path) -> int:
    for cell in cells:
        for node in ast.parse(cell.source).body if cell.kind == "parameters" else []:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "seed":
                return int(ast.literal_eval(node.value))
    raise LabError(f"{path}: no cell is tagged parameters, or it sets no seed")
