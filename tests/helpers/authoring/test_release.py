"""A lab is its solution less the answers, as nbgrader's own command makes it."""

import ast
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.authoring import release, tidy
from tests.course.samples_of_style import solution


def lab():
    return release.released(solution(), "lab_1_1")


def source(notebook, name):
    return next(cell.source for cell in notebook.cells if cell.id == name)


def test_the_answer_is_gone_and_what_is_left_fails_clearly():
    text = source(lab(), "land-raw-answer")
    assert "return 1" not in text
    assert "raise NotImplementedError()" in text
    assert ast.get_docstring(ast.parse(text).body[0]) == "Land it."


def test_outputs_are_gone_and_ids_are_kept():
    released = lab()
    codes = [cell for cell in released.cells if cell.cell_type == "code"]
    assert all(not c.outputs and c.execution_count is None for c in codes)
    assert [c.id for c in released.cells] == [c.id for c in solution().cells]


def test_checks_are_locked_and_checksummed():
    released = lab()
    check = next(cell for cell in released.cells if cell.id == "land-raw-check")
    assert (check.metadata.deletable, check.metadata.editable) == (False, False)
    assert len(check.metadata.nbgrader.checksum) == 32


def test_the_solution_is_left_as_it_is():
    given = solution()
    before = nbformat.writes(given)
    release.released(given, "lab_1_1")
    assert nbformat.writes(given) == before


def test_releasing_twice_gives_the_same_text():
    assert tidy.dumps(lab()) == tidy.dumps(lab())


@pytest.mark.filterwarnings("ignore")
def test_nbgrader_makes_the_same_lab(tmp_path):
    place = tmp_path / "source" / "lab_1_1" / "lab_1_1.ipynb"
    place.parent.mkdir(parents=True)
    tidy.write(solution(), place)
    command = [str(Path(sys.executable).with_name("nbgrader")), "generate_assignment"]
    options = ["--create", "--no-db", "--CourseDirectory.root=.", "lab_1_1"]
    path = str(Path(sys.executable).parent)
    subprocess.run(
        [*command, *options],
        cwd=tmp_path,
        env={"PATH": f"{path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    made = tidy.read(tmp_path / "release" / "lab_1_1" / "lab_1_1.ipynb")
    assert tidy.dumps(made) == tidy.dumps(lab())
