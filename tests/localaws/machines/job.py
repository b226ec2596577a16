"""What the model knows of one job: its kind, its status, what may come next."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from tests.localaws.machines.world import Answer

# Which status may be seen after which, with none between them.
FOLLOWS = {
    "InProgress": {"Completed", "Failed", "Stopping", "Stopped"},
    "Stopping": {"Stopped"},
    "Completed": set(),
    "Failed": set(),
    "Stopped": set(),
}
ENDED = ("Completed", "Failed", "Stopped")


@dataclass(eq=False)
class Job:
    """What the model knows of one job."""

    name: str
    kind: str
    arn: str
    tags: dict[str, str]
    status: str = "InProgress"
    stopping: bool = False
    killed: bool = False
    created: dt.datetime | None = None
    last: Answer = field(default_factory=dict, repr=False)

    @property
    def ended(self) -> bool:
        """Whether it has been seen ended."""
        return self.status in ENDED


def reachable(status: str) -> set[str]:
    """Return every status that may be seen after one, itself among them."""
    found = {status}
    for _ in FOLLOWS:
        found |= {after for one in found for after in FOLLOWS[one]}
    return found


def script(kind: str, **bodies: Any) -> str:
    """Return the program of a kind of job."""
    return {
        "quick": "print('done')",
        "fails": "raise ValueError('asked to fail')",
        "hangs": "import time; time.sleep(600)",
        **bodies,
    }[kind]
