"""What lies below a folder or in an archive: names, and what each of them is."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.grading.intake.reader.bounds import BOUNDS
from helpers.grading.intake.reader.opening import kind

DEEPEST = 6
_PASSED_OVER = {"__MACOSX", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Entry:
    """A name that was handed in.

    Attributes:
        parts: the names from the top of what was handed in.
        kind: `file`, or what makes it something that is not read.
        size: in bytes, as the folder or the archive says.
        place: how the reading process finds it.
    """

    parts: tuple[str, ...]
    kind: str
    size: int
    place: dict[str, Any]

    @property
    def name(self) -> str:
        """Give the last name."""
        return self.parts[-1]

    @property
    def path(self) -> str:
        """Give all names, as one reads them."""
        return "/".join(self.parts)


def below(root: Path) -> Iterator[Entry]:
    """List a folder of submissions, in the order of the names; nothing is opened."""
    for name, found in _children(root):
        if found == "folder":
            yield from _inside(root, (name,))
        else:
            yield _entry(root, (name,), found)


def within(listed: list[dict[str, Any]], outer: Entry) -> Iterator[Entry]:
    """Give what an archive lists, as entries below the entry that it is."""
    for each in sorted(listed, key=lambda one: one["name"]):
        parts = tuple(part for part in each["name"].split("/") if part not in ("", "."))
        # who stands in a name that leads elsewhere is nobody's business
        parts = (each["name"],) if each["kind"] == "outside" else parts
        if parts and not any(map(_passed_over, parts)):
            place = {**outer.place, "members": [*outer.place["members"], each["index"]]}
            yield Entry((*outer.parts, *parts), each["kind"], each["size"], place)


def _inside(root: Path, top: tuple[str, ...]) -> Iterator[Entry]:
    folders, count = [top], 0
    while folders:
        folder = folders.pop(0)
        try:
            children = _children(root.joinpath(*folder))
        except OSError:
            yield _entry(root, folder, "unreadable")
            continue
        if folder[-1].lower().endswith(".ipynb"):
            yield _entry(root, folder, "folder")
        for name, found in children:
            count += 1
            if count > BOUNDS.entries:
                yield _entry(root, (*folder, name), "many")
                return
            if found != "folder":
                yield _entry(root, (*folder, name), found)
            elif len(folder) < DEEPEST:
                folders.append((*folder, name))
    if not count:
        yield _entry(root, top, "nothing")


def _children(folder: Path) -> list[tuple[str, str]]:
    found = []
    with os.scandir(folder) as children:
        for each in children:
            if not _passed_over(each.name):
                mode = each.stat(follow_symlinks=False).st_mode
                found.append((each.name, kind(mode)))
            if len(found) > BOUNDS.listed:
                break
    return sorted(found)


def _passed_over(name: str) -> bool:
    return (name.startswith(".") and not name.startswith("..")) or name in _PASSED_OVER


def _entry(root: Path, parts: tuple[str, ...], found: str) -> Entry:
    place = {"root": str(root), "parts": list(parts), "members": []}
    return Entry(parts, found, 0, place)
