"""Batches of tests: good ones, and bad ones that have one planted fault each.

The rows are real; those with a fault of their own are left out, so that it is known
what is wrong with a batch.
"""

from functools import cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from helpers.payments.naming import dice
from helpers.samples import table

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS, SUBJECTS = 400, 40
OLDEST, LONGEST = 100, 1_440
KEY = ["subject_id", "pan_day"]
TIMES = ["col_rec_tat", "rec_ver_tat"]
FAULTS = ("age", "transport", *TIMES, "payor", "repeat")
SAID = {
    "age": f"an age above {OLDEST}",
    "transport": f"a transport of more than {LONGEST:,} hours",
    "col_rec_tat": "a negative col_rec_tat",
    "rec_ver_tat": "a negative rec_ver_tat",
    "payor": "a patient class, and no payor",
    "repeat": "a subject that was sent twice for one day",
}


class Batch(NamedTuple):
    """Some tests, and what is wrong with them: nothing if they are good."""

    rows: "DataFrame"
    faults: tuple[str, ...]


@cache
def shown(seed: int) -> dict[str, Batch]:
    """Give what a learner may look at: two good batches, and one with all faults."""
    chance = dice(seed, "shown batches")
    good = [_good(chance), _good(chance)]
    bad = _spoilt(_good(chance), FAULTS, chance)
    made = [*(Batch(rows, ()) for rows in good), Batch(bad, FAULTS)]
    return {f"day-{place:02}": batch for place, batch in enumerate(made, 1)}


@cache
def hidden(seed: int) -> dict[str, Batch]:
    """Give two good batches, and copies of them with one fault each, in any order."""
    chance = dice(seed, "hidden batches")
    good = [_good(chance), _good(chance)]
    made = [Batch(rows, ()) for rows in good]
    for place, fault in enumerate(FAULTS):
        rows = _spoilt(good[place % 2], (fault,), chance)
        made.append(Batch(rows, (fault,)))
    chance.shuffle(made)
    return {f"day-{place:02}": batch for place, batch in enumerate(made, 11)}


@cache
def _clean() -> "DataFrame":
    rows = table("patients")
    right = rows["age"].le(OLDEST) & rows["col_rec_tat"].between(0, LONGEST)
    right &= rows["rec_ver_tat"] >= 0
    right &= rows["payor_group"].notna() | rows["patient_class"].isna()
    return rows[right].drop_duplicates(KEY, keep=False)


def _good(chance: Random) -> "DataFrame":
    """Draw good rows, with all that is rare and right among them."""
    import pandas as pd

    rows = _clean()
    often = rows["subject_id"][rows["subject_id"].duplicated()].unique()
    again = rows[rows["subject_id"].isin(chance.sample(sorted(often), SUBJECTS))]
    rare = [
        rows["age"] == 0,
        rows["age"] > 95,
        *(rows[name] == 0 for name in TIMES),
        *(rows[name] > 100 for name in TIMES),
        rows["fake_first_name"].isna(),
        rows["ct_result"].isna(),
    ]
    kept = [again.groupby("subject_id").head(3)]
    kept += [
        rows[each].sample(2, random_state=chance.randrange(2**32)) for each in rare
    ]
    most = rows[rows["col_rec_tat"] > 500]
    kept.append(most.sample(1, random_state=chance.randrange(2**32)))
    kept.append(rows.sample(ROWS, random_state=chance.randrange(2**32)))
    whole = pd.concat(kept)
    whole = whole[~whole.index.duplicated()].head(ROWS)
    drawn = whole.sample(frac=1, random_state=chance.randrange(2**32))
    return drawn.reset_index(drop=True)


def _spoilt(good: "DataFrame", faults: tuple[str, ...], chance: Random) -> "DataFrame":
    """Plant each fault in one row."""
    rows = good.copy()
    places = chance.sample([*rows.index[rows["patient_class"].notna()]], len(faults))
    for place, fault in zip(places, faults, strict=True):
        if fault == "age":
            rows.loc[place, "age"] = float(chance.randint(OLDEST + 2, 138))
        elif fault == "transport":
            hours = chance.uniform(LONGEST + 20, 3 * LONGEST)
            rows.loc[place, "col_rec_tat"] = round(hours, 1)
        elif fault in TIMES:
            rows.loc[place, fault] = -round(chance.uniform(0.1, 18.6), 1)
        elif fault == "payor":
            rows.loc[place, "payor_group"] = None
        else:
            first = chance.choice([each for each in rows.index if each not in places])
            later = round(rows.loc[first, "rec_ver_tat"] + chance.randint(1, 9), 1)
            rows.loc[place] = rows.loc[first]
            rows.loc[place, "rec_ver_tat"] = later
    return rows
