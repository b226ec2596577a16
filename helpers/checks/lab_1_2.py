"""The checks of lab 1.2: what may be known of a loan, a payment and a garment."""

from helpers.checks.garment_labels import settle_four_annotators
from helpers.checks.loan_cleaning import clean_without_leaks
from helpers.checks.loan_encoding import encode_once
from helpers.checks.loan_tools import same_recipe_three_tools
from helpers.checks.payment_features import join_as_of
from helpers.checks.payment_flight import enrich_in_flight

__all__ = [
    "clean_without_leaks",
    "encode_once",
    "enrich_in_flight",
    "join_as_of",
    "same_recipe_three_tools",
    "settle_four_annotators",
]
