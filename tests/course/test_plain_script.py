"""The code of a notebook, copied into a file, runs as an ordinary script.

Of each lesson at night. By day the first one runs, and the others name nothing that
only a notebook has; what they do is seen where the notebooks are executed.
"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

from helpers.authoring.manifest import ROOT, course

NOTEBOOKS = [lesson.path for lesson in course().lessons if lesson.ready]
LATE = pytest.mark.nightly(reason="test_notebooks.py executes the same code by day")
RUFF = Path(sys.executable).with_name("ruff")


def script(notebook: Path) -> str:
    """Return the code cells without `cloud.start()`; announced failures are caught."""
    cells = nbformat.read(notebook, as_version=4).cells
    code = []
    for cell in cells:
        if "raises-exception" in cell.metadata.get("tags", ()):
            inner = textwrap.indent(cell.source, "    ")
            code.append(f"try:\n{inner}\nexcept ClientError:\n    pass")
        elif cell.cell_type == "code":
            code.append(cell.source)
    assert "cloud.start()" in code[0]
    code[0] = code[0].replace("cloud.start()", "")
    return "\n".join(["from botocore.exceptions import ClientError", *code])


def strange(code: str) -> str:
    """Say which names and statements of a script only a notebook knows."""
    check = [RUFF, "check", "--isolated", "--select=E9,F7,F821", "--quiet", "-"]
    done = subprocess.run(check, input=code, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_code_names_nothing_of_a_notebooks_own(notebook: Path) -> None:
    assert strange(script(notebook)) == ""


@pytest.mark.parametrize("code", ["display(1)", "%time x = 1", "await job", "!ls"])
def test_what_only_a_notebook_knows_is_found(code: str) -> None:
    assert strange(f"job = 1\n{code}\n") != ""


@pytest.mark.parametrize(
    "notebook",
    [*NOTEBOOKS[:1], *(pytest.param(path, marks=LATE) for path in NOTEBOOKS[1:])],
    ids=lambda path: path.stem,
)
def test_a_shell_that_knows_the_endpoint_runs_the_code(
    notebook: Path, tmp_path: Path
) -> None:
    (tmp_path / "lesson.py").write_text(script(notebook))
    home = {"LOCALAWS_HOME": str(tmp_path / "home"), "MPLBACKEND": "agg"}
    localaws = f"{sys.executable} -m localaws"
    commands = (
        f'{localaws} start && eval "$({localaws} env)" && '
        f"{sys.executable} lesson.py; code=$?; {localaws} stop; exit $code"
    )
    done = subprocess.run(
        ["sh", "-c", commands],
        cwd=tmp_path,
        env={**os.environ, **home, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
