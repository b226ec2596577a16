"""What a job says of an object: categories, types, numbers and places."""

from collections.abc import Mapping
from typing import Any

from localaws.pii.discovery.custom import Custom
from localaws.pii.discovery.identifiers import identifiers
from localaws.pii.discovery.scanning import Detection

Members = dict[str, Any]
_CUSTOM = "CUSTOM_IDENTIFIER"
_KINDS = {
    "CREDENTIALS": ("Credentials", "The S3 object contains credentials."),
    "FINANCIAL_INFORMATION": (
        "Financial",
        "The S3 object contains financial information.",
    ),
    "PERSONAL_INFORMATION": (
        "Personal",
        "The S3 object contains personal information.",
    ),
    _CUSTOM: (
        "CustomIdentifier",
        "The S3 object contains text that matches a custom data identifier.",
    ),
}
_MULTIPLE = ("Multiple", "The S3 object contains multiple categories of sensitive data")
LEVELS = {1: "Low", 2: "Medium", 3: "High"}


def result(
    found: Mapping[str, Detection], customs: Mapping[str, Custom], most: int
) -> Members:
    """Return sensitiveData, customDataIdentifiers and additionalOccurrences.

    Args:
        found: Detections by the id of the identifier.
        customs: Custom data identifiers by their ids.
        most: Places that are shown.
    """
    left = most
    categories: dict[str, list[Members]] = {}
    own: list[Members] = []
    shown = 0
    for name in sorted(found, key=lambda one: (-found[one].count, one)):
        detection = found[name]
        places, left = _first(detection.places, left)
        shown += sum(map(len, places.values()))
        told = {"count": detection.count, "occurrences": places}
        if name in customs:
            custom = customs[name]
            own.append({**told, "arn": custom.id, "name": custom.name})
        else:
            category = identifiers()[name].category
            categories.setdefault(category, []).append({**told, "type": name})
    total = sum(one.count for one in found.values())
    return {
        "additionalOccurrences": total > shown,
        "sensitiveData": [
            {"category": name, "detections": rows, "totalCount": _total(rows)}
            for name, rows in sorted(categories.items())
        ],
        "customDataIdentifiers": {"detections": own, "totalCount": _total(own)},
    }


def verdict(
    found: Mapping[str, Detection], customs: Mapping[str, Custom]
) -> Members | None:
    """Return type, title and severity of a finding; None if there is none."""
    scores, categories = [], set()
    for name, detection in found.items():
        if name in customs:
            score = customs[name].score(detection.count)
            category = _CUSTOM
        else:
            known = identifiers()[name]
            score, category = known.score(detection.count), known.category
        if score is not None:
            scores.append(score)
            categories.add(category)
    if not scores:
        return None
    kind, title = _MULTIPLE
    if len(categories) == 1:
        kind, title = _KINDS[categories.pop()]
    return {
        "type": f"SensitiveData:S3Object/{kind}",
        "title": title.rstrip(".") + ".",
        "severity": {"score": max(scores), "description": LEVELS[max(scores)]},
    }


def _first(places: Mapping[str, list[Members]], most: int) -> tuple[Members, int]:
    kept: Members = {}
    for kind, rows in places.items():
        if most > 0 and rows:
            kept[kind] = rows[:most]
            most -= len(kept[kind])
    return kept, most


def _total(rows: list[Members]) -> int:
    return sum(one["count"] for one in rows)
