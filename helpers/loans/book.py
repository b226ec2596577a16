"""The columns of a loan file: what may stand in them, and when it is known."""

from typing import TYPE_CHECKING, Any

from helpers.samples import table

if TYPE_CHECKING:
    from pandas import DataFrame

TARGET = "interest_rate"
# What the bank decides with the rate or after it.
LEAKS = [
    "grade",
    "sub_grade",
    "installment",
    "loan_status",
    "balance",
    "paid_total",
    "paid_principal",
    "paid_interest",
    "paid_late_fees",
]
# Of each pair the first counts a part of what the second counts.
PARTS = [
    ("open_credit_lines", "total_credit_lines"),
    ("num_open_cc_accounts", "num_total_cc_accounts"),
]
RANGES: dict[str, list[float | None]] = {
    "account_never_delinq_percent": [0, 100],
    "annual_income": [0, None],
    "debt_to_income": [0, 500],
    "earliest_credit_line": [1950, 2018],
    "loan_amount": [1_000, 40_000],
    "months_since_last_credit_inquiry": [0, 24],
}
WORDS = [
    "application_type",
    "homeownership",
    "loan_purpose",
    "state",
    "verified_income",
]
# A file with an income below it was filled in thousands; a true zero stays.
LEAST_INCOME = 1_000

Book = dict[str, list[Any]]


def loans() -> "DataFrame":
    """Read all loans but the dozen whose own values contradict each other."""
    rows = table("loans")
    odd = rows["annual_income"].between(0, LEAST_INCOME, inclusive="neither")
    for part, whole in [*PARTS, ("num_cc_carrying_balance", "num_open_cc_accounts")]:
        odd |= rows[part] > rows[whole]
    return rows[~odd].reset_index(drop=True)


def book(rows: "DataFrame") -> Book:
    """Say what may stand in a column: a list of words, or the least and the most."""
    words = {name: sorted(rows[name].dropna().unique()) for name in WORDS}
    return words | RANGES
