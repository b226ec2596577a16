"""Amazon S3: how the parts of encrypted uploads are opened, in the journal."""

from collections.abc import Iterable

from localaws.services.context import Context
from localaws.services.records import Records
from localaws.services.s3_encryption.envelope import Envelope, Segment

_PART, _WHOLE = "s3-sealed-part", "s3-sealed-upload"


def keep(context: Context, upload: str, number: int, segment: Segment) -> None:
    """Keep how a part is opened; one of the same number is replaced."""
    kept = {"segment": segment.listed()}
    context.part(Records).put(_PART, f"{upload}/{number}", kept)


def complete(context: Context, upload: str, numbers: Iterable[int]) -> None:
    """Say which parts, in which order, make the object.

    A part that is not there is left out: moto refuses the upload then.
    """
    records = context.part(Records)
    found = [records.get(_PART, f"{upload}/{number}") for number in numbers]
    listed = [one["segment"] for one in found if one]
    records.put(_WHOLE, upload, {"segments": listed})


def forget(context: Context, upload: str, numbers: Iterable[int]) -> None:
    """Forget the parts of an upload that is complete, or aborted."""
    for number in numbers:
        context.part(Records).drop(_PART, f"{upload}/{number}")


def of(context: Context, envelope: Envelope) -> tuple[Segment, ...]:
    """Return how an object is opened."""
    if not envelope.upload:
        return envelope.segments
    found = context.part(Records).get(_WHOLE, envelope.upload) or {"segments": []}
    return tuple(map(Segment.of, found["segments"]))
