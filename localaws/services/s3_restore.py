"""Amazon S3: archived objects and their restored copies, on the endpoint's clock."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services import s3_keys
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, key_of, number, option, tree
from localaws.wire import Request, Response

_ARCHIVES = {"GLACIER": "glacier", "DEEP_ARCHIVE": "deep_archive"}
_RECORD = "s3-restore"
_DAY = dt.timedelta(days=1)
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Copy:
    """The restored copy of an archived object.

    Attributes:
        ready: When it is there.
        expiry: When it goes.
    """

    ready: dt.datetime
    expiry: dt.datetime


class Restores:
    """The restored copies of all objects.

    Args:
        context: Where journal and clock are.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[Place, Copy] = {}

    def get(self, place: Place) -> Copy | None:
        """Return the copy of an object, if there is or will be one."""
        return self._found.get(place)

    def set(self, place: Place, copy: Copy) -> None:
        """Let there be a copy."""
        payload = {"place": list(place), "ready": copy.ready, "expiry": copy.expiry}
        self._context.journal.record(_RECORD, payload)
        self.restore(payload)

    def restore(self, payload: dict[str, Any]) -> None:
        """Take a copy as it was written down."""
        copy = Copy(payload["ready"], payload["expiry"])
        self._found[tuple(payload["place"])] = copy
        s3_keys.set_restored(
            *payload["place"], copy.expiry, self._context.clock.now() < copy.ready
        )

    def tick(self) -> dt.datetime | None:
        """Bring every copy up to date, and return when the next changes."""
        now, following = self._context.clock.now(), []
        for place, copy in list(self._found.items()):
            gone = s3_keys.storage_class(*place) not in _ARCHIVES
            if now >= copy.expiry or gone:
                del self._found[place]
                s3_keys.set_restored(*place, None, False)
                continue
            s3_keys.set_restored(*place, copy.expiry, now < copy.ready)
            following.append(copy.ready if now < copy.ready else copy.expiry)
        return min(following, default=None)


def restore_object(context: Context, request: Request) -> Response:
    """Begin to restore an archived object, or keep its copy for longer."""
    bucket, key = bucket_of(request), key_of(request)
    root = tree(request.body)
    days = number(root, "Days")
    if root.findtext("Type") or days is None or days < 1:
        raise AwsError(
            "MalformedXML", "Days of a RestoreRequest must be a positive number."
        )
    version = option(request, "versionId")
    head = _head(context, bucket, key, version)
    place = (bucket, key, version or head.get("VersionId", "null"))
    archive = _ARCHIVES.get(head.get("StorageClass", "STANDARD"))
    if archive is None:
        raise AwsError(
            "InvalidObjectState",
            "Restore is not allowed for the object's current storage class",
            403,
        )
    now, found = context.clock.now(), context.part(Restores).get(place)
    if found and now < found.ready:
        raise AwsError(
            "RestoreAlreadyInProgress", "Object restore is already in progress", 409
        )
    tier = root.findtext("GlacierJobParameters/Tier") or root.findtext("Tier")
    ready = found.ready if found else now + _wait(archive, tier or "Standard")
    restores = context.part(Restores)
    restores.set(place, Copy(ready, _midnight(max(ready, now) + days * _DAY)))
    return Response(200 if found else 202, {}, b"")


def _head(context: Context, bucket: str, key: str, version: str) -> dict[str, Any]:
    s3 = context.aws.client("s3")
    more = {"VersionId": version} if version else {}
    try:
        return s3.head_object(Bucket=bucket, Key=key, **more)
    except s3.exceptions.ClientError as error:
        code, text = "NoSuchKey", "The specified key does not exist."
        try:
            s3.head_bucket(Bucket=bucket)
        except s3.exceptions.ClientError:
            code, text = "NoSuchBucket", "The specified bucket does not exist"
        raise AwsError(code, text, 404) from error


def _wait(archive: str, tier: str) -> dt.timedelta:
    if archive == "deep_archive" and tier == "Expedited":
        raise AwsError(
            "InvalidArgument",
            "Expedited retrievals are not available for the storage class DEEP_ARCHIVE",
        )
    return dt.timedelta(seconds=limit("s3", f"{archive}_{tier.lower()}_seconds"))


def _midnight(moment: dt.datetime) -> dt.datetime:
    """Return the midnight that follows, as AWS rounds the expiry of a copy."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + _DAY


def tick(context: Context) -> dt.datetime | None:
    """Bring every copy up to date, and return when the next changes."""
    return context.part(Restores).tick()


HANDLERS = {("s3", "RestoreObject"): restore_object}
RESTORERS = {
    _RECORD: lambda context, payload, body: context.part(Restores).restore(payload)
}
