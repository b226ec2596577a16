"""The command: grade what a class has handed in."""

import argparse
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from helpers.grading.batch import ending
from helpers.grading.batch.running import Order, run

DESCRIPTION = """
Grade what a class has handed in for a lab. Each notebook runs in a sandbox of its own,
with an AWS endpoint of its own, on cases drawn from a hidden seed.
"""
EPILOG = """
what it writes below OUT:
  grades.csv     points by student and task      class.html     the class
  students/      a page for each student         results.jsonl  all of it, for programs

Run the same command again to go on after a stop, a crash or a kill: what is graded is
kept. It refuses to go on if the lab, the seed or a submission is another.

exit codes:
  0    all submissions are graded, or rejected with their reason
  1    an argument is wrong, or there are no submissions
  3    refused, nothing graded: the sandbox does not hold here, or OUT has another run
  4    the grader owes a grade: it names whose; run the same command again
  130  stopped by Ctrl-C
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ending.USAGE, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Grade as the arguments say, and give the exit code."""
    given = _parser().parse_args(arguments)
    named = given.submissions.resolve()
    out = given.out or named.with_name(f"{named.stem}-graded")
    order = Order(**{**vars(given), "out": out})
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        left = run(order, console)
    except ending.Ended as ended:
        _say(console, ended.said)
        return ended.code
    except KeyboardInterrupt:
        again = shlex.join(
            ["python", "-m", "helpers.grading", *(arguments or sys.argv[1:])]
        )
        _say(console, f"Stopped; what is graded is kept. To go on:\n  {again}")
        return ending.STOPPED
    _say(console, f"The class: {out / 'class.html'}, its grades: {out / 'grades.csv'}")
    for result in left:
        _say(console, f"not graded: {result['submission']}: {result['notes'][-1]}")
    return ending.LEFT if left else ending.GRADED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m helpers.grading",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--lab", required=True, help="such as lab_1_1, or a folder with a lab")
    add(
        "--submissions",
        required=True,
        type=Path,
        help="a folder with one for each student, or with loose notebooks; or the zip "
        "of all submissions from Moodle, Canvas, Blackboard or Gradescope",
    )
    add("--out", type=Path, help="a folder (default: SUBMISSIONS-graded)")
    add("--roster", type=Path, help="a CSV with the columns id and name")
    add("--seed", type=_seed, help="draws the hidden cases (default: drawn, and kept)")
    add(
        "--workers",
        type=_count,
        default=os.cpu_count() or 1,
        help="submissions at a time (default: the processors, %(default)s)",
    )
    add(
        "--isolation",
        choices=["full", "reduced"],
        default="full",
        help="full; reduced has weaker walls and is refused where it is not built",
    )
    add(
        "--scheduler", default="", help="of a Dask cluster, such as tcp://10.0.0.1:8786"
    )
    add("--cell-seconds", type=_time, help="for one cell or one probe (default: 150)")
    add(
        "--fresh", action="store_true", help="forget what OUT holds, and grade all anew"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def _time(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


def _seed(text: str) -> int:
    if not text.isdigit() or int(text) >= 1 << 63:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 2^63 - 1")
    return int(text)


def _say(console: Console, text: str) -> None:
    clean = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    console.print(clean, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
