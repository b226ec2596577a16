"""What a class has handed in: a folder, an archive, loose files; read without trust."""

from helpers.grading.intake.collecting import NoSubmissions, Submission, collect
from helpers.grading.intake.rejection import Rejection
from helpers.grading.intake.roster import BadRoster, Roster

__all__ = [
    "BadRoster",
    "NoSubmissions",
    "Rejection",
    "Roster",
    "Submission",
    "collect",
]
