"""Who has handed in what: the entries of a class, by student."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from helpers.grading.intake.entries import Entry
from helpers.grading.intake.identity import Owner, normal, owner
from helpers.grading.intake.rejection import shown
from helpers.grading.intake.roster import Roster

People = dict[str, list[Owner]]


@dataclass(frozen=True)
class Item:
    """One entry of a student.

    Attributes:
        entry: where it is.
        file: what the student called it.
        when: the time of the attempt, as the platform wrote it; empty if it did not.
    """

    entry: Entry
    file: str
    when: str = ""


@dataclass
class Handed:
    """What one student has handed in.

    Attributes:
        key: unique in the class, and fit for the name of a file.
        student: the id.
        name: of the person; empty if unknown.
        items: in the order of their names.
        notes: what was odd.
    """

    key: str
    student: str
    name: str
    items: list[Item]
    notes: list[str] = field(default_factory=list)


def unwrapped(entries: list[Entry], lab: str, roster: Roster | None) -> list[Entry]:
    """Take off the one folder round all others that archives often have."""
    tops = {each.parts[0] for each in entries}
    if len(tops) != 1 or any(len(each.parts) < 2 for each in entries):
        return entries
    top = tops.pop()
    who = owner(top, True, lab)
    if who.platform or (roster and roster.find(who)):
        return entries
    inner = {each.parts[1] for each in entries if len(each.parts) > 2}
    files = {each.parts[1] for each in entries if len(each.parts) == 2}
    people = [name for name in inner if normal(name) != normal(lab)]
    named = [name for name in files if owner(name, False, lab).platform]
    loose = [n for n in files if n.lower().endswith(".ipynb") and not _of(lab, n)]
    if people or named or len(loose) > 1:
        return [replace(each, parts=each.parts[1:]) for each in entries]
    return entries


def handed(
    entries: Iterable[Entry], lab: str, roster: Roster | None, people: People
) -> Iterator[Handed]:
    """Give what each student has handed in, then the students who have not.

    Args:
        entries: of the whole class.
        lab: the name of the lab, which files may bear.
        roster: the class; None if it is not known.
        people: who stands behind a folder of Gradescope's.
    """
    groups: dict[tuple[str, str], tuple[Owner, list[Item]]] = {}
    for entry in entries:
        top, is_folder = entry.parts[0], len(entry.parts) > 1
        is_folder = is_folder or entry.kind in ("folder", "nothing", "unreadable")
        who = owner(top, is_folder, lab)
        if not is_folder and not who.platform and not _is_work(top):
            continue
        file = entry.name if len(entry.parts) > 1 else who.file
        group = groups.setdefault((who.platform, who.id), (who, []))
        group[1].append(Item(entry, file, who.when))
    given, keys = [], set()
    for who, items in groups.values():
        for one in people.get(who.id, [who]):
            given.append(_identified(one, items, roster, keys))
            others = [each.name or each.id for each in people.get(who.id, [])]
            if len(others) > 1:
                given[-1].notes.append(f"handed in by {', '.join(map(shown, others))}")
    yield from _told_apart(given)
    known = {each.student for each in given}
    for student in roster.students if roster else ():
        if student.id not in known:
            key = unique(student.id, keys)
            yield Handed(key, shown(student.id), shown(student.name), [])


def unique(text: str, taken: set[str]) -> str:
    """Make a key of an id, and take it: letters, digits and .@-_ alone."""
    plain = re.sub(r"[^\w.@-]", "_", text)[:80].strip(".") or "_"
    key, count = plain, 1
    while key.casefold() in taken:
        count += 1
        key = f"{plain}-{count}"
    taken.add(key.casefold())
    return key


def _identified(
    who: Owner, items: list[Item], roster: Roster | None, keys: set[str]
) -> Handed:
    student = roster.find(who) if roster else None
    identity, name = (student.id, student.name) if student else (who.id, who.name)
    key = unique(identity, keys)
    found = Handed(key, shown(identity), shown(name), list(items))
    if roster and not student:
        found.notes.append("nobody in the roster bears this name")
    return found


def _told_apart(given: list[Handed]) -> list[Handed]:
    seen: dict[str, list[Handed]] = {}
    for each in given:
        seen.setdefault(each.student, []).append(each)
    for same in seen.values():
        for each in same if len(same) > 1 else ():
            each.notes.append(f"{len(same)} submissions bear this student's name")
    return given


def _is_work(name: str) -> bool:
    return name.lower().endswith((".ipynb", ".zip"))


def _of(lab: str, name: str) -> bool:
    return normal(name) == normal(lab)
