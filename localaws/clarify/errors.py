"""Why an analysis cannot be made.

ClarifyError    a mistake in the configuration or the data: "ClientError" of the job
└── NotActed    something that Clarify does, and its local form does not
Undefined       a metric that the data leave without a value
"""


class ClarifyError(Exception):
    """A mistake in the configuration or the data; the job's FailureReason says it."""


class NotActed(ClarifyError):
    """Something that only Clarify on AWS does.

    Args:
        what: For instance `methods.shap`.
        does: What it does on AWS: "explains ...".
    """

    def __init__(self, what: str, does: str) -> None:
        super().__init__(
            f"NotImplementedHere: {what} does not act on the local endpoint; on AWS it "
            f"{does}"
        )


class Undefined(Exception):
    """A metric that the data leave without a value; analysis.json gets the reason."""
