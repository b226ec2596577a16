"""Execute the whole course, and show minutes, results and the AWS bill."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.table import Table

from helpers.authoring.execute import Run, run_all
from helpers.authoring.manifest import ROOT
from helpers.authoring.score import scores, total


def rehearse(paths: list[Path], console: Console) -> bool:
    """Execute notebooks with a progress bar, then print a table of what came of them.

    Args:
        paths: of the notebooks, in the order of the table.
        console: where to print.

    Returns:
        Whether every notebook ran through and every solution has full marks.
    """
    runs = watched(run_all(paths), len(paths), console, "executing the course")
    runs.sort(key=lambda run: paths.index(run.path))
    console.print(_table(runs))
    for run in runs:
        if not succeeded(run):
            name = run.path.relative_to(ROOT)
            console.print(f"{name}: {result(run)}", style="red", markup=False)
            console.print(f"open it with: make lab, then {name}", markup=False)
    return all(map(succeeded, runs))


def watched(runs: Iterable[Run], count: int, console: Console, title: str) -> list[Run]:
    """Collect runs behind a progress bar, with one line for each as it ends."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    done = []
    with Progress(*columns, Elapsed(), console=console) as progress:
        bar = progress.add_task(title, total=count)
        for run in runs:
            name = run.path.relative_to(ROOT)
            progress.print(f"{run.seconds:6.1f} s  {name}  {result(run)}")
            progress.advance(bar)
            done.append(run)
    return done


def succeeded(run: Run) -> bool:
    """Tell whether a notebook ran through and, if it is graded, has full marks."""
    return not run.failure and not any(score.cause for score in scores(run.notebook))


def result(run: Run) -> str:
    """Say in one line what came of a run: points, `runs`, or the failure."""
    graded = scores(run.notebook)
    lost = [f"{score.task}: {score.cause}" for score in graded if score.cause]
    if run.failure or lost:
        return "; ".join([run.failure, *lost] if run.failure else lost)
    return total(graded) if graded else "runs"


def dollars(run: Run) -> float:
    """Add up the bill of a run, in US dollars; usage without a known price counts 0."""
    return sum(line["cost"] or 0.0 for line in run.bill)


def _table(runs: list[Run]) -> Table:
    table = Table(box=None, pad_edge=False, show_footer=True)
    seconds = sum(run.seconds for run in runs)
    bill = sum(map(dollars, runs))
    table.add_column("notebook", footer="all")
    table.add_column("seconds", justify="right", footer=f"{seconds:.1f}")
    passed = f"{sum(map(succeeded, runs))} of {len(runs)}"
    table.add_column("result", footer=passed)
    table.add_column("on AWS, USD", justify="right", footer=f"{bill:.4f}")
    for run in runs:
        short = result(run) if succeeded(run) else "[red]failed[/red]"
        name = str(run.path.relative_to(ROOT))
        table.add_row(name, f"{run.seconds:.1f}", short, f"{dollars(run):.4f}")
    return table
