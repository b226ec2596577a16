"""How pytest-xdist spreads the tests: a file is a whole, unless its cases are minutes.

Each case of the files in `APART` executes a notebook. As one file they keep one worker
busy for ten minutes while the other has nothing left to do.
"""

from xdist.scheduler import LoadFileScheduling

APART = tuple(
    f"tests/course/test_{name}.py" for name in ("nbval", "notebooks", "solutions")
)


class Spread(LoadFileScheduling):
    """Gives a worker a file, or of those in `APART` all tests of one notebook."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, rest = nodeid.partition("::")
        return f"{path}[{rest.partition('[')[2]}" if path in APART else path
