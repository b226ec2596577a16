"""People who label, simulated: a seeded pool of workers, and what their answers say.

On AWS people do the work of Ground Truth's public workforce and of Mechanical Turk.
Here a pool of workers does it who know a hidden truth, told to the endpoint beside the
AWS API, and who err, each by confusion matrices of their own. Nothing is answered at
random: an object whose truth is not known stays unanswered.
"""
