"""Runs over one class, each killed at another point; for `test_kill`.

python -m tests.helpers.grading.batch.killed LAB CLASS OUT: a fork for each point, with
its results below OUT.
"""

import os
import signal
import sys
from pathlib import Path

from rich.console import Console

from helpers.grading.batch import journal, plan, running
from tests.helpers.grading.batch import parts


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def at_once():
    plan.write = die


def in_the_third():
    count = []

    def third(*given):
        count.append(1)
        return die() if len(count) == 3 else parts.grade(*given)

    return third


def in_a_line():
    write = os.write

    def torn(file, data):
        if b'"s2"' in bytes(data):
            write(file, bytes(data)[:50])
            die()
        return write(file, data)

    journal.os.write = torn


def before_the_disk_has_it():
    sync = os.fsync
    count = []

    def fourth(file):
        count.append(file)
        return die() if len(count) == 4 else sync(file)

    journal.os.fsync = fourth


def before_it_is_in_order():
    replace = Path.replace

    def replaced(new, path):
        return die() if path.name == journal.FILE else replace(new, path)

    Path.replace = replaced


def before_the_report():
    parts.report = die


POINTS = (
    at_once,
    in_the_third,
    in_a_line,
    before_the_disk_has_it,
    before_it_is_in_order,
    before_the_report,
)


def main(lab: str, root: str, out: str) -> None:
    for point in POINTS:
        pid = os.fork()
        if not pid:
            grade = point() or parts.grade
            order = running.Order(lab, Path(root), Path(out, point.__name__), seed=5)
            running.run(
                order,
                Console(quiet=True),
                parts.means(grade=grade, report=parts.report),
            )
            os._exit(0)
        status = os.waitpid(pid, 0)[1]
        print(point.__name__, os.WIFSIGNALED(status) and os.WTERMSIG(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
