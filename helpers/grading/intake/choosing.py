"""Which of the files that a student handed in is the notebook."""

import re

from helpers.grading.intake.handing import Item
from helpers.grading.intake.identity import normal
from helpers.grading.intake.rejection import BY_KIND, Rejection, shown

ENDING = ".ipynb"
NOTHING = "hand in the notebook with your work"


def notebooks(items: list[Item], lab: str) -> list[Item]:
    """Give the files that may be the notebook, the likeliest first.

    The latest attempt goes first, then the lab's own name, then a name like it, then
    what lies less deep; of copies, such as `lab (2).ipynb`, the last one.
    """
    files = [each for each in items if _is_notebook(each) and each.entry.kind == "file"]
    files.sort(key=lambda each: _rank(each, lab))
    return sorted(files, key=lambda each: each.when, reverse=True)


def archives(items: list[Item]) -> list[Item]:
    """Give the archives, in which a notebook may be."""
    zips = [each for each in items if each.file.lower().endswith(".zip")]
    return [each for each in zips if each.entry.kind == "file"]


def missing(items: list[Item]) -> Rejection:
    """Say why there is nothing to read among what was handed in."""
    likely = sorted(items, key=lambda each: not _is_notebook(each))
    for each in likely:
        if each.entry.kind in BY_KIND:
            return Rejection(shown(each.entry.path), *BY_KIND[each.entry.kind])
    if not items:
        return Rejection("", "nothing was handed in", NOTHING)
    files = [shown(each.file) for each in items if each.entry.kind == "file"]
    if not files:
        return Rejection("", "no notebook was handed in, nor any other file", NOTHING)
    some = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
    return Rejection(some, "no notebook was handed in", f"{NOTHING}, a file {ENDING}")


def left_out(items: list[Item], chosen: Item) -> list[str]:
    """Say which files beside the chosen one nobody looks at."""
    notes = []
    others = [each for each in items if _is_notebook(each) and each is not chosen]
    if others:
        names = _some(others)
        notes.append(f"graded is {shown(chosen.entry.path)}, not {names}")
    programs = [each for each in items if each.file.lower().endswith(".py")]
    if programs:
        notes.append(f"not used, as only the notebook is graded: {_some(programs)}")
    return notes


def _some(items: list[Item]) -> str:
    names = [shown(each.entry.path) for each in items[:3]]
    return ", ".join(names) + (f" and {len(items) - 3} more" if len(items) > 3 else "")


def _is_notebook(item: Item) -> bool:
    return item.file.lower().endswith(ENDING)


def _rank(item: Item, lab: str) -> tuple:
    exact = item.file.lower() == f"{lab}{ENDING}".lower()
    like = normal(lab) in normal(item.file)
    copy = re.search(r"(\d+)\D*$", item.file.removesuffix(ENDING).removeprefix(lab))
    last = int(copy[1][:9]) if copy else 0
    return (not exact, not like, len(item.entry.parts), -last, item.entry.path)
