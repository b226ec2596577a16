"""Grade one submission: run its cells, probe its answers, judge what was found.

What a cell or an answer destroys, it destroys for itself: the run is repeated without
the cell, or without the task.
"""

import atexit
import time
from typing import Any

from helpers.grading.judge import Judge, JudgeError
from helpers.grading.lab import Lab
from helpers.grading.limits import Limits
from helpers.grading.result import (
    ERROR,
    FAILED,
    INFRASTRUCTURE,
    OUTPUT,
    PASSED,
    STOPPED,
    UNSOLVED,
    Result,
    TaskResult,
)
from helpers.grading.run import InfrastructureError, Run, Stopped
from helpers.grading.sandbox import NotStarted, PodLost

JSON = dict[str, Any]
# Labs of the course start JVMs and databases; on two busy cores one took 505 s.
WIDE = Limits(
    cell_seconds=300.0, run_seconds=1_200.0, cpu_seconds=1_800.0, memory_bytes=4 << 30
)
PROBES = 3
NOTES = 12
OWN = ("parameters", "setup")
RETURNED = "what your function returns"

FAULTS = (InfrastructureError, JudgeError, NotStarted, PodLost, OSError)

_judges: list[Judge] = []


def grade(
    work: JSON, lab: str, seed: int, warm: Any, limits: Limits | None = None
) -> JSON:
    """Grade a submission.

    Args:
        work: what intake has read: who, and the code cells with their kinds.
        lab: a lab of the course by its name, or the folder of another.
        seed: the hidden one; too large to be found by trial.
        warm: makes pods; of one process, and for one submission at a time.
        limits: what a run may use; the course's own labs may use more than others.

    Returns:
        The `Result` as JSON.
    """
    known = Lab.load(lab)
    bounds = limits or (WIDE if known.module else Limits())
    return Grading(work, known, seed, warm, bounds).result()


def judge() -> Judge:
    """Give the judge of this process."""
    if not _judges:
        _judges.append(Judge())
        atexit.register(_judges[0].close)
    return _judges[0]


