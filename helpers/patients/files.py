"""The table and the letters of a seed, with what is true of them."""

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from helpers.passengers import notes
from helpers.passengers.notes import Note
from helpers.payments.naming import dice, state
from helpers.samples import table

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS, LETTERS, MARKED = 800, 120, 40
# What tells who somebody is; the other columns are what the study needs.
NAMED = ["subject_id", "fake_first_name", "fake_last_name"]
# From this age on people are few enough to be known by it.
OLD = 90


class Drawn(NamedTuple):
    """What a seed has drawn."""

    tests: "DataFrame"
    letters: list[Note]
    marked: list[Note]


@cache
def draw(seed: int) -> Drawn:
    """Draw tests and letters; leave the frame alone."""
    rows = table("patients")
    often = rows["subject_id"].duplicated(keep=False)
    rest = rows[~often].sample(ROWS // 2, random_state=state(seed))
    again = rows[often].sample(ROWS // 2, random_state=state(seed))
    old = rows[rows["age"] >= OLD]
    both = rest.index.union(again.index).union(old.index)
    tests = (
        rows.loc[both].sample(frac=1, random_state=state(seed)).reset_index(drop=True)
    )
    written = [_by_thumb(note, seed) for note in notes(LETTERS + MARKED, seed)]
    return Drawn(tests, written[MARKED:], written[:MARKED])


def _by_thumb(note: Note, seed: int) -> Note:
    """Leave a letter as it is, or write it as people do on a telephone."""
    thumb = dice(seed, f"thumb {note['note']}").random() < 0.5
    return note | {"text": note["text"].lower()} if thumb else note
