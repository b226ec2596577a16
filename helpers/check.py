"""Check the answer to one graded task of a lab.

A lab says once which lab it is, `check.lab("lab_0_0", seed=seed)`; each of its graded
cells is then one line, `check("land_the_month", land_the_month)`. The check itself
lives in `helpers/checks/<lab>.py` and has three parts, so that a grader can run the
middle one beside the learner's code and the other two far from it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

JSON = dict[str, Any]
Clients = Callable[[str], Any]

EVIDENCE_LIMIT = 1 << 20


class CheckFailed(AssertionError):
    """Says what a task asked, what was found, and where to look."""

    def __init__(self, asked: str, found: str, look: str) -> None:
        super().__init__(asked, found, look)
        self.asked, self.found, self.look = asked, found, look

    def __str__(self) -> str:
        return f"asked: {self.asked}\nfound: {self.found}\nlook:  {self.look}"

    def _render_traceback_(self) -> list[str]:
        # IPython prints this in place of frames that no learner wrote.
        return [f"CheckFailed\n{self}"]


@dataclass(frozen=True)
class Check:
    """One graded task.

    Attributes:
        inputs: from the seed, what the task is given: JSON, the same for one seed.
        probe: from the inputs, the learner's answer and a factory of boto3 clients
            (`aws("s3")`), the evidence: JSON of at most 1 MiB. Knows no right answer.
        verdict: from the inputs and the evidence, one line that says what was found.
            Raises `CheckFailed` when the evidence does not hold.
    """

    inputs: Callable[[int], JSON]
    probe: Callable[[JSON, Any, Clients], JSON]
    verdict: Callable[[JSON, JSON], str]

    def __call__(self, seed: int, answer: object, aws: Clients) -> str:
        """Run the three parts here and give the line of the verdict.

        Raises:
            CheckFailed: if the answer is wrong, or its evidence is not plain JSON.
        """
        __tracebackhide__ = True
        inputs = crossed(self.inputs(seed))
        evidence = crossed(self.probe(crossed(inputs), answer, aws))
        return self.verdict(inputs, evidence)


def crossed(document: JSON) -> JSON:
    """Give what is left of a document after it has crossed to another process.

    Raises:
        CheckFailed: if it is not plain JSON, or longer than 1 MiB.
    """
    __tracebackhide__ = True
    asked = f"numbers, strings, lists and dicts, at most {EVIDENCE_LIMIT >> 20} MiB"
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CheckFailed(asked, str(error), "what your function returns") from None
    if len(text) > EVIDENCE_LIMIT:
        found = f"{len(text):,} bytes"
        raise CheckFailed(asked, found, "the size of what your function returns")
    return json.loads(text)


def checks_of(lab: str) -> dict[str, Check]:
    """Give the checks of one lab by task.

    Raises:
        LookupError: if no such lab has checks.
    """
    try:
        module = import_module(f"helpers.checks.{lab}")
    except ModuleNotFoundError as error:
        if error.name != f"helpers.checks.{lab}":
            raise
        raise LookupError(f"there is no lab {lab!r} in helpers/checks") from error
    return {name: each for name, each in vars(module).items() if type(each) is Check}


class Checker:
    """The `check` of a notebook: remembers the lab and its seed."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._seed = 0

    def lab(self, name: str, *, seed: int) -> None:
        """Say which lab this notebook is, and the seed that draws its cases."""
        self._checks, self._seed = checks_of(name), seed

    def inputs(self, task: str) -> JSON:
        """Give what the seed has drawn for a task: the arguments of its answer."""
        return crossed(self._named(task).inputs(self._seed))

    def __call__(self, task: str, answer: object) -> None:
        """Check an answer: print one line, or raise what is missing.

        Args:
            task: the name of the task, which is also that of the answer.
            answer: the function that the learner wrote.

        Raises:
            CheckFailed: with what was asked, what was found and where to look.
        """
        __tracebackhide__ = True
        from boto3 import client

        found = self._named(task)(self._seed, answer, client)
        print(f"{task}: passed. {found}")

    def _named(self, task: str) -> Check:
        if task in self._checks:
            return self._checks[task]
        if not self._checks:
            raise LookupError('no lab yet: run the setup cell, check.lab("lab_…", …)')
        known = ", ".join(self._checks)
        raise LookupError(f"this lab has no task {task!r}; it has {known}")


check = Checker()
