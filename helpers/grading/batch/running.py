"""One run of the grader: read, compare with what was begun, grade, report."""

import shutil
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from helpers.grading import intake
from helpers.grading.batch import ending, journal, plan, rounds, standard
from helpers.grading.batch.board import Board
from helpers.grading.batch.crew import Cluster, Crew, Local
from helpers.grading.batch.duty import Duty
from helpers.grading.batch.journal import Journal
from helpers.grading.batch.plan import Plan
from helpers.grading.batch.spool import Spool
from helpers.grading.intake import roster
from helpers.grading.lab import Lab, LabError
from helpers.grading.result import INFRASTRUCTURE, Result

JSON = dict[str, Any]
MADE = (journal.FILE, plan.FILE, "grades.csv", "class.html", "students")


@dataclass(frozen=True)
class Order:
    """What the instructor asks for; see the command's help."""

    lab: str
    submissions: Path
    out: Path
    roster: Path | None = None
    seed: int | None = None
    isolation: str = "full"
    cell_seconds: float | None = None
    workers: int = 1
    scheduler: str = ""
    fresh: bool = False


@dataclass(frozen=True)
class Means:
    """What the parts of the grader are; tests put others in their place."""

    grade: Callable = standard.grade
    opens: Callable = standard.opens
    preflight: Callable = standard.preflight
    report: Callable[[Path], Any] = standard.report
    executor: Callable[[], Executor] | None = None


def run(order: Order, console: Console, means: Means | None = None) -> list[JSON]:
    """Grade a class.

    Args:
        order: what is asked for.
        console: where progress is shown.
        means: the parts of the grader.

    Returns:
        The results that the grader owes: those of verdict `infrastructure`.

    Raises:
        Ended: if it cannot begin, or cannot go on.
        KeyboardInterrupt: if it was stopped; what was graded is kept.
    """
    return _Run(order, console, means or Means()).result()


class _Run:
    def __init__(self, order: Order, console: Console, means: Means) -> None:
        self.order, self.console, self.means = order, console, means
        try:
            self.lab = Lab.load(order.lab)
            self.roster = roster.read(order.roster) if order.roster else None
        except (LabError, intake.BadRoster, OSError) as error:
            raise ending.usage(str(error)) from None

    def result(self) -> list[JSON]:
        with ExitStack() as held:
            self._prepare()
            held.enter_context(journal.alone(self.order.out))
            if self.order.fresh:
                self._forget()
            kept = held.enter_context(Journal(self.order.out))
            spool = held.enter_context(Spool(self.order.out))
            self._read(spool)
            planned = self._planned(spool, kept)
            duty = self._duty(planned)
            keys = [key for key in spool if key not in kept]
            self._reject(planned, spool, kept, keys)
            keys = [key for key in keys if key not in spool.rejections]
            if keys:
                self._grade(duty, keys, spool, kept)
            kept.settle()
            self._report()
            return kept.results(INFRASTRUCTURE)

    def _prepare(self) -> None:
        out = self.order.out
        if out.resolve().is_relative_to(self.order.submissions.resolve()):
            raise ending.usage(f"{out} must not be among the submissions")
        try:
            out.mkdir(mode=0o700, parents=True, exist_ok=True)
            ours = {path.name for path in out.iterdir() if path.name[0] != "."}
        except OSError as error:
            raise ending.usage(f"{out}: {error.strerror}") from None
        if ours and plan.FILE not in ours and ours - set(MADE):
            raise ending.usage(f"{out} holds other files; name an empty folder")

    def _forget(self) -> None:
        for name in MADE:
            path = self.order.out / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _read(self, spool: Spool) -> None:
        said = f"reading {self.order.submissions}"
        self.console.print(said, markup=False, highlight=False, soft_wrap=True)
        try:
            for each in intake.collect(self.order.submissions, self.lab, self.roster):
                spool.keep(each)
        except intake.NoSubmissions as error:
            raise ending.usage(str(error)) from None
        except OSError as error:
            where = error.filename or self.order.out
            raise ending.left(f"{where}: {error.strerror}. Nothing is graded") from None

    def _planned(self, spool: Spool, kept: Journal) -> Plan:
        out, order = self.order.out, self.order
        before = plan.read(out)
        if before is None and kept.verdicts:
            raise ending.refused(f"{out} has results, but no {plan.FILE}; use --fresh")
        seed = order.seed
        if seed is None:
            seed = before.seed if before else plan.drawn()
        lab = plan.digest(self.lab)
        how = (seed, order.isolation, order.cell_seconds)
        now = Plan(self.lab.name, lab, *how, spool.digests)
        differences = now.differences(before) if before else []
        if differences:
            said = "; ".join(differences)
            step = "Grade all anew by --fresh, or name another --out"
            raise ending.refused(f"{out} holds another run: {said}. {step}")
        try:
            plan.write(out, now)
        except OSError as error:
            raise ending.left(f"{out}: {error.strerror}. Nothing is graded") from None
        said = f"seed {seed}, {len(spool)} submissions"
        self.console.print(said, highlight=False)
        return now

    def _duty(self, planned: Plan) -> Duty:
        means, order = self.means, self.order
        grade = means.grade
        if order.cell_seconds:
            grade = partial(grade, cell_seconds=order.cell_seconds)
        parts = (grade, means.opens, means.preflight)
        folder = Path(order.lab)
        lab = str(folder.resolve()) if folder.is_dir() else order.lab
        known = (lab, planned.seed, planned.lab_digest, planned.isolation)
        return Duty(*known, *parts)

    def _reject(
        self, planned: Plan, spool: Spool, kept: Journal, keys: list[str]
    ) -> None:
        for key in keys:
            if rejection := spool.rejections.get(key):
                who = spool.work(key)
                found = Result.rejected(who, self.lab, rejection.document()).document()
                kept.append({**found, "isolation": planned.isolation})

    def _grade(self, duty: Duty, keys: list[str], spool: Spool, kept: Journal) -> None:
        crew = self._crew(len(keys))
        kill = True
        try:
            if said := crew.preflight(duty):
                raise ending.refused("\n".join(said))
            done = len(spool) - len(keys)
            with Board(self.console, len(spool), done) as board:
                for key, found in rounds.graded(crew, duty, keys, spool.work):
                    result = self._settled(spool.work(key), found)
                    kept.append({**result, "isolation": duty.isolation})
                    board.advance(result["verdict"])
            kill = False
        finally:
            crew.close(kill)

    def _report(self) -> None:
        try:
            self.means.report(self.order.out)
        except OSError as error:
            where = error.filename or self.order.out
            said = f"{where}: {error.strerror}. The results stand, the reports do not"
            raise ending.left(f"{said}: run it again") from None

    def _crew(self, count: int) -> Crew:
        if self.order.scheduler:
            return Cluster(self.order.scheduler)
        workers = max(1, min(self.order.workers, count))
        return Local(workers, self.means.executor)

    def _settled(self, work: JSON, found: JSON) -> JSON:
        if "fault" not in found:
            return found["result"]
        result = found.get("result")
        if result is None:
            result = Result.of(work, self.lab, INFRASTRUCTURE).document()
        fault = str(found["fault"])[:500]
        why = f"the grader failed each time, at last by {fault}"
        return {**result, "points": 0, "notes": [*result["notes"], why]}
