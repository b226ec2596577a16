"""Amazon SageMaker Ground Truth: labeling jobs.

A job reads its manifest, makes a task of each object (the PRE function, the template),
has people answer it, and consolidates their answers to a label (the ACS function). The
public workforce is a pool of simulated workers (`localaws.labelling`); the members of a
private work team answer through the control API (`requests`).
"""

from localaws.sagemaker.labeling import jobs, previews

HANDLERS = {**jobs.HANDLERS, **previews.HANDLERS}
RESUMERS = (jobs.resume,)
