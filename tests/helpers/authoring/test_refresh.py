"""Outputs are stored when they have changed, and never those of a failure."""

from helpers.authoring import tidy
from helpers.authoring.refresh import refresh


def test_outputs_are_stored_once(notebook):
    path, changed = notebook("6 * 7"), []
    list(refresh([path], changed))
    assert changed == [path]
    assert tidy.read(path).cells[1].outputs[0].data["text/plain"] == "42"
    again = []
    list(refresh([path], again))
    assert again == []


def test_a_failed_run_stores_nothing(notebook):
    path, changed = notebook("1 / 0"), []
    before = path.read_bytes()
    (run,) = refresh([path], changed)
    assert run.failure
    assert (changed, path.read_bytes()) == ([], before)
