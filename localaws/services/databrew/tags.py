"""Tags of DataBrew's resources."""

from localaws.services.context import Context
from localaws.services.databrew.documents import DATASET, JOB, PROJECT, RECIPE, RULESET
from localaws.services.databrew.operations import Members, absent
from localaws.services.records import Records

_TABLES = (DATASET, RECIPE, PROJECT, RULESET, JOB)


def _find(context: Context, arn: str) -> tuple[str, Members]:
    for table in _TABLES:
        for one in context.part(Records).all(table).values():
            if one["ResourceArn"] == arn:
                return table, one
    raise absent(f"The resource {arn} wasn't found.")


def _set(context: Context, arn: str, tags: Members, gone: list[str]) -> Members:
    records = context.part(Records)
    with records.lock:
        table, known = _find(context, arn)
        left = {key: value for key, value in known["Tags"].items() if key not in gone}
        records.change(table, known["Name"], Tags={**left, **tags})
    return {}


def add(context: Context, given: Members) -> Members:
    """Answer TagResource."""
    return _set(context, given["ResourceArn"], given["Tags"], [])


def remove(context: Context, given: Members) -> Members:
    """Answer UntagResource."""
    return _set(context, given["ResourceArn"], {}, given["TagKeys"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    return {"Tags": _find(context, given["ResourceArn"])[1]["Tags"]}


OPERATIONS = {
    "TagResource": add,
    "UntagResource": remove,
    "ListTagsForResource": listed,
}
