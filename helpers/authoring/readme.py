"""Write the tables that are made from other files: course, coverage, fidelity.

A table stands between two comments, `<!-- course -->` and `<!-- /course -->`; what is
round them is the author's.
"""

import re
from pathlib import Path

from helpers.authoring.manifest import ROOT, Course, Lab, Lesson
from localaws import fidelity

README = ROOT / "README.md"
FIDELITY = ROOT / "localaws" / "FIDELITY.md"
PREFACE = """# What the endpoint does, operation by operation

Made from `localaws/fidelity/` by `make readme`: edit those files, not this one.

"""


def tables(course: Course) -> dict[str, str]:
    """Give the tables of the README by the name of their place."""
    return {"course": course_table(course), "coverage": coverage_table(course)}


def course_table(course: Course) -> str:
    """List the parts in order: what is ready is linked, what is planned is counted."""
    lines = ["| part | lessons | lab | hours | points |", "|---|---|---|--:|--:|"]
    for unit in course.units:
        part = f"{unit.id} {unit.title}" if unit.bullets else unit.title
        ready = [_link(lesson) for lesson in unit.lessons if lesson.ready]
        planned = len(unit.lessons) - len(ready)
        lessons = "<br>".join(ready + [f"{planned} planned"] * bool(planned))
        minutes = unit.lab.minutes + sum(lesson.minutes for lesson in unit.lessons)
        points = sum(task.points for task in unit.lab.tasks)
        cells = [part, lessons, _link(unit.lab), f"{minutes / 60:.1f}", str(points)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def coverage_table(course: Course) -> str:
    """Count, for each task statement, the bullets taught and graded so far."""
    lines = [
        "| task statement | domain | weight | bullets | taught | graded |",
        "|---|---|--:|--:|--:|--:|",
    ]
    taught = {b for each in course.lessons if each.ready for b in each.bullets}
    labs = [lab for lab in course.labs if lab.ready]
    graded = {b for lab in labs for task in lab.tasks for b in task.bullets}
    domain = ""
    for unit in (each for each in course.units if each.bullets):
        ids = unit.bullets.keys()
        first, domain = unit.domain != domain, unit.domain
        head = [unit.domain, f"{unit.weight} %"] if first else ["", ""]
        counts = [len(ids), len(ids & taught), len(ids & graded)]
        cells = [f"{unit.id} {unit.title}", *head, *map(str, counts)]
        lines.append("| " + " | ".join(cells) + " |")
    every = course.bullets.keys()
    sums = [len(every), len(every & taught), len(every & graded)]
    lines.append("| **all** | | 100 % | " + " | ".join(map(str, sums)) + " |")
    return "\n".join(lines)


def filled(text: str, name: str, table: str) -> str:
    """Put a table in its place in a text.

    Raises:
        LookupError: if the text has no such place, or two of them.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise LookupError(f"README.md needs {begin} and {end}, once")
    return pattern.sub(lambda _: f"{begin}\n{table}\n{end}", text)


def outdated(course: Course) -> list[tuple[Path, str]]:
    """Give each file whose tables are stale, with the text that it should have."""
    text = README.read_text(encoding="utf-8")
    for name, table in tables(course).items():
        text = filled(text, name, table)
    wanted = {README: text, FIDELITY: PREFACE + fidelity.table()}
    return [pair for pair in wanted.items() if _content(pair[0]) != pair[1]]


def write(course: Course) -> list[Path]:
    """Write every stale table, and give the paths of the files."""
    stale = outdated(course)
    for path, text in stale:
        path.write_text(text, encoding="utf-8")
    return [path for path, _ in stale]


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _link(item: Lesson | Lab) -> str:
    if not item.ready:
        return f"{item.title} (planned)"
    return f"[{item.title}]({item.path.relative_to(ROOT)})"
