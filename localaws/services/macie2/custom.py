"""Custom data identifiers, and the list of the managed ones."""

from localaws.errors import ValidationError
from localaws.limits import limit, limits
from localaws.pii.discovery.custom import DEFAULT_SEVERITY, SCORES, Custom
from localaws.pii.discovery.identifiers import identifiers
from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.documents import CUSTOM, Members
from localaws.services.macie2.operations import page
from localaws.services.records import Records


def _checked(given: Members) -> Custom:
    """Return an identifier, if its criteria keep to the limits."""
    for member, (most, short, long) in limits("macie", "words").items():
        words = given.get(member, [])
        if len(words) > most:
            raise ValidationError(f"{member} may have {most} items at most.")
        for word in words:
            if not short <= len(word) <= long:
                raise ValidationError(
                    f"{member}: {word!r} must have {short} to {long} characters."
                )
    longest = limit("macie", "regex")
    if not 1 <= len(given["regex"]) <= longest:
        raise ValidationError(f"The regex must have 1 to {longest} characters.")
    least, most, default = limits("macie", "match_distance")
    if not least <= given.get("maximumMatchDistance", default) <= most:
        raise ValidationError(f"maximumMatchDistance must be {least} to {most}.")
    try:
        return Custom(given)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _levels(given: Members) -> None:
    levels = given.get("severityLevels", [])
    scores = [SCORES[one["severity"]] for one in levels]
    ordered = sorted(levels, key=lambda one: SCORES[one["severity"]])
    steps = [one["occurrencesThreshold"] for one in ordered]
    if len(set(scores)) < len(scores) or steps != sorted(set(steps)):
        raise ValidationError(
            "The occurrences thresholds of severityLevels must ascend from LOW to HIGH."
        )


def create(context: Context, given: Members) -> Members:
    """Answer CreateCustomDataIdentifier."""
    _checked(given)
    _levels(given)
    longest = limit("macie", "name")
    if not 1 <= len(given["name"]) <= longest:
        raise ValidationError(f"The name must have 1 to {longest} characters.")
    records = context.part(Records)
    with records.lock:
        known = documents.repeated(context, CUSTOM, given.get("clientToken"))
        if known:
            return {"customDataIdentifierId": known["id"]}
        key = documents.new_id(context, CUSTOM)
        document = {
            "maximumMatchDistance": limits("macie", "match_distance")[2],
            "severityLevels": DEFAULT_SEVERITY,
            "tags": {},
            **given,
            "id": key,
            "arn": documents.arn(context, CUSTOM, key),
            "createdAt": context.clock.now(),
            "deleted": False,
        }
        records.put(CUSTOM, key, document)
    return {"customDataIdentifierId": key}


def test(context: Context, given: Members) -> Members:
    """Answer TestCustomDataIdentifier."""
    longest = limit("macie", "sample_text")
    if len(given["sampleText"]) > longest:
        raise ValidationError(f"The sample text may have {longest} characters.")
    try:
        count = sum(1 for _ in _checked(given).matches(given["sampleText"]))
    except TimeoutError as error:
        raise ValidationError("The regex takes too long on this text.") from error
    return {"matchCount": count}


def get(context: Context, given: Members) -> Members:
    """Answer GetCustomDataIdentifier; one that was deleted is still shown."""
    return documents.get(context, CUSTOM, given["id"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListCustomDataIdentifiers."""
    found = [one for one in documents.every(context, CUSTOM) if not one["deleted"]]
    return page("items", found, given)


def batch(context: Context, given: Members) -> Members:
    """Answer BatchGetCustomDataIdentifiers."""
    known = context.part(Records).all(CUSTOM)
    asked = given.get("ids", [])
    return {
        "customDataIdentifiers": [known[key] for key in asked if key in known],
        "notFoundIdentifierIds": [key for key in asked if key not in known],
    }


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteCustomDataIdentifier: jobs that use it go on doing so."""
    documents.get(context, CUSTOM, given["id"])
    context.part(Records).change(CUSTOM, given["id"], deleted=True)
    return {}


def managed(context: Context, given: Members) -> Members:
    """Answer ListManagedDataIdentifiers: those that are found here."""
    found = [{"id": one.id, "category": one.category} for one in identifiers().values()]
    return page("items", found, given, 500)


OPERATIONS = {
    "CreateCustomDataIdentifier": create,
    "TestCustomDataIdentifier": test,
    "GetCustomDataIdentifier": get,
    "ListCustomDataIdentifiers": listed,
    "BatchGetCustomDataIdentifiers": batch,
    "DeleteCustomDataIdentifier": delete,
    "ListManagedDataIdentifiers": managed,
}
