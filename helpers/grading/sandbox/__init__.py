"""The wall between a submission and everything else."""

from helpers.grading.sandbox.pod import Pod, PodLost, Usage
from helpers.grading.sandbox.tier import Tier
from helpers.grading.sandbox.tiers import Refused, choose
from helpers.grading.sandbox.warm import NotStarted, Warm

__all__ = [
    "NotStarted",
    "Pod",
    "PodLost",
    "Refused",
    "Tier",
    "Usage",
    "Warm",
    "choose",
]
