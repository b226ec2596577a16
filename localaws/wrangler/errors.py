"""Why a flow cannot be run.

FlowError       a mistake in the flow, its data or its job
└── NotActed    something that Data Wrangler does, and its local form does not
"""


class FlowError(Exception):
    """A mistake in a flow, its data or its job; the text is what the job fails with."""


class NotActed(FlowError):
    """Something that only Data Wrangler on AWS does.

    Args:
        what: For instance `the transform 'Similarity encode'`.
        does: What it does on AWS: "makes ...".
    """

    def __init__(self, what: str, does: str) -> None:
        super().__init__(
            f"NotImplementedHere: {what} does not act on the local endpoint; on AWS it "
            f"{does}"
        )
