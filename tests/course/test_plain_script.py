"""The code of a notebook, copied into a file, runs as an ordinary script."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

from helpers.authoring.manifest import ROOT, course

NOTEBOOKS = [lesson.path for lesson in course().lessons if lesson.ready]


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


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
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
