"""Tags of applications and job runs."""

from localaws.services.context import Context
from localaws.services.emrserverless.names import APPLICATIONS, RUNS, found, run_of
from localaws.services.emrserverless.operations import Members
from localaws.services.records import Records


def _named(context: Context, given: Members) -> tuple[str, str, Members]:
    """Return table, key and document of what an ARN names."""
    words = given["resourceArn"].rpartition("/applications/")[2].split("/")
    if len(words) == 3:
        return RUNS, words[2], run_of(context, words[0], words[2])
    return APPLICATIONS, words[0], found(context, words[0])


def tags(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    return {"tags": _named(context, given)[2].get("tags", {})}


def tag(context: Context, given: Members) -> Members:
    """Answer TagResource."""
    records = context.part(Records)
    with records.lock:
        table, key, document = _named(context, given)
        records.change(table, key, tags={**document.get("tags", {}), **given["tags"]})
    return {}


def untag(context: Context, given: Members) -> Members:
    """Answer UntagResource."""
    records = context.part(Records)
    with records.lock:
        table, key, document = _named(context, given)
        kept = document.get("tags", {}).items()
        left = {name: value for name, value in kept if name not in given["tagKeys"]}
        records.change(table, key, tags=left)
    return {}


OPERATIONS = {
    "ListTagsForResource": tags,
    "TagResource": tag,
    "UntagResource": untag,
}
