"""Plant defects in loan files: each returns what a row's file says in its stead."""

import random
from collections.abc import Callable
from typing import Any

from helpers.loans.book import PARTS

Row = dict[str, Any]


def impossible(row: Row, chance: random.Random) -> Row:
    """Put a value outside its range: a lost point, a year ahead, a stand-in, cents."""
    percent = row["account_never_delinq_percent"]
    return chance.choice(
        [
            {"account_never_delinq_percent": round(percent * 10, 1)},
            {"earliest_credit_line": chance.randint(2031, 2099)},
            {"months_since_last_credit_inquiry": 999.0},
            {"debt_to_income": -1.0},
            {"loan_amount": row["loan_amount"] * 100},
        ]
    )


def contradictory(row: Row, chance: random.Random) -> Row:
    """Let a part be more than its whole."""
    part, whole = chance.choice(PARTS)
    return {part: row[whole] + chance.randint(1, 9)}


def thousands(row: Row, chance: random.Random) -> Row:
    """Give the income in thousands of dollars."""
    return {"annual_income": round(row["annual_income"] / 1_000, 2)}


def misspelt(row: Row, chance: random.Random) -> Row:
    """Mistype a word: in the other case, with a blank, or two letters swapped."""
    name = chance.choice(["homeownership", "loan_purpose", "state", "verified_income"])
    word = row[name]
    place = next(n for n in range(len(word)) if word[n] != word[n + 1])
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    # Two letters the other way round may be another state.
    typed = [word.swapcase(), f"{word} "] + [swapped] * (name != "state")
    return {name: chance.choice(typed)}


KINDS: dict[str, Callable[[Row, random.Random], Row]] = {
    "impossible": impossible,
    "contradictory": contradictory,
    "thousands": thousands,
    "misspelt": misspelt,
}
