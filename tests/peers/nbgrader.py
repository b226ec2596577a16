"""A course of nbgrader's on the light lab.

nbgrader is used as its manual says, and helped where a lab on a local endpoint asks
for it: all students share one endpoint, which nbgrader's own hook empties before each
of them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.notebooks import STOCK
from tests.hostile.corpus import LAB

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "light"
TUNED = ["--Execute.shutdown_kernel=immediate"]
CONFIG = """
from localaws import daemon


def empty_endpoint(**_):
    daemon.start().control("POST", "reset")


c = get_config()
c.CourseDirectory.course_id = "peers"
c.Autograde.pre_convert_hook = empty_endpoint
"""
_HELPERS = ("__init__.py", "check.py", "cloud.py", "samples.py", "show.py", "checks")


class Course:
    """A course folder, with a home of the instructor's beside it.

    Attributes:
        root: what nbgrader calls the course directory.
        home: of the instructor.
        overlay: where the kernels find `helpers`, with the checks of the light lab.
        endpoint: the home of the endpoint that the students share.
    """

    def __init__(self, place: Path) -> None:
        self.root = place / "course"
        self.home = place / "home"
        self.overlay = place / "overlay"
        self.endpoint = place / "endpoint"

    def make(self) -> None:
        """Make the folders, and the assignment by `nbgrader generate_assignment`."""
        for folder in (self.root, self.home, self.endpoint):
            folder.mkdir(parents=True, mode=0o700)
        source = ROOT / "helpers"
        for name in _HELPERS:
            _copy(source / name, self.overlay / "helpers" / name)
        shutil.copy(LAB / "checks.py", self.overlay / "helpers/checks/light.py")
        (self.root / "nbgrader_config.py").write_text(CONFIG)
        _copy(LAB / "solution.ipynb", self.root / "source" / ASSIGNMENT / "lab.ipynb")
        subprocess.run(
            self._command("generate_assignment"),
            env=os.environ | self.environment(),
            capture_output=True,
            check=True,
        )

    def environment(self) -> dict[str, str]:
        """Give what is different in the environment of nbgrader."""
        # nbgrader looks for alembic on the path
        programs = [str(Path(sys.prefix, "bin")), os.environ.get("PATH", os.defpath)]
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join(programs),
            "PYTHONPATH": os.pathsep.join([str(self.overlay), str(ROOT)]),
            "LOCALAWS_HOME": str(self.endpoint),
            "JUPYTER_DEFAULT_PROVISIONER_NAME": STOCK,
        }

    def submitted(self, student: str) -> Path:
        """Give the folder of a student's submission, which need not be there."""
        return self.root / "submitted" / student / ASSIGNMENT

    def autograded(self, student: str) -> Path:
        """Give the folder of a student's graded submission, which may be missing."""
        return self.root / "autograded" / student / ASSIGNMENT

    def submit(self, student: str, notebook: dict[str, Any]) -> None:
        """Hand in a notebook."""
        folder = self.submitted(student)
        folder.mkdir(parents=True)
        (folder / "lab.ipynb").write_text(json.dumps(notebook))

    def autograde(self, *, tuned: bool = False) -> list[str]:
        """Give the command that grades all submissions, from any working directory.

        Args:
            tuned: whether kernels are killed, not asked to end.
        """
        return [*self._command("autograde"), *(TUNED if tuned else [])]

    def scores(self) -> dict[str, float | None]:
        """Give the score of each student who has handed in.

        Returns:
            None where nbgrader has dropped the submission, or leaves it to a person.
        """
        # it takes a second to import, which the command line need not wait for
        from nbgrader.api import Gradebook, MissingEntry

        scores: dict[str, float | None] = {}
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "peers") as book:
            for folder in sorted((self.root / "submitted").iterdir()):
                scores[folder.name] = None
                try:
                    graded = book.find_submission(ASSIGNMENT, folder.name)
                except MissingEntry:
                    continue
                if not graded.needs_manual_grade:
                    scores[folder.name] = graded.score
        return scores

    def _command(self, name: str) -> list[str]:
        nbgrader = [sys.executable, "-m", "nbgrader", name, ASSIGNMENT]
        return [*nbgrader, f"--course-dir={self.root}"]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
