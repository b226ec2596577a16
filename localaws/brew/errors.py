"""Why a job of DataBrew cannot be done.

BrewError       a mistake in the recipe, the data or the job
└── NotActed    something that DataBrew does, and its local form does not
"""

# What a job leaves in its folder: why it failed, or what came of it.
ERROR, RESULT = "error.txt", "result.json"


class BrewError(Exception):
    """A mistake in a recipe, its data or its job; it becomes the ErrorMessage."""


class NotActed(BrewError):
    """Something that only DataBrew on AWS does.

    Args:
        what: For instance `joinType CROSS`.
        does: What it does on AWS: "makes ...".
    """

    def __init__(self, what: str, does: str) -> None:
        super().__init__(
            f"NotImplementedHere: {what} does not act on the local endpoint; on AWS it "
            f"{does}"
        )
