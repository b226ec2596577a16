"""Label items by hand: on your own list, or as a worker of a private workteam.

    from helpers.labelling import Labeller

    labeller = Labeller(reviews, labels=["about a delay", "about something else"])
    labeller

A cell that ends so shows the tool and waits for nobody; `labeller.answers` has what was
labelled. `labeller.answer(label)` does what a click does. `attach` works on the open
tasks of a Ground Truth labeling job, and `tell_crowd` tells the endpoint's simulated
workers what is true; on AWS, where people know, it does nothing.
"""

from helpers.labelling.built_in import function, public_team
from helpers.labelling.crowd import tell_crowd
from helpers.labelling.labeller import Labeller
from helpers.labelling.tasks import Task
from helpers.labelling.workteam import attach

__all__ = [
    "Labeller",
    "Task",
    "attach",
    "function",
    "public_team",
    "tell_crowd",
]
