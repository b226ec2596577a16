"""The settings of a job, checked."""

import datetime as dt

from localaws.errors import NotImplementedHere, ValidationError
from localaws.limits import limit
from localaws.pii.discovery.identifiers import RECOMMENDED, identifiers
from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.documents import ACCOUNT, ALLOW, CUSTOM, Members

_COMPARATORS = {
    "OBJECT_EXTENSION": ("EQ", "NE"),
    "OBJECT_KEY": ("STARTS_WITH",),
    "OBJECT_LAST_MODIFIED_DATE": ("EQ", "GT", "GTE", "LT", "LTE", "NE"),
    "OBJECT_SIZE": ("EQ", "GT", "GTE", "LT", "LTE", "NE"),
}
_MANY_VALUES = ("OBJECT_EXTENSION", "OBJECT_KEY")


def check(context: Context, given: Members) -> None:
    """Raise AWS's error if the settings do not agree, or name what is not there."""
    _schedule(given)
    _identifiers(context, given)
    _buckets(context, given["s3JobDefinition"])
    for side in given["s3JobDefinition"].get("scoping", {}).values():
        for term in side.get("and", []):
            _term(term)
    if not 1 <= given.get("samplingPercentage", 100) <= 100:
        raise ValidationError("samplingPercentage must be 1 to 100.")


def managed(given: Members) -> list[str]:
    """Return the ids of the managed data identifiers that a job uses."""
    selector = given.get("managedDataIdentifierSelector", "RECOMMENDED")
    asked = set(given.get("managedDataIdentifierIds", ()))
    known = set(identifiers())
    chosen = {
        "ALL": known,
        "EXCLUDE": known - asked,
        "INCLUDE": asked,
        "NONE": set(),
        "RECOMMENDED": set(RECOMMENDED),
    }[selector]
    return sorted(chosen)


def _schedule(given: Members) -> None:
    frequency = given.get("scheduleFrequency")
    if given["jobType"] == "ONE_TIME":
        if frequency or "initialRun" in given:
            raise ValidationError(
                "scheduleFrequency and initialRun are for jobs of the type SCHEDULED."
            )
        return
    if not frequency or len(frequency) != 1:
        raise ValidationError("A SCHEDULED job needs one scheduleFrequency.")
    day = frequency.get("monthlySchedule", {}).get("dayOfMonth", 1)
    if not 1 <= day <= 31:
        raise ValidationError("dayOfMonth must be 1 to 31.")
    if "dayOfWeek" not in frequency.get("weeklySchedule", {"dayOfWeek": ""}):
        raise ValidationError("weeklySchedule needs dayOfWeek.")


def _identifiers(context: Context, given: Members) -> None:
    selector = given.get("managedDataIdentifierSelector", "RECOMMENDED")
    asked = given.get("managedDataIdentifierIds", [])
    custom = given.get("customDataIdentifierIds", [])
    if (selector in ("INCLUDE", "EXCLUDE")) != bool(asked):
        raise ValidationError(
            "managedDataIdentifierIds goes with the selectors INCLUDE and EXCLUDE, and "
            "with them alone."
        )
    if selector == "NONE" and not custom:
        raise ValidationError(
            "With the selector NONE, customDataIdentifierIds must have an item."
        )
    if selector == "INCLUDE":
        for name in asked:
            if name not in identifiers():
                raise NotImplementedHere(
                    f"macie2:CreateClassificationJob managedDataIdentifierIds={name!r}",
                    "finds data of this type, if it is one of its identifiers",
                )
    if len(custom) > limit("macie", "custom_identifiers"):
        raise ValidationError("A job may use 30 custom data identifiers.")
    for key in custom:
        if documents.get(context, CUSTOM, key)["deleted"]:
            raise documents.absent(f"The custom data identifier {key} was deleted.")
    lists = given.get("allowListIds", [])
    if len(lists) > limit("macie", "allow_lists"):
        raise ValidationError("A job may use 10 allow lists.")
    for key in lists:
        documents.get(context, ALLOW, key)


def _buckets(context: Context, given: Members) -> None:
    definitions = given.get("bucketDefinitions", [])
    names = [name for one in definitions for name in one["buckets"]]
    if not names:
        raise ValidationError("s3JobDefinition needs bucketDefinitions with buckets.")
    if len(names) > limit("macie", "job_buckets"):
        raise ValidationError("A job may analyze 1,000 buckets.")
    for one in definitions:
        if one["accountId"] != ACCOUNT:
            raise ValidationError(
                f"The account {one['accountId']} isn't a member of your organization."
            )
    known = {one["Name"] for one in context.aws.client("s3").list_buckets()["Buckets"]}
    for name in names:
        if name not in known:
            raise documents.absent(f"The bucket {name} wasn't found.")


def _term(term: Members) -> None:
    if "tagScopeTerm" in term:
        asked = term["tagScopeTerm"]
        if asked.get("key") != "TAG" or not asked.get("tagValues"):
            raise ValidationError("A tagScopeTerm needs the key TAG and tagValues.")
        if asked.get("comparator", "EQ") not in ("EQ", "NE"):
            raise ValidationError("The comparator of a tagScopeTerm is EQ or NE.")
        return
    asked = term.get("simpleScopeTerm", {})
    key, values = asked.get("key"), asked.get("values")
    if key not in _COMPARATORS or not values:
        raise ValidationError("A simpleScopeTerm needs key and values.")
    if asked.get("comparator") not in _COMPARATORS[key]:
        allowed = ", ".join(_COMPARATORS[key])
        raise ValidationError(f"The comparator of {key} must be one of: {allowed}.")
    if len(values) > 1 and key not in _MANY_VALUES:
        raise ValidationError(f"{key} takes one value.")
    try:
        if key == "OBJECT_SIZE":
            int(values[0])
        elif key == "OBJECT_LAST_MODIFIED_DATE":
            dt.datetime.fromisoformat(values[0].replace("Z", "+00:00"))
    except ValueError as error:
        raise ValidationError(f"{values[0]!r} is no value of {key}.") from error
