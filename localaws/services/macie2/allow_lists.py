"""Allow lists: text that is no sensitive data, by a regex or by a list in S3."""

from botocore.exceptions import ClientError

from localaws.errors import ValidationError
from localaws.limits import limit
from localaws.pii.discovery.custom import compiled
from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.documents import ALLOW, JOB, Members, conflict
from localaws.services.macie2.operations import page
from localaws.services.records import Records

_ENDED = ("COMPLETE", "CANCELLED")


def _check(criteria: Members) -> None:
    if len(criteria) != 1:
        raise ValidationError("Give either regex or s3WordsList.")
    if "regex" in criteria:
        try:
            compiled(criteria["regex"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _status(context: Context, criteria: Members) -> Members:
    if "regex" in criteria:
        return {"code": "OK"}
    place = criteria["s3WordsList"]
    where = {"Bucket": place["bucketName"], "Key": place["objectKey"]}
    try:
        size = context.aws.client("s3").head_object(**where)["ContentLength"]
    except ClientError as error:
        denied = error.response["Error"]["Code"] in ("403", "AccessDenied")
        code = "S3_OBJECT_ACCESS_DENIED" if denied else "S3_OBJECT_NOT_FOUND"
        return {"code": code, "description": error.response["Error"]["Message"]}
    if size == 0:
        return {"code": "S3_OBJECT_EMPTY", "description": "The object is empty."}
    if size > limit("macie", "list_bytes"):
        return {"code": "S3_OBJECT_OVERSIZE", "description": "The list is too large."}
    return {"code": "OK"}


def create(context: Context, given: Members) -> Members:
    """Answer CreateAllowList."""
    _check(given["criteria"])
    records = context.part(Records)
    with records.lock:
        known = documents.repeated(context, ALLOW, given["clientToken"])
        if known:
            return known
        _refuse_name(context, given["name"], "")
        key = documents.digest(context, ALLOW)[:22]
        now = context.clock.now()
        document = {
            "tags": {},
            **given,
            "id": key,
            "arn": documents.arn(context, ALLOW, key),
            "createdAt": now,
            "updatedAt": now,
        }
        records.put(ALLOW, key, document)
    return document


def _refuse_name(context: Context, name: str, key: str) -> None:
    for one in documents.every(context, ALLOW):
        if one["name"] == name and one["id"] != key:
            raise conflict(f"An allow list with the name {name} already exists.")


def get(context: Context, given: Members) -> Members:
    """Answer GetAllowList, with whether its list can be read now."""
    found = documents.get(context, ALLOW, given["id"])
    return {**found, "status": _status(context, found["criteria"])}


def update(context: Context, given: Members) -> Members:
    """Answer UpdateAllowList: the kind of the criteria stays."""
    _check(given["criteria"])
    records = context.part(Records)
    with records.lock:
        found = documents.get(context, ALLOW, given["id"])
        _refuse_name(context, given["name"], given["id"])
        if found["criteria"].keys() != given["criteria"].keys():
            raise ValidationError("The type of an allow list cannot be changed.")
        return records.change(
            ALLOW,
            given["id"],
            name=given["name"],
            criteria=given["criteria"],
            description=given.get("description", ""),
            updatedAt=context.clock.now(),
        )


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteAllowList: one that a job uses wants `ignoreJobChecks`."""
    records = context.part(Records)
    with records.lock:
        documents.get(context, ALLOW, given["id"])
        used = any(
            given["id"] in one["allowListIds"] and one["jobStatus"] not in _ENDED
            for one in documents.every(context, JOB)
        )
        if used and given.get("ignoreJobChecks", "FALSE").upper() != "TRUE":
            raise conflict("The allow list is used by a classification job.")
        records.drop(ALLOW, given["id"])
    return {}


def listed(context: Context, given: Members) -> Members:
    """Answer ListAllowLists."""
    return page("allowLists", documents.every(context, ALLOW), given)


OPERATIONS = {
    "CreateAllowList": create,
    "GetAllowList": get,
    "UpdateAllowList": update,
    "DeleteAllowList": delete,
    "ListAllowLists": listed,
}
