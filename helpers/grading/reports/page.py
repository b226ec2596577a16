"""A student's page: what each task asked, what was found, and where to read."""

import re
from hashlib import sha256
from pathlib import Path

from helpers.authoring.manifest import course
from helpers.grading.reports.records import Result, fresh
from helpers.grading.reports.rendering import render


def write(results: list[Result], folder: Path) -> dict[str, Path]:
    """Write a page a submission.

    Args:
        results: of the run.
        folder: where the pages go.

    Returns:
        By submission, its page.
    """
    lessons = _lessons()
    written = {}
    for each in results:
        reading = {
            task["task"]: _reading(task["bullets"], lessons) for task in each["tasks"]
        }
        text = render("student.html", result=each, reading=reading)
        written[each["submission"]] = fresh(folder / filename(each), text)
    return written


def filename(result: Result) -> str:
    """Name a page after its student, in letters that any system takes."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", result["student"])[:40].strip("-")
    number = sha256(result["submission"].encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable or 'student'}-{number[:10]}.html"


def _lessons() -> dict[str, list[str]]:
    """Give by bullet what teaches it."""
    taught: dict[str, list[str]] = {}
    for lesson in course().lessons:
        if lesson.ready:
            number = lesson.id.replace("_", ".", 1).split("_")[0]
            for bullet in lesson.bullets:
                taught.setdefault(bullet, []).append(f"{number} · {lesson.title}")
    return taught


def _reading(bullets: list[str], lessons: dict[str, list[str]]) -> list[str]:
    titles = [title for bullet in bullets for title in lessons.get(bullet, [])]
    return list(dict.fromkeys(titles))
