"""The samples that the course's own generators make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.passengers import notes, passengers

if TYPE_CHECKING:
    from pandas import DataFrame

SEED = 13


@dataclass(frozen=True)
class Made:
    """A sample file of a generator: how it is made."""

    file: str
    source: str
    how: str
    frame: Callable[[], "DataFrame"]
    seed: int = SEED
    licence: str = "CC0 1.0"


def _notes() -> "DataFrame":
    from pandas import DataFrame

    return DataFrame(notes(400, SEED))


MADE = (
    Made(
        "passengers.parquet",
        "helpers/passengers",
        "2,000 people who do not exist",
        lambda: passengers(2000, SEED),
    ),
    Made(
        "notes.jsonl",
        "helpers/passengers",
        "400 complaints, with the places of the personal data in them",
        _notes,
    ),
)
