"""Which objects of a bucket a job analyses."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

# The storage classes that Macie reads.
CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
)
Object = dict[str, Any]
Tags = Callable[[Object], dict[str, str]]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda one, other: one == other,
    "NE": lambda one, other: one != other,
    "GT": lambda one, other: one > other,
    "GTE": lambda one, other: one >= other,
    "LT": lambda one, other: one < other,
    "LTE": lambda one, other: one <= other,
}


def chosen(scoping: dict[str, Any], found: Object, tags: Tags) -> bool:
    """Whether an object is within a job's scope.

    Args:
        scoping: As CreateClassificationJob takes it.
        found: The object, as S3 lists it.
        tags: Returns the object's tags.
    """
    includes = scoping.get("includes", {}).get("and", [])
    excludes = scoping.get("excludes", {}).get("and", [])
    if excludes and all(_holds(term, found, tags) for term in excludes):
        return False
    return all(_holds(term, found, tags) for term in includes)


def sampled(objects: list[Object], percentage: int, seed: str) -> list[Object]:
    """Return a part of the objects, drawn by a seed, in their order."""
    count = max(1, round(len(objects) * percentage / 100)) if objects else 0
    if percentage >= 100:
        return objects
    drawn = random.Random(seed).sample(range(len(objects)), count)
    return [objects[number] for number in sorted(drawn)]


def extension(key: str) -> str:
    """Return the ending of a name, without its dot."""
    name = key.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def _holds(term: dict[str, Any], found: Object, tags: Tags) -> bool:
    if "tagScopeTerm" in term:
        return _tagged(term["tagScopeTerm"], tags(found))
    asked = term["simpleScopeTerm"]
    values, compare = asked["values"], asked.get("comparator", "EQ")
    match asked["key"]:
        case "OBJECT_EXTENSION":
            same = extension(found["Key"]) in [v.lower().lstrip(".") for v in values]
            return same == (compare == "EQ")
        case "OBJECT_KEY":
            return any(found["Key"].startswith(one) for one in values)
        case "OBJECT_SIZE":
            return _COMPARE[compare](found["Size"], int(values[0]))
        case _:
            moment = dt.datetime.fromisoformat(values[0].replace("Z", "+00:00"))
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=dt.UTC)
            return _COMPARE[compare](found["LastModified"], moment)


def _tagged(asked: dict[str, Any], tags: dict[str, str]) -> bool:
    pairs = asked["tagValues"]
    same = any(
        one["key"] in tags and one.get("value", "") in ("", tags[one["key"]])
        for one in pairs
    )
    return same == (asked.get("comparator", "EQ") == "EQ")
