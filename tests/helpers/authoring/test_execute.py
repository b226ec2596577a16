"""Executing gives the same text each time, and says where a notebook fails."""

import os
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from helpers.authoring import execute
from helpers.authoring.execute import failure, run, run_all


def stored(done):
    return {cell.id: cell for cell in done.notebook.cells}


def test_executing_twice_gives_the_same_text_and_a_bill(working):
    first, second = run(working), run(working)
    assert first.failure == second.failure == ""
    assert first.text == second.text
    assert [line["service"] for line in first.bill] != []
    counts = [c.execution_count for c in first.notebook.cells if c.cell_type == "code"]
    assert counts == [1, 2, 3]


def test_an_announced_failure_is_stored_in_one_line(working):
    (error,) = stored(run(working))["step-2"].outputs
    assert error.ename == "ClientError"
    assert error.traceback == [f"ClientError: {error.evalue}"]


def test_the_file_and_the_process_are_left_as_they_are(working):
    before, place, environment = working.read_bytes(), Path.cwd(), dict(os.environ)
    run(working)
    assert working.read_bytes() == before
    assert (Path.cwd(), dict(os.environ)) == (place, environment)


def test_cells_run_in_the_folder_of_the_notebook(notebook):
    path = notebook("from pathlib import Path\n\nPath.cwd().name")
    (output,) = stored(run(path))["step-0"].outputs
    assert output.data["text/plain"] == repr(path.parent.name)


def test_a_failure_names_its_cell_and_stops(notebook):
    done = run(notebook("1 / 0", "2"))
    assert done.failure == "cell 2, step-0: ZeroDivisionError: division by zero"
    assert stored(done)["step-1"].execution_count is None


def test_going_on_runs_the_cells_after_a_failure(notebook):
    done = run(notebook("1 / 0", "2"), keep_going=True)
    assert done.failure.startswith("cell 2")
    assert stored(done)["step-1"].execution_count == 2


def test_what_is_written_to_stderr_is_a_failure(notebook):
    done = run(notebook("import warnings\n\nwarnings.warn('old', stacklevel=1)"))
    assert done.failure.startswith("cell 2, step-0: wrote to stderr: ")


def test_parameters_replace_those_of_the_notebook(notebook):
    path = notebook("seed = 13", "seed", tags={0: ["parameters"]})
    for parameters, seen in [(None, "13"), ({"seed": 7}, "7")]:
        (output,) = stored(run(path, parameters))["step-1"].outputs
        assert output.data["text/plain"] == seen


def test_a_cell_that_hangs_is_a_failure(notebook, monkeypatch):
    monkeypatch.setattr(execute, "CELL_SECONDS", 2)
    done = run(notebook("1", "import time\n\ntime.sleep(60)"))
    assert "timed out" in done.failure
    assert "time.sleep(60)" in done.failure
    assert stored(done)["step-0"].execution_count is None


def test_a_kernel_that_dies_is_a_failure(notebook):
    done = run(notebook("import os\n\nos._exit(1)"))
    assert "died" in done.failure


def test_several_run_side_by_side(notebook):
    paths = [notebook(f"{n} / {n}", name=f"n{n}") for n in (0, 1, 2)]
    done = {run.path: run.failure for run in run_all(paths)}
    assert [bool(done[path]) for path in paths] == [True, False, False]


def test_no_failure_is_no_text():
    assert failure(new_notebook(cells=[new_code_cell("1", id="one")])) == ""
