"""The public workforce: the crowd's workers take tasks, in modelled time."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from localaws.clock import Clock
from localaws.labelling.crowd import Crowd
from localaws.labelling.forms import Field
from localaws.labelling.pool import Worker
from localaws.sagemaker.labeling.tasks import Answer, LabelingFailed, Members, Task

Look = Callable[[Members], bytes | str]
_REGION = "us-east-1"


@dataclass(frozen=True)
class Terms:
    """On what terms tasks are given out.

    Attributes:
        workers: How many answer each object.
        limit: Seconds that a worker has for one.
        lifetime: Seconds that a task can be taken.
    """

    workers: int
    limit: int
    lifetime: int


class CrowdWork:
    """Lets the crowd work on the batches of one job.

    Args:
        crowd: Who works.
        clock: What time it is.
        look: Returns what a worker sees of a manifest's line.
        terms: How many, and how long.
    """

    def __init__(self, crowd: Crowd, clock: Clock, look: Look, terms: Terms) -> None:
        self._crowd = crowd
        self._clock = clock
        self._look = look
        self._terms = terms

    def __call__(self, tasks: list[Task], since: dt.datetime) -> dt.datetime:
        """Give each task its answers, or the reason why it has none.

        Args:
            tasks: The batch.
            since: When it is given out.

        Returns:
            When the last task is done.
        """
        free: dict[int, float] = {}
        longest = 0.0
        for task in tasks:
            try:
                truth, field = self._known(task)
            except LabelingFailed as error:
                task.failure = str(error)
                continue
            longest = max(longest, self._ask(task, truth, field, free, since))
        return self._clock.elapse(since, longest)

    def _ask(
        self,
        task: Task,
        truth: str | list[str],
        field: Field,
        free: dict[int, float],
        since: dt.datetime,
    ) -> float:
        """Collect a task's answers; return the seconds until it is done."""
        last = 0.0
        for worker in self._crowd.choose(task.name):
            seconds = worker.seconds(task.name)
            start = free.get(worker.number, 0.0)
            end = start + seconds
            if seconds > self._terms.limit or end > self._terms.lifetime:
                continue
            free[worker.number] = end
            times = self._moment(since, start), self._moment(since, end)
            chosen = _chosen(worker, task.name, truth, field)
            said = field.answer(chosen)
            name = f"public.{_REGION}.{worker.worker_id}"
            task.answers.append(Answer(name, said, *times, float(seconds)))
            last = max(last, end)
            if len(task.answers) == self._terms.workers:
                return last
        if not task.answers:
            task.failure = (
                "ClientError: Annotation tasks expired: no worker of the crowd worked "
                f"on the object within {self._terms.lifetime} s."
            )
        return float(self._terms.lifetime)

    def _known(self, task: Task) -> tuple[str | list[str], Field]:
        truth = self._crowd.truth(self._look(task.line))
        shown = task.line.get("source-ref", "the text")
        if truth is None:
            raise LabelingFailed(
                "ClientError: localaws: the simulated workers do not know the truth of "
                f"{shown}, and do not guess: it was not told to the endpoint."
            )
        field = next((one for one in task.fields if one.categories), None)
        if field is None or not field.known or len(task.fields) > 1:
            raise LabelingFailed(
                "ClientError: localaws: simulated workers fill in a page with one "
                f"classifier; found {[one.element for one in task.fields]}."
            )
        told = truth if isinstance(truth, list) else [truth]
        if not field.multiple and len(told) != 1:
            raise LabelingFailed(
                f"ClientError: localaws: {shown} has {len(told)} true labels; "
                f"{field.element} takes one."
            )
        missing = set(told) - set(field.categories)
        if missing:
            raise LabelingFailed(
                f"ClientError: localaws: what is true of {shown}, "
                f"{', '.join(sorted(missing))}, is none of the categories."
            )
        return (told if field.multiple else told[0]), field

    def _moment(self, since: dt.datetime, seconds: float) -> dt.datetime:
        """A clock that runs freely does not wait for workers: they answer at once."""
        if not self._clock.standing:
            return self._clock.now()
        return since + dt.timedelta(seconds=seconds)


def _chosen(
    worker: Worker, task: str, truth: str | list[str], field: Field
) -> list[str]:
    if isinstance(truth, list):
        return worker.labels(task, truth, field.categories)
    return [worker.label(task, truth, field.categories)]
