"""The rounds of a batch: who is graded next, who is tried again."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from helpers.grading.batch.crew import Crew
from helpers.grading.batch.duty import Duty

JSON = dict[str, Any]
TRIES = 3
LOOK = 5.0


def graded(
    crew: Crew, duty: Duty, keys: list[str], work: Callable[[str], JSON]
) -> Iterator[tuple[str, JSON]]:
    """Grade submissions, in the order in which they end.

    A fault of the grader is tried again, at the end of the queue, twice; only then it
    stands. No more works are in memory than are being graded.

    Args:
        crew: who grades.
        duty: how.
        keys: of the submissions.
        work: reads one of them.

    Yields:
        The key, and `{"result": …}` or `{"fault": …}`.
    """
    queue = deque((key, 1) for key in keys)
    running: dict[Future, tuple[str, int]] = {}
    while queue or running:
        size = crew.size()
        while queue and len(running) < size:
            key, tried = queue.popleft()
            running[crew.submit(duty, work(key))] = (key, tried)
        done = wait(running, timeout=LOOK, return_when=FIRST_COMPLETED).done
        if not done:
            crew.check()
        for future in done:
            key, tried = running.pop(future)
            found = crew.outcome(future)
            if "fault" in found and found.get("again", True) and tried < TRIES:
                queue.append((key, tried + 1))
            else:
                yield key, found
