"""Loan files as the branches send them: drawn loans, with defects and with gaps."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from helpers.loans import book
from helpers.loans.defects import KINDS
from helpers.payments.naming import Given, dice, state

if TYPE_CHECKING:
    from pandas import DataFrame

LOANS = 5_000
OF_A_KIND = 50
GAPS = 150
TWINS = 30
HOLED = ["total_credit_limit", "total_debit_limit"]
# An income in thousands that could not be one in dollars.
ROUND_INCOMES = (20_000, 400_000)


@dataclass(frozen=True)
class Files:
    """Loan files with defects.

    Attributes:
        rows: the files: `row`, `application` and `part`, then the columns of the book.
        planted: the rows with a defect of each kind.
        book: what may stand in a column.
    """

    rows: "DataFrame"
    planted: dict[str, list[int]]
    book: book.Book


@cache
def draw(seed: int) -> Files:
    """Draw the files of a seed; leave the frame as it is, it is shared."""
    from numpy import nan
    from pandas import concat

    loans, chance = book.loans(), dice(seed, "loan files")
    rows = loans.sample(LOANS, random_state=state(seed)).reset_index(drop=True)
    rows.insert(0, "application", chance.sample(range(100_000, 999_999), LOANS))
    rows.insert(
        1, "part", ["test" if chance.random() < 0.3 else "train" for _ in rows.index]
    )
    for name in HOLED:
        rows[name] = rows[name].astype(float)
        rows.loc[chance.sample(range(LOANS), GAPS), name] = nan

    between = rows["annual_income"].between(*ROUND_INCOMES)
    usual = rows.index[between & (rows["account_never_delinq_percent"] > 10.5)]
    marked = chance.sample(list(usual), OF_A_KIND * (len(KINDS) + 1) + TWINS)
    defects = {}
    for kind, plant in KINDS.items():
        defects[kind], marked = marked[:OF_A_KIND], marked[OF_A_KIND:]
        for place in defects[kind]:
            for name, value in plant(rows.loc[place].to_dict(), chance).items():
                rows.loc[place, name] = value

    again, twins = rows.loc[marked[:OF_A_KIND]], rows.loc[marked[OF_A_KIND:]]
    retyped = again.index[::2]
    again.loc[retyped, "emp_title"] = again.loc[retyped, "emp_title"].str.upper()
    again["part"] = [chance.choice(["train", "test"]) for _ in again.index]
    twins = twins.assign(application=chance.sample(range(1_000_000, 2_000_000), TWINS))
    everything = concat(
        [rows.assign(kind=""), twins.assign(kind=""), again.assign(kind="copy")]
    )
    for kind, places in defects.items():
        everything.loc[places, "kind"] = kind
    # What comes again comes later.
    when = [place + chance.random() for place in everything.index]
    late = [
        LOANS * chance.random() if kind == "copy" else 0 for kind in everything.kind
    ]
    order = [max(one, two) + (two > 0) for one, two in zip(when, late, strict=True)]
    filed = everything.assign(order=order).sort_values("order").drop(columns="order")
    filed = filed.reset_index(drop=True).rename_axis("row").reset_index()
    planted = {kind: list(part["row"]) for kind, part in filed.groupby("kind") if kind}
    return Files(filed.drop(columns="kind"), planted, book.book(loans))


def land(given: Given) -> Given:
    """Give the files and the book of the seed, which are yours to change."""
    files = draw(given["seed"])
    return given | {"loans": files.rows.copy(), "book": dict(files.book)}
