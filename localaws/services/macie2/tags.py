"""Tags of what Macie keeps."""

from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.documents import ALLOW, CUSTOM, FILTER, JOB, Members
from localaws.services.records import Records


def _find(context: Context, arn: str) -> tuple[str, str, Members]:
    for table in (CUSTOM, ALLOW, FILTER, JOB):
        for key, one in context.part(Records).all(table).items():
            if arn in (one.get("arn"), one.get("jobArn")):
                return table, key, one["tags"]
    raise documents.absent(f"The resource {arn} wasn't found.")


def _set(context: Context, arn: str, tags: Members, gone: list[str]) -> Members:
    records = context.part(Records)
    with records.lock:
        table, key, known = _find(context, arn)
        left = {name: value for name, value in known.items() if name not in gone}
        records.change(table, key, tags={**left, **tags})
    return {}


def add(context: Context, given: Members) -> Members:
    """Answer TagResource."""
    return _set(context, given["resourceArn"], given["tags"], [])


def remove(context: Context, given: Members) -> Members:
    """Answer UntagResource."""
    return _set(context, given["resourceArn"], {}, given["tagKeys"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    return {"tags": _find(context, given["resourceArn"])[2]}


OPERATIONS = {
    "TagResource": add,
    "UntagResource": remove,
    "ListTagsForResource": listed,
}
