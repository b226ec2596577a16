"""One case of the corpus in nbgrader's hands, between two right submissions."""

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.hostile.corpus import Case, right
from tests.hostile.graded import MARKS
from tests.hostile.held import FEW, MANY, Seen, faults
from tests.peers import box, inside
from tests.peers.nbgrader import ROOT, Course

BEFORE, CASE, AFTER = "alice", "mallory", "zoe"
BROKEN = "f"
# A bound of the kernel's, which counts threads, too: one case may have many.
MOST_TASKS, TASKS = box.MOST_PROCESSES + 100, {"r14_threads": 6_000}


@dataclass(frozen=True)
class Judged:
    """What came of a case.

    Attributes:
        seen: what there was to see.
        faults: why it was not held, or empty.
        ended: how nbgrader ended.
    """

    seen: Seen
    faults: dict[str, str]
    ended: box.Ended
    log: str = ""

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        shown = {"seconds": round(self.ended.seconds, 1), "memory": self.ended.memory}
        return {"faults": self.faults, "seen": asdict(self.seen), **shown}


@contextmanager
def template() -> Iterator[Path]:
    """Make a course once, which each batch copies."""
    with _place() as place:
        Course(place).make()
        yield place


def batch(case: Case, made: Path) -> Judged:
    """Grade a case with nbgrader in the protective sandbox.

    Args:
        case: of the corpus.
        made: a course as `template` makes it.
    """
    with _place() as place:
        shutil.copytree(made, place, dirs_exist_ok=True)
        course = Course(place)
        _hand_in(course, case)
        before = _files(course)
        tasks = TASKS.get(case.name, MOST_TASKS)
        ended = _run(course, "grade", tasks)
        report = {} if ended.stopped else _document(ended.said)
        points = _document(_run(course, "scores", tasks).said)
        after = _files(course)
        seen = Seen(
            points.get(CASE),
            (points.get(BEFORE), points.get(AFTER)),
            (*_leaked(course), *(f"sent {line}" for line in report.get("heard", ()))),
            tuple(sorted(name for name in before if before[name] != after.get(name)))
            + tuple(sorted(set(after) - set(before))),
            tuple(report.get("left", ())),
            _unended(ended, report),
        )
    found = faults(case, seen)
    if case.name.startswith(BROKEN):
        # it may be graded where we refuse it, or be left to a person
        if case.rejected:
            found.pop(MANY, None)
        elif seen.points is None:
            found.pop(FEW, None)
    return Judged(seen, found, ended, report.get("log", ended.errors))


@contextmanager
def _place() -> Iterator[Path]:
    """Make a folder that the ordinary user of the sandbox finds."""
    place = Path(tempfile.mkdtemp(prefix="peers-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _hand_in(course: Course, case: Case) -> None:
    (course.home / "secret").write_text(MARKS["home"])
    for student in (BEFORE, AFTER):
        course.submit(student, right(MARKS["neighbour"]))
    environment = {
        "ROOT": str(ROOT),
        "CASES": str(course.root / "submitted"),
        "OUT": str(course.root),
        "HOME": str(course.home),
        "NEIGHBOUR": str(course.submitted(AFTER) / "lab.ipynb"),
        "ADDRESS": inside.ADDRESS,
        "PORT": str(inside.PORT),
    }
    case.build(course.submitted(CASE), environment)


def _run(course: Course, what: str, tasks: int) -> box.Ended:
    environment = {
        "LANG": "C.UTF-8",
        "GRADER_TOKEN": MARKS["environment"],
        **course.environment(),
    }
    place = course.root.parent
    program = [sys.executable, "-m", "tests.peers.inside", str(place)]
    return box.run([*program, what, str(tasks)], place, environment)


def _unended(ended: box.Ended, report: dict[str, Any]) -> str:
    if ended.stopped:
        return f"stopped, {ended.stopped}"
    if not report:
        return "killed from inside"
    return f"nbgrader ended by signal {-report['code']}" if report["code"] < 0 else ""


def _files(course: Course) -> dict[str, str]:
    """Give the digests of what no submission may change, by name."""
    kept = [course.root / "source", course.root / "nbgrader_config.py", course.overlay]
    kept += [course.submitted(BEFORE), course.submitted(AFTER), course.home / "secret"]
    found = {}
    for top in kept:
        for path in [top, *top.rglob("*")]:
            if "__pycache__" not in path.parts and not path.is_dir():
                name = str(path.relative_to(course.root.parent))
                found[name] = hashlib.sha256(_read(path)).hexdigest()
    return found


def _leaked(course: Course) -> list[str]:
    """Name the secrets that the student would see in the outputs."""
    notebook = _document(_read(course.autograded(CASE) / "lab.ipynb"))
    outputs = json.dumps([each.get("outputs") for each in notebook.get("cells", ())])
    return [f"shows {name}" for name, mark in MARKS.items() if mark in outputs]


def _document(text: str | bytes) -> dict[str, Any]:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _read(path: Path) -> bytes:
    """Read a file that hostile code may have put there; no link, no pipe."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(file, "rb") as opened:
        regular = stat.S_ISREG(os.fstat(opened.fileno()).st_mode)
        return opened.read(1 << 28) if regular else b""
