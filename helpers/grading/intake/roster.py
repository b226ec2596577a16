"""The list of a class: who may have handed something in."""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from helpers.grading.intake.identity import Owner

_ID = ("id", "sid", "student id", "student_id", "id number", "username", "login id")
_NAME = ("name", "full name", "student", "student name")
_OTHER = ("email", "email address", "sis user id", "sis login id", *_ID)


class BadRoster(ValueError):
    """The file is not a roster; says why."""


@dataclass(frozen=True)
class Student:
    """One line of the roster."""

    id: str
    name: str


class Roster:
    """Finds a student by what a platform says of the owner of a file."""

    def __init__(self, students: list[Student], also: dict[str, Student]) -> None:
        self.students = students
        self._by_id = {**also, **{each.id.casefold(): each for each in students}}
        self._by_name: dict[str, set[Student]] = {}
        for each in students:
            for form in _forms(each.name):
                self._by_name.setdefault(form, set()).add(each)

    def find(self, owner: Owner) -> Student | None:
        """Give the student; None if there is none, or more than one."""
        if known := self._by_id.get(owner.id.casefold()):
            return known
        names = (owner.name, "" if owner.platform else owner.id)
        found = set().union(*(self._by_name.get(_joined(name), ()) for name in names))
        return found.pop() if len(found) == 1 else None


def read(path: Path) -> Roster:
    """Read a roster: a CSV with the columns `id` and `name`.

    Other columns are kept if they identify somebody too, such as `email`.

    Raises:
        BadRoster: if there is no such column, or an id stands there twice.
        OSError: if it cannot be read.
    """
    head, *rows = _rows(path)
    columns = [cell.casefold() for cell in head]
    at = {each: columns.index(each) for each in columns}
    identity = next((at[each] for each in _ID if each in at), None)
    if identity is None:
        why = "its first line names no column id (or username)"
        raise BadRoster(f"{path.name}: {why}")
    name = next((at[each] for each in _NAME if each in at), None)
    others = [at[each] for each in _OTHER if each in at]
    students: dict[str, Student] = {}
    also = {}
    for row in rows:
        cells = [*row, *[""] * (len(head) - len(row))]
        student = Student(cells[identity], "" if name is None else cells[name])
        if student.id in students:
            raise BadRoster(f"{path.name}: the id {student.id} stands there twice")
        if student.id:
            students[student.id] = student
            found = (cells[each].casefold() for each in others)
            also |= {each: student for each in found if each}
    return Roster(list(students.values()), also)


def _rows(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    mark = max(",;\t", key=text.partition("\n")[0].count)
    lines = csv.reader(io.StringIO(text), delimiter=mark)
    rows = [[cell.strip() for cell in row] for row in lines]
    return [row for row in rows if any(row)] or [[]]


def _forms(name: str) -> set[str]:
    """Give a name in each order in which platforms write it, joined."""
    words = [_joined(word) for word in re.split(r"[\s,]+", name)]
    words = [word for word in words if word]
    return {"".join(words[at:] + words[:at]) for at in range(len(words))}


def _joined(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", plain)
