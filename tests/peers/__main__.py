"""`python -m tests.peers`: nbgrader's figure beside ours, on the same cases."""

import argparse
import fnmatch
import json
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.hostile.corpus import Case, cases
from tests.hostile.graded import grade
from tests.hostile.held import REASONS, faults, ours
from tests.peers import box
from tests.peers.batch import MOST_TASKS, batch, template

CATEGORIES = {
    "b": "baseline",
    "c": "content of reports",
    "d": "theft",
    "e": "endpoint",
    "f": "malformed files",
    "g": "forged grades",
    "k": "keys of S3",
    "m": "model archives",
    "n": "honest accidents",
    "p": "processes",
    "r": "resources",
    "t": "training scripts",
}
ABOUT = f"""Grade the corpus of tests/hostile with nbgrader and with our grader.

Each case lies between two right submissions. nbgrader grades each three in a batch of
their own, by `nbgrader autograde` with its defaults (30 s a cell), in a sandbox that
protects this machine and leaves it its natural powers. A batch is stopped at
{box.MOST_GIB} GiB of memory or of disk, {box.MOST_PROCESSES} processes or \
{box.MOST_SECONDS} s; a fork bomb comes to
{MOST_TASKS} processes and threads and no further, so that the machine can go on.
Our grader grades all in one run (6 s a cell). One function judges both.

A case is held if its points are in the range of its case.yaml, its neighbours have full
marks, no secret was shown or sent, no file of others changed, nothing but the endpoint
is left running, and the batch ended by itself. In nbgrader's favour: the shared
endpoint is emptied before each student, hidden tests are no secret, and a broken file
is held whether it is graded or left to a person. It needs bubblewrap, and about
40 minutes on two processors.
"""


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="*", metavar="PATTERN", help="such as 'g*'")
    parser.add_argument(
        "--workers", type=int, default=2, help="batches of nbgrader at a time"
    )
    parser.add_argument("--json", type=Path, help="also write all that was seen")
    options = parser.parse_args()
    chosen = [each for each in cases() if fnmatch.fnmatch(each.name, options.only)]
    if not chosen:
        parser.error(f"no case is called {options.only}")

    console = Console()
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("nbgrader", total=len(chosen))
        theirs = {}
        for name, judged in _theirs(chosen, options.workers):
            theirs[name] = judged
            bar.advance(task)
            words = "; ".join(judged["faults"]) or "held"
            bar.console.print(f"{name}: {words}, {judged['seconds']} s", markup=False)
        bar.update(task, description="our grader")
        own = _ours(chosen)
    judged = {each.name: {"nbgrader": theirs[each.name]} for each in chosen}
    for name, found in own.items():
        judged[name]["ours"] = {"faults": found}
    if options.json:
        document = {
            "nbgrader": version("nbgrader"),
            "python": platform.python_version(),
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "cases": judged,
        }
        options.json.write_text(json.dumps(document, indent=1))
    console.width = max(console.width, 110)
    console.print(table(judged))
    for grader in ("ours", "nbgrader"):
        console.print(f"{grader}: {_counted(judged, grader)}")


def table(judged: dict[str, Any]) -> Table:
    """Give by category how many cases each grader has held."""
    shown = Table(title=f"Cases held, nbgrader {version('nbgrader')} beside ours")
    for head in ("category", "cases", "ours", "nbgrader"):
        shown.add_column(head, justify="left" if head == "category" else "right")
    for letter, category in [*CATEGORIES.items(), ("", "all")]:
        those = [each for name, each in judged.items() if name.startswith(letter)]
        if those:
            held = [
                sum(not each[grader]["faults"] for each in those)
                for grader in ("ours", "nbgrader")
            ]
            shown.add_row(category, str(len(those)), *map(str, held))
    return shown


def _theirs(chosen: list[Case], workers: int) -> Iterator[tuple[str, Any]]:
    with template() as made, ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(batch, case, made): case.name for case in chosen}
        for done in as_completed(waiting):
            yield waiting[done], done.result().document()


def _ours(chosen: list[Case]) -> dict[str, dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="ours-") as place:
        graded = grade(chosen, Path(place))
        return {
            case.name: faults(case, ours(graded, number, case))
            for number, case in enumerate(chosen)
        }


def _counted(judged: dict[str, Any], grader: str) -> str:
    count = Counter(why for each in judged.values() for why in each[grader]["faults"])
    lost = sum(bool(each[grader]["faults"]) for each in judged.values())
    words = ", ".join(f"{why} {count[why]}" for why in REASONS if count[why])
    return f"{len(judged) - lost} of {len(judged)} held" + (words and f"; {words}")


if __name__ == "__main__":
    main()
