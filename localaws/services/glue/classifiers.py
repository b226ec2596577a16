"""Custom classifiers: CSV, and JSON whose records are at the top or in an array."""

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

TABLE = "glue-classifier"
_PATHS = ("$", "$[*]")


def missing(kind: str, name: str) -> AwsError:
    """Return the error of what Glue does not have."""
    return AwsError("EntityNotFoundException", f"{kind} {name} not found.")


def find(context: Context, name: str) -> Members:
    """Return a classifier as GetClassifier does.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(TABLE, name)
    if found is None:
        raise missing("Classifier", name)
    return found


def _one(given: Members) -> tuple[str, Members]:
    if len(given) != 1:
        raise AwsError("InvalidInputException", "Exactly one classifier must be given.")
    ((kind, members),) = given.items()
    path = members.get("JsonPath", "$")
    if path not in _PATHS:
        raise NotImplementedHere(
            f"glue:CreateClassifier JsonClassifier.JsonPath={path!r} (here only $ and "
            "$[*])",
            "takes other paths too",
        )
    return kind, dict(members)


def create(context: Context, given: Members) -> Members:
    """Answer CreateClassifier."""
    kind, members = _one(given)
    records, name = context.part(Records), members["Name"]
    with records.lock:
        if records.get(TABLE, name):
            raise AwsError(
                "AlreadyExistsException", f"Classifier {name} already exists."
            )
        now = context.clock.now()
        known = {"CreationTime": now, "LastUpdated": now, "Version": 1}
        records.put(TABLE, name, {kind: members | known})
    return {}


def update(context: Context, given: Members) -> Members:
    """Answer UpdateClassifier."""
    kind, members = _one(given)
    records, name = context.part(Records), members["Name"]
    with records.lock:
        known = find(context, name)
        if kind not in known:
            raise AwsError("InvalidInputException", f"{name} is not a {kind}.")
        changed = known[kind] | members | {"LastUpdated": context.clock.now()}
        changed["Version"] += 1
        records.put(TABLE, name, {kind: changed})
    return {}


def get(context: Context, given: Members) -> Members:
    """Answer GetClassifier."""
    return {"Classifier": find(context, given["Name"])}


def listed(context: Context, given: Members) -> Members:
    """Answer GetClassifiers."""
    every = context.part(Records).all(TABLE)
    return page("Classifiers", [*every.values()], given, 100)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteClassifier."""
    find(context, given["Name"])
    context.part(Records).drop(TABLE, given["Name"])
    return {}


OPERATIONS = {
    "CreateClassifier": create,
    "UpdateClassifier": update,
    "GetClassifier": get,
    "GetClassifiers": listed,
    "DeleteClassifier": delete,
}
