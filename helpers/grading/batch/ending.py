"""How a batch can end before its end, and what the command says then."""

from dataclasses import dataclass

GRADED, USAGE, REFUSED, LEFT, STOPPED = 0, 1, 3, 4, 130


@dataclass
class Ended(Exception):
    """Ends the batch.

    Attributes:
        code: what the command exits with.
        said: what happened, and what to do.
    """

    code: int
    said: str

    def __str__(self) -> str:
        return self.said


def usage(said: str) -> Ended:
    """End it for a wrong argument."""
    return Ended(USAGE, said)


def refused(said: str) -> Ended:
    """End it before anything is graded, for the sake of right grades."""
    return Ended(REFUSED, said)


def left(said: str) -> Ended:
    """End it with submissions that could not be graded."""
    return Ended(LEFT, said)
