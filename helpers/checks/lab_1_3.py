"""The checks of lab 1.3: what makes a set of data fit to train on."""

from helpers.checks.clinic_gate import stop_the_bad_batch
from helpers.checks.mortgage_bias import measure_bias
from helpers.checks.patient_release import hide_the_patients
from helpers.checks.thin_class import treat_the_thin_class
from helpers.checks.trainer_feed import feed_the_trainer

__all__ = [
    "feed_the_trainer",
    "hide_the_patients",
    "measure_bias",
    "stop_the_bad_batch",
    "treat_the_thin_class",
]
