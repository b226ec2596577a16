"""`make bench`: run the measures and print one table."""

import argparse
import dataclasses
import importlib
import json
import os
import platform
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.ratio import Plan, Row

MEASURES = {
    "jobs": "a training job against the same script run plainly",
    "tuning": "a tuning job against its script in a warm pool of processes",
    "pipelines": "a pipeline of ten training steps against the same ten jobs",
    "invoke": "InvokeEndpoint against FastAPI and against a call in process",
    "start": "cold start of the endpoint, and attaching to it",
    "s3": "S3 PUT and GET against moto's server",
    "formats": "five formats of the flights against CSV: bytes, and three reads",
    "notebooks": "the notebooks, forked, against plain scripts and stock kernels",
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main() -> None:
    """Run what the command line asks for."""
    described = "\n".join(f"  {name:10} {text}" for name, text in MEASURES.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Ratios to peers, both sides in one run. Measures:\n" + described,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=MEASURES, metavar="MEASURE")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and calls")
    parser.add_argument("--json", type=Path, help="also write the figures to a file")
    options = parser.parse_args()

    plan = Plan(rounds=2, calls=50) if options.quick else Plan(rounds=5, calls=200)
    console = Console()
    console.width = max(console.width, 110)
    # Two sides with pools of threads measure who shares two cores worse.
    os.environ.update(dict.fromkeys(THREADS, "1"))
    rows: list[Row] = []
    for name in options.only or MEASURES:
        begun = time.monotonic()
        console.print(f"[dim]{name}: {MEASURES[name]} …[/dim]")
        rows += importlib.import_module(f"tests.bench.{name}").measure(plan)
        console.print(f"[dim]{name}: {time.monotonic() - begun:.0f} s[/dim]")
    console.print(_table(rows))
    console.print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; load is that of the last minute. x: the median "
        "of ratios, pair by pair; s: seconds."
    )
    if options.json:
        text = json.dumps([dataclasses.asdict(row) for row in rows], indent=1)
        options.json.write_text(text + "\n")


def _table(rows: list[Row]) -> Table:
    table = Table("measure", "against", "median", "min to max", "pairs", "goal", "load")
    for row in rows:
        held = {None: "", True: " met", False: " [red]missed[/red]"}[row.held]
        goal = "" if row.goal is None else f"≤ {row.goal:g} {row.unit}{held}"
        table.add_row(
            row.what + (f"\n[dim]{row.note}[/dim]" if row.note else ""),
            row.against,
            f"{row.median:.2f} {row.unit}",
            f"{min(row.values):.2f} to {max(row.values):.2f}",
            str(len(row.values)),
            goal,
            f"{row.load:.1f}",
        )
    return table


if __name__ == "__main__":
    main()