class Grading:
    """One submission on its way to a result."""

    def __init__(
        self, work: JSON, lab: Lab, seed: int, warm: Any, limits: Limits
    ) -> None:
        self.work, self.lab, self.warm, self.limits = work, lab, warm, limits
        self.seed = seed
        self.outcome = Result.of(work, lab)
        tier = getattr(warm, "tier", None)
        self.outcome.isolation = getattr(tier, "name", self.outcome.isolation)
        self.tasks: dict[str, TaskResult] = {}
        self.without: set[int | str] = set()
        self.at: int | str = ""
        self.raised: dict[int, str] = {}

    def result(self) -> JSON:
        """Run the notebook, again without what has ended a run, and give the result."""
        start, outcome = time.monotonic(), self.outcome
        try:
            self._drawn()
            while self._run() and outcome.runs <= self.limits.repeats:
                pass
            self._earned()
        except FAULTS as error:
            outcome.verdict = INFRASTRUCTURE
            outcome.notes.append(f"{type(error).__name__}: {error}"[:500])
        outcome.seconds = round(time.monotonic() - start, 3)
        return outcome.document()

    def _drawn(self) -> None:
        checks = self.lab.module, self.lab.source
        self.visible = judge().inputs(*checks, self.lab.seed)
        self.inputs = judge().inputs(*checks, self.seed)

    def _run(self) -> bool:
        """Run the notebook once; tell whether it ended early, and has to run again."""
        outcome = self.outcome
        outcome.runs += 1
        self.at = ""
        self.probed: dict[str, list[int]] = {}
        self.printed: list[str] = []
        with self.warm.pod(self.limits) as pod:
            run = Run(pod, self.lab, self.limits)
            try:
                run.open(self.visible)
                self._notebook(run)
                return False
            except Stopped as error:
                return self._gave_up(str(error))
            finally:
                used = pod.usage()
                outcome.cpu_seconds = round(outcome.cpu_seconds + used.cpu_seconds, 3)
                outcome.memory_mb = max(outcome.memory_mb, round(used.memory_mb))
                outcome.output = "".join(self.printed)[:OUTPUT]

    def _gave_up(self, why: str) -> bool:
        """Leave out what has ended a run; tell whether that leaves another one."""
        at = self.at
        if at == "":
            raise InfrastructureError(f"the lab's first cells: {why}")
        if at in self.without:
            return False
        self.without.add(at)
        if isinstance(at, int):
            again = (
                ": graded without it"
                if self.outcome.runs <= self.limits.repeats
                else ""
            )
            self._note(f"cell {at + 1}: {why}{again}")
        else:
            look = "what your function does"
            self._found(at, STOPPED, found=why, look=look)
        return True

    def _notebook(self, run: Run) -> None:
        self._own(run)
        cells = self.work["cells"]
        for number, cell in enumerate(cells):
            if cell["kind"] == "check":
                self._probe(run, cell["task"])
            elif number not in self.without and not self._is_own(cell):
                self.at = number
                self._cell(run, number, cell["source"])
                if cell["kind"] in OWN:
                    self._own(run, again=True)
        for task in self.lab.tasks:
            self._probe(run, task.name)

    def _own(self, run: Run, again: bool = False) -> None:
        """Run the lab's own first cells; the first time they cannot fail."""
        for cell in self.lab.cells:
            if cell.kind in OWN:
                reply = run.cell(cell.source)
                if reply.get("error", True) and not again:
                    raise InfrastructureError(f"the lab's first cells: {reply}")

    def _is_own(self, cell: JSON) -> bool:
        """Tell whether a cell is the lab's, which has run already."""
        own = [each.source.strip() for each in self.lab.cells if each.kind in OWN]
        return cell["kind"] == "parameters" or cell["source"].strip() in own

    def _cell(self, run: Run, number: int, source: str) -> None:
        reply = run.cell(source)
        self.printed.append(str(reply.get("output", ""))[:OUTPUT])
        error = reply.get("error") or reply.get("raised")
        if isinstance(error, dict) and error.get("kind") != "NotImplementedError":
            kind, text = str(error.get("kind"))[:60], str(error.get("text"))[:120]
            self.raised.setdefault(number, f"cell {number + 1}: {kind}: {text}")

    def _probe(self, run: Run, task: str) -> None:
        """Probe an answer, unless it has passed, or is the one that was probed."""
        known, marks = self.tasks.get(task), self.probed.setdefault(task, [])
        if task in self.without or task not in self.inputs:
            return
        self.at = task
        reply = run.answer(task)
        if reply.get("found") is not True:
            if known is None:
                self._found(task, UNSOLVED, found=f"nothing is called {task}")
            return
        mark = reply.get("mark")
        if mark in marks or len(marks) >= PROBES:
            return
        marks.append(mark)
        found = run.probe(task, self.inputs[task], reply.get("value"))
        if self._judged(task, found) == PASSED:
            marks += [mark] * PROBES

    def _judged(self, task: str, found: JSON) -> str:
        """Keep what a probe has come to, and give the state of the task."""
        if found["late"]:
            most = f"{self.limits.cell_seconds:g} seconds"
            return self._found(task, STOPPED, found=f"it took more than {most}")
        if "raised" in found:
            return self._raised(task, found["raised"], found["by"])
        told = found
        if "evidence" in found:
            told = judge().verdict(task, self.inputs[task], found["evidence"])
        if "passed" in told:
            return self._found(task, PASSED, found=told["passed"])
        if "failed" in told:
            return self._found(task, FAILED, **told["failed"])
        return self._found(task, ERROR, found=str(told.get("error")), look=RETURNED)

    def _raised(self, task: str, raised: JSON, by: str) -> str:
        text = f"{raised['kind']}: {raised['text']}".strip(": ")
        if by == "probe":
            unusable = f"it could not be used: {text}"
            return self._found(task, ERROR, found=unusable, look=RETURNED)
        if raised["kind"] == "NotImplementedError":
            return self._found(task, UNSOLVED, found=text)
        look = raised["where"] or "what your function does"
        return self._found(task, ERROR, found=f"it raised {text}", look=look)

    def _found(self, name: str, state: str, **words: str) -> str:
        """Keep what was found of a task: what has passed in one run has passed."""
        before = self.tasks.get(name)
        if before is None or before.state != PASSED:
            self.tasks[name] = TaskResult.of(self.lab.task(name), state, **words)
        return state

    def _earned(self) -> None:
        missing = "not reached: other cells ended each run"
        self.outcome.tasks = [
            self.tasks.get(task.name) or TaskResult.of(task, STOPPED, found=missing)
            for task in self.lab.tasks
        ]
        self.outcome.points = sum(task.points for task in self.outcome.tasks)
        for text in self.raised.values():
            self._note(text)

    def _note(self, text: str) -> None:
        if len(self.outcome.notes) < NOTES:
            self.outcome.notes.append(text)
