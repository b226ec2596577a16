"""The canonical form keeps what authors made and drops what tools noted."""

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from helpers.authoring import tidy


def written(*cells, **metadata):
    return nbformat.reads(tidy.dumps(notebook(*cells, **metadata)), as_version=4)


def notebook(*cells, **metadata):
    return new_notebook(cells=list(cells), metadata=metadata)


def test_the_notebook_itself_is_left_as_it_is():
    given = notebook(new_code_cell(" 1", id="a", metadata={"tags": []}), author="me")
    before = nbformat.writes(given)
    tidy.dumps(given)
    assert nbformat.writes(given) == before


def test_tools_leave_no_trace():
    cell = new_code_cell(
        "1",
        id="one",
        metadata={
            "tags": [],
            "papermill": {"duration": 1.0},
            "execution": {"iopub.status.busy": "2026"},
            "collapsed": True,
        },
    )
    tidied = written(cell, papermill={}, language_info={"name": "python"})
    assert tidied.metadata == {"kernelspec": tidy.KERNEL}
    assert tidied.cells[0].metadata == {}


def test_what_something_reads_is_kept():
    kept = {
        "tags": ["parameters"],
        "nbgrader": {"grade": False, "grade_id": "a", "schema_version": 3},
        "deletable": False,
        "editable": False,
    }
    assert (
        written(new_code_cell("1", id="one", metadata=kept)).cells[0].metadata == kept
    )


def test_ids_that_authors_chose_are_kept():
    ids = [c.id for c in written(*(new_markdown_cell("x", id=i) for i in "ab")).cells]
    assert ids == ["a", "b"]


def test_other_ids_become_slugs_of_their_section():
    tidied = written(
        new_markdown_cell("# A First Title!", id="4c2d9a10"),
        new_code_cell("1", id="8f3b5c1e-0a1b-4c2d-8e3f-001122334455"),
        new_markdown_cell("x", id="data"),
        new_code_cell("2", id="Bad_Id"),
    )
    assert [c.id for c in tidied.cells] == [
        "a-first-title",
        "a-first-title-2",
        "data",
        "data-2",
    ]


def test_a_traceback_keeps_neither_colours_nor_paths():
    frames = ["\x1b[31mFile /home/jo/lib.py:3\x1b[0m", "ValueError: no"]
    error = new_output("error", ename="ValueError", evalue="no", traceback=frames)
    cell = written(new_code_cell("1", id="one", outputs=[error])).cells[0]
    assert cell.outputs[0].traceback == ["ValueError: no"]


def test_pieces_of_one_stream_are_joined_and_two_streams_are_not():
    pieces = [
        ("stdout", "a\n"),
        ("stdout", "b\n"),
        ("stderr", "c\n"),
        ("stdout", "d\n"),
    ]
    outputs = [new_output("stream", name=n, text=t) for n, t in pieces]
    cell = written(new_code_cell("1", id="one", outputs=outputs)).cells[0]
    assert [(o.name, o.text) for o in cell.outputs] == [
        ("stdout", "a\nb\n"),
        ("stderr", "c\n"),
        ("stdout", "d\n"),
    ]


def test_tidying_again_changes_nothing():
    once = written(new_code_cell("1  \n2", id="Not_A_Slug"), author="me")
    assert tidy.dumps(once) == tidy.dumps(
        nbformat.reads(tidy.dumps(once), as_version=4)
    )


def test_a_file_is_written_only_when_it_differs(tmp_path):
    path = tmp_path / "new" / "lesson.ipynb"
    given = notebook(new_markdown_cell("# é", id="title"))
    assert tidy.write(given, path)
    assert not tidy.write(given, path)
    assert path.read_bytes().endswith(b"}\n")
    assert "é".encode() in path.read_bytes()


def test_an_invalid_notebook_is_refused():
    broken = notebook(new_code_cell("1", id="one"))
    broken.cells[0].outputs = [nbformat.from_dict({"output_type": "sound"})]
    with pytest.raises(nbformat.ValidationError):
        tidy.dumps(broken)
