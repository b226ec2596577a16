"""How much a machine can isolate."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """What stands between a notebook and the machine.

    Attributes:
        name: "full", as each result bears it.
        bwrap: Path of bubblewrap.
    """

    name: str
    bwrap: str
