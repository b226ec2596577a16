"""From a folder or an archive of submissions to works that can be graded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.grading.intake import choosing, entries, handing
from helpers.grading.intake.entries import Entry
from helpers.grading.intake.handing import Handed, Item
from helpers.grading.intake.identity import Owner
from helpers.grading.intake.matching import Released, matched
from helpers.grading.intake.reader.owners import FILE as OWNERS
from helpers.grading.intake.reading import Reader, Unread
from helpers.grading.intake.rejection import Rejection, shown
from helpers.grading.intake.roster import Roster

JSON = dict[str, Any]
TRIED = 5


class NoSubmissions(ValueError):
    """What was named holds no submissions; says why."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in, ready for the grader or refused.

    Attributes:
        key: unique in the class.
        digest: of the file that is graded; empty if none could be read.
        work: for `grade`: identity, file, cells and notes; no cells if it is refused.
        rejection: why it is not graded; None if it is.
    """

    key: str
    digest: str
    work: JSON
    rejection: Rejection | None


def collect(path: Path, lab: Released, roster: Roster | None) -> Iterator[Submission]:
    """Read what a class has handed in, one student after the other.

    Args:
        path: a folder (of students' folders, or of loose files), the archive that a
            learning platform makes of all submissions, or one notebook.
        lab: the lab as it was given out.
        roster: the class; None if it is not known.

    Raises:
        NoSubmissions: if there is nothing of the kind at the path.
    """
    with Reader() as reader:
        found = _listed(path, reader)
        if path.is_file():
            found = handing.unwrapped(found, lab.name, roster)
        people = _people(found, reader)
        for each in handing.handed(found, lab.name, roster, people):
            yield _Reading(reader, lab, each).submission()


def _listed(path: Path, reader: Reader) -> list[Entry]:
    whole = Entry((), "file", 0, {"root": str(path), "parts": [], "members": []})
    if path.is_dir():
        found = list(entries.below(path))
    elif not path.is_file():
        raise NoSubmissions(f"{path}: no such file or folder")
    elif path.suffix.lower() == ".ipynb":
        found = [Entry((path.name,), "file", 0, whole.place)]
    else:
        try:
            listed = reader.listing(whole.place, whole_class=True)
        except Unread as unread:
            raise NoSubmissions(f"{path} {unread.reason}") from None
        found = list(entries.within(listed, whole))
    if not found:
        raise NoSubmissions(f"{path} holds nothing that could be a submission")
    return found


def _people(found: list[Entry], reader: Reader) -> dict[str, list[Owner]]:
    at = [each for each in found if each.parts == (OWNERS,) and each.kind == "file"]
    if not at:
        return {}
    try:
        told = reader.owners(at[0].place)
    except Unread as unread:
        raise NoSubmissions(f"{OWNERS} {unread.reason}") from None
    return {
        folder: [
            Owner(
                one.get("sid") or one.get("email") or folder,
                one.get("name", ""),
                platform="Gradescope",
            )
            for one in submitters
        ]
        for folder, submitters in told.items()
        if submitters
    }


class _Reading:
    """Reads what one student handed in."""

    def __init__(self, reader: Reader, lab: Released, given: Handed) -> None:
        self.reader, self.lab, self.given = reader, lab, given
        self.refused: list[Rejection] = []
        self.items = list(given.items)

    def submission(self) -> Submission:
        files = choosing.notebooks(self.items, self.lab.name)
        if not files:
            self._open_archives()
            files = choosing.notebooks(self.items, self.lab.name)
        for item in files[:TRIED]:
            try:
                found = self.reader.notebook(item.entry.place)
            except Unread as unread:
                self._refuse(item, unread)
            else:
                return self._matched(item, found)
        return self._rejected((self.refused or [choosing.missing(self.items)])[0])

    def _open_archives(self) -> None:
        for item in choosing.archives(self.items)[:TRIED]:
            try:
                listed = self.reader.listing(item.entry.place, whole_class=False)
            except Unread as unread:
                self._refuse(item, unread)
            else:
                inner = entries.within(listed, item.entry)
                self.items += [Item(each, each.name, item.when) for each in inner]

    def _matched(self, item: Item, found: JSON) -> Submission:
        result = matched(found["cells"], self.lab)
        file = shown(item.entry.path)
        if not result.tasks and not any(c["kind"] == "check" for c in result.cells):
            names = ", ".join(task.name for task in self.lab.tasks)
            reason = (
                f"holds no task of {self.lab.name}: none of its cells defines {names}"
            )
            step = f"hand in the notebook of {self.lab.name}"
            return self._rejected(Rejection(file, reason, step), found["digest"])
        passed = [f"{each.file} {each.reason}" for each in self.refused]
        left = choosing.left_out(self.items, item)
        notes = [*passed, *left, *found["notes"], *result.notes]
        return Submission(
            self.given.key,
            found["digest"],
            self._work(file, result.cells, notes),
            None,
        )

    def _rejected(self, rejection: Rejection, digest: str = "") -> Submission:
        work = self._work(rejection.file, [], [])
        return Submission(self.given.key, digest, work, rejection)

    def _work(self, file: str, cells: list[JSON], notes: list[str]) -> JSON:
        return {
            "submission": self.given.key,
            "student": self.given.student,
            "name": self.given.name,
            "file": file,
            "cells": cells,
            "notes": [*self.given.notes, *notes],
        }

    def _refuse(self, item: Item, unread: Unread) -> None:
        file = shown(item.entry.path)
        self.refused.append(Rejection(file, unread.reason, unread.next_step))
