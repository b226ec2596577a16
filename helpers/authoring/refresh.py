"""Execute lessons and solutions, and store what came of them."""

from collections.abc import Iterator
from pathlib import Path

from helpers.authoring import tidy
from helpers.authoring.execute import Run, run_all


def refresh(paths: list[Path]) -> Iterator[tuple[Run, bool]]:
    """Execute notebooks; store those that ran through.

    Args:
        paths: of the notebooks.

    Yields:
        Each run, and whether its file has changed. A failed run changes none.
    """
    for run in run_all(paths):
        stored = not run.failure and tidy.write(run.notebook, run.path)
        yield run, stored
