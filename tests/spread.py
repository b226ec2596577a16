"""How pytest-xdist spreads the tests: a file is a whole, unless its cases are minutes.

Each case of the files in `APART` executes a notebook. As one file they keep one worker
busy for ten minutes while the other has nothing left to do. So do the dear files that
come last: `seconds.txt` says which they are, as `pytest --durations=0` has shown, and
they begin first. A file that is not there counts by its tests.
"""

from collections import OrderedDict
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadFileScheduling

APART = tuple(
    f"tests/course/test_{name}.py" for name in ("nbval", "notebooks", "solutions")
)
SECONDS = Path(__file__).with_name("seconds.txt")
_A_TEST = 0.3


def measured() -> dict[str, float]:
    """Return the seconds of the dear files, and of the dear notebooks."""
    lines = SECONDS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines)
    return {scope: float(seconds) for seconds, scope in pairs}


class Queue(OrderedDict[str, dict[str, bool]]):
    """Files that wait for a worker; the dearest is the next one."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = measured()

    def popitem(self, last: bool = True) -> tuple[str, dict[str, bool]]:
        """Take the dearest."""
        scope = max(self, key=self._cost)
        return scope, self.pop(scope)

    def _cost(self, scope: str) -> float:
        return self._seconds.get(scope, len(self[scope]) * _A_TEST)


class Spread(LoadFileScheduling):
    """Gives a worker a file, or of those in `APART` all tests of one notebook."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        self.workqueue = Queue()

    def _split_scope(self, nodeid: str) -> str:
        path, _, rest = nodeid.partition("::")
        return f"{path}[{rest.partition('[')[2]}" if path in APART else path
