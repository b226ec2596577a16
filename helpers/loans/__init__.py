"""Loan files of Lending Club, and what the seed does to them before a lab has them.

The rows are real (`data/samples/loans.parquet`), the defects are planted, so that it
is known which they are. The rows are too many for the JSON of `check.inputs`: `land`
gives them, and both the notebook and the probe of a check call it.
"""

from helpers.loans.landing import land

__all__ = ["land"]
