"""Why the engine cannot do what it was asked.

PiiError    a mistake in the input of a job; it becomes the job's message
"""

# What a job leaves in its folder: why it failed, or what came of it.
ERROR, RESULT = "error.txt", "result.json"


class PiiError(Exception):
    """A mistake in the input of a job."""
