"""Execute a notebook from a fresh kernel, in an endpoint of its own.

Papermill's engine does it. Its `execute_notebook` is not used: it takes a failure
that a cell announces, `raises-exception`, for a failure of the notebook.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import chdir
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.authoring import tidy
from helpers.authoring.endpoint import applied, isolated
from localaws import daemon

WORKERS = 2
CELL_SECONDS = 300
KERNEL = tidy.KERNEL["name"]


@dataclass(frozen=True)
class Run:
    """What came of one execution.

    Attributes:
        path: of the notebook that was executed; it is not changed.
        text: the executed notebook, in canonical form.
        seconds: from the start of the kernel to its end.
        failure: the cell that failed, and how; empty if none did.
        bill: the lines of what it would have cost on AWS.
    """

    path: Path
    text: str
    seconds: float
    failure: str = ""
    bill: list[dict[str, Any]] = field(default_factory=list)

    @property
    def notebook(self) -> NotebookNode:
        """Give the executed notebook."""
        return nbformat.reads(self.text, as_version=4)


def run(
    path: Path, parameters: dict[str, Any] | None = None, *, keep_going: bool = False
) -> Run:
    """Execute a notebook in the folder it lies in, as JupyterLab does.

    Args:
        path: of the notebook.
        parameters: values that replace those of its cell tagged `parameters`.
        keep_going: execute the cells after a failing one too.
    """
    with isolated(start=False) as environment, applied(environment), chdir(path.parent):
        began = time.perf_counter()
        executed, lost = _executed(path.resolve(), parameters, keep_going)
        seconds = time.perf_counter() - began
        bill = _bill(Path(environment["LOCALAWS_HOME"]))
    said = lost or failure(executed)
    return Run(path, tidy.dumps(executed), seconds, said, bill)


def run_all(paths: list[Path], workers: int = WORKERS) -> Iterator[Run]:
    """Execute notebooks side by side, and give each result as it comes.

    Args:
        paths: of the notebooks; the first ones start first.
        workers: how many at a time.
    """
    # A forked worker would share this process's threads and locks.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures: list[Future[Run]] = [pool.submit(partial(run, path)) for path in paths]
        try:
            for done in as_completed(futures):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def failure(notebook: NotebookNode) -> str:
    """Say which cell of an executed notebook failed, and how; empty if none did.

    An error that its cell announces is none; anything on stderr is one.
    """
    for place, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        announced = "raises-exception" in cell.metadata.get("tags", [])
        for output in cell.outputs:
            where = f"cell {place}, {cell.id}: "
            if output.output_type == "error" and not announced:
                return f"{where}{output.ename}: {output.evalue}"
            if output.output_type == "stream" and output.name == "stderr":
                return f"{where}wrote to stderr: {output.text.strip()}"
    return ""


def _executed(
    path: Path, parameters: dict[str, Any] | None, keep_going: bool
) -> tuple[NotebookNode, str]:
    """Give the executed notebook, or one that did not run and how it was lost."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    try:
        return _engine(path, parameters, keep_going), ""
    except (CellTimeoutError, DeadKernelError) as error:
        notebook = tidy.read(path)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        return notebook, " ".join(str(error).split())


def _engine(
    path: Path, parameters: dict[str, Any] | None, keep_going: bool
) -> NotebookNode:
    from papermill.engines import papermill_engines
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = load_notebook_node(str(path))
    if parameters:
        notebook = parameterize_notebook(
            notebook, parameters, kernel_name=KERNEL, language="python"
        )
    return papermill_engines.execute_notebook_with_engine(
        None,
        notebook,
        kernel_name=KERNEL,
        progress_bar=False,
        record_timing=False,
        allow_errors=keep_going,
        execution_timeout=CELL_SECONDS,
        start_timeout=60,
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )


def _bill(home: Path) -> list[dict[str, Any]]:
    connection = daemon.find(home)
    return connection.control("GET", "bill")["lines"] if connection else []
