"""What the instructor sees while a class is graded: a bar, or plain lines."""

import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

EVERY = 30.0


class Board:
    """Counts what is done, on a terminal by a bar with the time that is left."""

    def __init__(self, console: Console, total: int, done: int) -> None:
        self.console, self.total, self.done = console, total, done
        self._first, self._began = done, time.monotonic()
        self._said = self._began
        self._verdicts: Counter[str] = Counter()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("grading", total=total, completed=done)

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave it as it stands."""
        self._bar.stop()

    def advance(self, verdict: str) -> None:
        """Count one more."""
        self.done += 1
        self._verdicts[verdict] += 1
        self._bar.update(self._task, completed=self.done, description=self._words())
        now = time.monotonic()
        last = self.done == self.total
        if not self.console.is_terminal and (last or now - self._said >= EVERY):
            self._said = now
            line = f"{self._words()}: {self.done} of {self.total}{self._left(now)}"
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _words(self) -> str:
        odd = {name: n for name, n in self._verdicts.items() if name != "graded"}
        return ", ".join(["grading", *(f"{n} {name}" for name, n in odd.items())])

    def _left(self, now: float) -> str:
        here = self.done - self._first
        seconds = (now - self._began) / here * (self.total - self.done)
        return f", about {seconds / 60:.0f} min left" if seconds >= 60 else ""
