import subprocess
import sys

import nbformat
import pytest

from tests.bench.script import as_script, caught


def run(*cells: str) -> str:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    command = [sys.executable, "-c", as_script(notebook)]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def test_cells_run_in_order_and_compute_what_they_show():
    shown = "class Shown:\n    def _repr_html_(self):\n        print('shown', n)"
    assert run("n = 1", shown, "n += 1\nShown()") == "shown 2\n"


def test_an_announced_failure_is_caught_and_the_script_goes_on():
    assert run(caught("n = 1\n1 / 0"), "print(n)") == "division by zero\n1\n"


def test_another_failure_ends_the_script():
    with pytest.raises(subprocess.CalledProcessError):
        run("1 / 0")
