"""The desk that sets interest rates: loans to learn from, applications to answer."""

import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from helpers.loans.book import LEAKS, TARGET, loans
from helpers.payments.naming import Clients, Given, bucket_made, dice, state, there

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "desk/train/loans.parquet"
HIDDEN_OF = 3
WORDS = ["application_type", "homeownership", "loan_purpose", "verified_income"]
UNSEEN = {
    "homeownership": ["ANY", "CO_OP", "LODGER"],
    "loan_purpose": ["wedding", "solar_roof", "tuition"],
    "verified_income": ["Pending", "Disputed", "Verified by employer"],
}


@dataclass(frozen=True)
class Desk:
    """Loans in two parts that share none.

    Attributes:
        train: loans to learn from, with every column.
        hidden: loans that nobody has learned from, with every column.
    """

    train: "DataFrame"
    hidden: "DataFrame"


@cache
def draw(seed: int) -> Desk:
    """Draw the loans of a seed; leave the frames as they are, they are shared."""
    shuffled = loans().sample(frac=1, random_state=state(seed))
    # Stratified: a draw with more dear loans than another would be harder, too.
    hidden = shuffled.sort_values(TARGET, kind="stable")[::HIDDEN_OF]
    train = shuffled.drop(hidden.index)
    hidden = hidden.sample(frac=1, random_state=state(seed))
    return Desk(train.reset_index(drop=True), hidden.reset_index(drop=True))


def arriving(rows: "DataFrame") -> "DataFrame":
    """Give loans as they stand in an application: without what is decided later."""
    return rows.drop(columns=[TARGET, *LEAKS])


def odd(seed: int) -> dict[str, "DataFrame"]:
    """Give applications one by one: usual, unseen, with a gap, with other words.

    Returns:
        The `usual` one; the same with an `unseen` word; with a `gap` where no loan has
        one; and for each of `WORDS` with another word that the loans know.
    """
    desk, chance = draw(seed), dice(seed, "odd applications")
    usual = arriving(desk.hidden)[:1]
    name = chance.choice(sorted(UNSEEN))
    made = {
        "usual": usual,
        "unseen": usual.assign(**{name: chance.choice(UNSEEN[name])}),
        "gap": usual.assign(annual_income=None, homeownership=None),
    }
    for name in WORDS:
        known = desk.train[name].value_counts().index
        other: Any = next(word for word in known if word != usual[name].iloc[0])
        made[name] = usual.assign(**{name: other})
    return made


def land(given: Given, aws: Clients) -> Given:
    """Put the loans to learn from into the bucket, once.

    Returns:
        What was given, with `train`, their URI.
    """
    bucket = given["bucket"]
    bucket_made(aws, bucket)
    if not there(aws, bucket, KEY):
        body = io.BytesIO()
        draw(given["seed"]).train.to_parquet(body, index=False)
        aws("s3").put_object(Bucket=bucket, Key=KEY, Body=body.getvalue())
    return given | {"train": f"s3://{bucket}/{KEY}"}
