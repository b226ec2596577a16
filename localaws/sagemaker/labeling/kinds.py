"""The task types that AWS brings: their functions by name, and what acts here."""

import re
from dataclasses import dataclass

from localaws.errors import NotImplementedHere, ValidationError

# The account of AWS's functions in us-east-1, from the API reference.
ACCOUNT = "432418664414"
_ARN = re.compile(r"arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:(.+)")
_PASS = "PassThrough"


@dataclass(frozen=True)
class Kind:
    """One task type.

    Attributes:
        name: As in the names of its functions.
        type: What the output's metadata say.
        multiple: Whether an object may have several labels.
        image: Whether the objects are images, so that a text is refused.
    """

    name: str
    type: str
    multiple: bool = False
    image: bool = False


CUSTOM = Kind("custom", "groundtruth/custom")
PASS = Kind(_PASS, "groundtruth/custom")
_KINDS = {
    kind.name: kind
    for kind in (
        Kind("ImageMultiClass", "groundtruth/image-classification", image=True),
        Kind(
            "ImageMultiClassMultiLabel",
            "groundtruth/image-classification-multilabel",
            multiple=True,
            image=True,
        ),
        Kind("TextMultiClass", "groundtruth/text-classification"),
        Kind(
            "TextMultiClassMultiLabel",
            "groundtruth/text-classification-multilabel",
            multiple=True,
        ),
        PASS,
    )
}


def kind(arn: str | None, stage: str, member: str) -> Kind:
    """Return the task type of a function.

    Args:
        arn: Of AWS's or of the learner's; None where there is none.
        stage: PRE or ACS.
        member: Names it in an error.

    Returns:
        `CUSTOM` for a function of the learner's.

    Raises:
        NotImplementedHere: Of AWS's types, one that does not act here.
        ValidationError: It is not a function in this region.
    """
    if arn is None:
        return PASS
    found = _ARN.fullmatch(arn)
    if not found or found[1] != "us-east-1":
        raise ValidationError(
            f"{member} must be a Lambda function in us-east-1; found {arn}."
        )
    if found[2] != ACCOUNT:
        return CUSTOM
    name = found[3].removeprefix(f"{stage}-")
    if f"{stage}-{name}" != found[3]:
        raise ValidationError(f"{arn} is not a {stage} function.")
    if name not in _KINDS:
        raise NotImplementedHere(
            f"sagemaker:CreateLabelingJob {member}={found[3]} (here act the functions "
            f"of {', '.join(_KINDS)}, and your own)",
            f"runs the task type {name}",
        )
    return _KINDS[name]
