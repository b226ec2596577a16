"""A class of ten, and a run over it."""

import io

import pytest
from rich.console import Console

from helpers.grading.batch.running import Order, run
from tests.helpers.grading.batch import parts


@pytest.fixture
def lab(tmp_path):
    return parts.make_lab(tmp_path / "lab")


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "class"
    for number in range(6):
        parts.hand_in(root, f"s{number}")
    (root / "bad").mkdir()
    return root


@pytest.fixture
def said():
    return io.StringIO()


@pytest.fixture
def order(tmp_path, lab, root):
    def makes(**more):
        fixed = {"lab": str(lab), "submissions": root, "out": tmp_path / "out"}
        return Order(**{**fixed, "seed": 5, "workers": 2, **more})

    return makes


@pytest.fixture
def batch(said, order):
    def runs(means=None, **more):
        console = Console(file=said, width=200)
        return run(order(**more), console, means or parts.means())

    return runs
