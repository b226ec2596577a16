"""Tags of Comprehend's jobs."""

from typing import Any

from localaws.errors import AwsError
from localaws.services.comprehend import documents
from localaws.services.comprehend.documents import JOB
from localaws.services.context import Context
from localaws.services.records import Records

Members = dict[str, Any]


def _find(context: Context, arn: str) -> Members:
    for one in documents.every(context):
        if one["JobArn"] == arn:
            return one
    raise AwsError("ResourceNotFoundException", f"The resource {arn} wasn't found.")


def _set(context: Context, arn: str, tags: list[Members], gone: list[str]) -> Members:
    records = context.part(Records)
    with records.lock:
        job = _find(context, arn)
        keys = {*gone, *(one["Key"] for one in tags)}
        left = [one for one in job["tags"] if one["Key"] not in keys]
        records.change(JOB, job["JobId"], tags=[*left, *tags])
    return {}


def add(context: Context, given: Members) -> Members:
    """Answer TagResource."""
    return _set(context, given["ResourceArn"], given["Tags"], [])


def remove(context: Context, given: Members) -> Members:
    """Answer UntagResource."""
    return _set(context, given["ResourceArn"], [], given["TagKeys"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    arn = given["ResourceArn"]
    return {"ResourceArn": arn, "Tags": _find(context, arn)["tags"]}


OPERATIONS = {
    "TagResource": add,
    "UntagResource": remove,
    "ListTagsForResource": listed,
}
