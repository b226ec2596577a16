"""The labelling tool: what is done, what waits, what a click does."""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from helpers.labelling import picture
from helpers.labelling.tasks import Task, listed

Send = Callable[[Task, str, float], None]


class Labeller:
    """A tool to label items one by one, by mouse, by keys or by a program.

    Args:
        items: Texts, or the bytes of images.
        labels: What an item can be.
        question: What is asked of each.

    Raises:
        ValueError: If there are not two labels, or one is there twice.
        TypeError: If an item is neither text nor bytes.
    """

    def __init__(
        self,
        items: Iterable[str | bytes],
        labels: Sequence[str],
        question: str = "What is this?",
    ) -> None:
        self._begin(listed(items, labels, question))

    @classmethod
    def of(cls, tasks: Sequence[Task], send: Send, worker: str) -> "Labeller":
        """Return a tool that sends each answer as it is given.

        Args:
            tasks: What to label.
            send: Takes a task, its label and the seconds it took.
            worker: Who labels.
        """
        made = cls.__new__(cls)
        made._begin(tasks, send, worker)
        return made

    def _begin(
        self, tasks: Sequence[Task], send: Send | None = None, worker: str = ""
    ) -> None:
        self._tasks = list(tasks)
        self._send, self.worker = send, worker
        self._waiting = deque(self._tasks)
        self._done: list[tuple[Task, str | None]] = []
        self._labels: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []
        self._since = time.monotonic()

    @property
    def task(self) -> Task | None:
        """What is shown now; None when all is labelled."""
        return self._waiting[0] if self._waiting else None

    @property
    def question(self) -> str:
        """What is asked."""
        found = [*self._waiting, *self._tasks]
        return found[0].question if found else ""

    @property
    def answers(self) -> list[str | None]:
        """The label of each item, in the order of the items; None for one without."""
        return [self._labels.get(task.name) for task in self._tasks]

    @property
    def counts(self) -> Counter[str]:
        """How often each label was given."""
        return Counter(self._labels.values())

    @property
    def total(self) -> int:
        """How many items there are."""
        return len(self._tasks)

    @property
    def labelled(self) -> int:
        """How many have a label."""
        return len(self._labels)

    @property
    def can_undo(self) -> bool:
        """Whether the last step can be taken back: an answer that was sent cannot."""
        return bool(self._done) and (self._send is None or self._done[-1][1] is None)

    def answer(self, label: str) -> None:
        """Label the item that is shown, and go on to the next.

        Args:
            label: One of the labels.

        Raises:
            ValueError: If it is none of them, or nothing is left to label.
        """
        task = self._current()
        if label not in task.labels:
            raise ValueError(
                f"a label is one of {', '.join(task.labels)}; found {label!r}"
            )
        if self._send:
            self._send(task, label, self._seconds())
        self._waiting.popleft()
        self._labels[task.name] = label
        self._step(task, label)

    def skip(self) -> None:
        """Put the item that is shown behind all others.

        Raises:
            ValueError: If nothing is left to label.
        """
        task = self._current()
        self._waiting.rotate(-1)
        self._step(task, None)

    def undo(self) -> None:
        """Take the last step back; without one, or if it was sent, do nothing."""
        if not self.can_undo:
            return
        task, label = self._done.pop()
        if label is None:
            self._waiting.remove(task)
        self._labels.pop(task.name, None)
        self._waiting.appendleft(task)
        self._tell()

    def listen(self, listener: Callable[[], None]) -> None:
        """Have a function called after each step."""
        self._listeners.append(listener)

    def _current(self) -> Task:
        if self.task is None:
            raise ValueError("nothing is left to label")
        return self.task

    def _seconds(self) -> float:
        # an executed notebook is the same each time, whatever the machine's pace
        still = bool(os.environ.get("LOCALAWS_EPOCH"))
        return 1.0 if still else round(time.monotonic() - self._since, 1)

    def _step(self, task: Task, label: str | None) -> None:
        self._done.append((task, label))
        self._tell()

    def _tell(self) -> None:
        self._since = time.monotonic()
        for listener in self._listeners:
            listener()

    def __repr__(self) -> str:
        return picture.words(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Show the tool; where outputs are to be the same each time, its picture."""
        if os.environ.get("LOCALAWS_EPOCH"):
            return {"text/html": picture.still(self), "text/plain": repr(self)}
        from helpers.labelling.face import Face

        shown = Face(self).box._repr_mimebundle_(**kwargs)
        return shown | {"text/plain": repr(self)}
