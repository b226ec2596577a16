"""Execute lessons and solutions, and store what came of them."""

from collections.abc import Iterator
from pathlib import Path

from helpers.authoring import tidy
from helpers.authoring.execute import Run, run_all


def refresh(paths: list[Path], changed: list[Path]) -> Iterator[Run]:
    """Execute notebooks; store those that ran through.

    Args:
        paths: of the notebooks.
        changed: takes up the path of each file that was written. A failed run
            writes none.

    Yields:
        Each run, as it ends.
    """
    for run in run_all(paths):
        if not run.failure and tidy.write(run.notebook, run.path):
            changed.append(run.path)
        yield run
