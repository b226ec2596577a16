"""What each cell of a submission is to the lab: by its id, else by what it defines."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

JSON = dict[str, Any]


class ReleasedCell(Protocol):
    """A code cell of the lab as it was given out."""

    source: str
    grade_id: str | None
    task: str | None
    kind: str


class ReleasedTask(Protocol):
    """A task of the lab."""

    name: str


class Released(Protocol):
    """The lab as it was given out."""

    name: str
    tasks: Iterable[ReleasedTask]
    cells: Iterable[ReleasedCell]


@dataclass
class Matched:
    """The code cells of a submission, as the grader wants them."""

    cells: list[JSON] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tasks: set[str] = field(default_factory=set)


def matched(found: list[JSON], lab: Released) -> Matched:
    """Tell what the cells of a notebook are.

    Args:
        found: cells as the reading process gives them, text cells among them.
        lab: the lab as it was given out.
    """
    return _Matching(found, lab).run()


class _Matching:
    def __init__(self, found: list[JSON], lab: Released) -> None:
        self.found, self.result = found, Matched()
        self.tasks = {task.name for task in lab.tasks}
        self.by_id = {cell.grade_id: cell for cell in lab.cells if cell.grade_id}
        kinds = ("parameters", "setup")
        self.plain = {c.source.strip(): c.kind for c in lab.cells if c.kind in kinds}
        self.checked: set[str] = set()
        self.lost = False

    def run(self) -> Matched:
        kept = [cell for cell in self.found if cell["code"] or self._was_code(cell)]
        for at, cell in enumerate(kept):
            kind, task = self._told(cell, kept[at + 1 :])
            if kind == "answer":
                self.result.tasks.add(task)
            known = cell["grade_id"] if cell["grade_id"] in self.by_id else None
            one = {"source": cell["source"], "grade_id": known}
            self.result.cells.append({**one, "task": task, "kind": kind})
        if self.lost:
            note = "ids of cells are lost; they were told by the names they define"
            self.result.notes.append(note)
        return self.result

    def _told(self, cell: JSON, later: list[JSON]) -> tuple[str, str | None]:
        released = self.by_id.get(cell["grade_id"])
        kind, task = (released.kind, released.task) if released else ("", None)
        if kind == "check" or (not kind and cell.get("checks") in self.tasks):
            return self._check(cell, task or cell["checks"], released, later)
        if kind == "answer":
            return kind, task
        fixed = self._fixed(cell)
        if fixed:
            return fixed, None
        defined = [name for name in cell.get("defines", ()) if name in self.tasks]
        if defined:
            self.lost = True
            return "answer", defined[0]
        return "other", None

    def _check(
        self,
        cell: JSON,
        task: str,
        released: ReleasedCell | None,
        later: list[JSON],
    ) -> tuple[str, str | None]:
        changed = released and cell["source"].strip() != released.source.strip()
        if task in self.checked:
            return "other", None
        if changed:
            self.result.notes.append(f"the check of {task} was changed; ours is used")
        if task not in self.result.tasks and any(self._answers(c, task) for c in later):
            return "other", None
        self.checked.add(task)
        return "check", task

    def _answers(self, cell: JSON, task: str) -> bool:
        released = self.by_id.get(cell["grade_id"])
        named = task in cell.get("defines", ())
        return named or bool(
            released and (released.kind, released.task) == ("answer", task)
        )

    def _fixed(self, cell: JSON) -> str:
        if kind := self.plain.get(cell["source"].strip()):
            return kind
        early = not self.result.tasks
        if cell["parameters"] or (early and cell["id"] == "parameters"):
            return "parameters"
        lone = cell.get("defines") == ["seed"] and "=" in cell["source"]
        if (
            early
            and lone
            and not any(c["kind"] == "parameters" for c in self.result.cells)
        ):
            return "parameters"
        return "setup" if cell.get("sets_up") else ""

    def _was_code(self, cell: JSON) -> bool:
        """Tell a code cell that was turned into text by one key too many."""
        released = self.by_id.get(cell["grade_id"])
        if released is None or released.kind != "answer" or not cell.get("python"):
            return False
        others = (c for c in self.found if c["code"])
        if any(released.task in c.get("defines", ()) for c in others):
            return False
        if released.task not in cell["defines"]:
            return False
        self.result.notes.append(f"the cell of {released.task} was text; it is run")
        return True
