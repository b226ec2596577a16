"""Amazon S3: the rules of a lifecycle configuration."""

import datetime as dt
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from localaws.services.s3_address import malformed, number

_DAY = dt.timedelta(days=1)
_CLASSES = (
    "STANDARD",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
_LEAST_SIZE = 128 * 1024


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker.

    Attributes:
        key: Its key.
        id: Its version, `null` without versions.
        size: Bytes; 0 for a marker.
        modified: When it was made.
        storage: Its storage class.
        marker: Whether it is a delete marker.
        since: When a newer one took its place; None for the current one.
        newer: How many noncurrent versions are newer.
        alone: Whether it is the only version of its key.
    """

    key: str
    id: str
    size: int
    modified: dt.datetime
    storage: str
    marker: bool
    since: dt.datetime | None
    newer: int
    alone: bool


class Rule:
    """One rule that is enabled or not.

    Args:
        element: `Rule` of the configuration.

    Raises:
        AwsError: It does not fit the schema.
    """

    def __init__(self, element: Element) -> None:
        self.enabled = element.findtext("Status") == "Enabled"
        chosen = element.find("Filter")
        found = chosen.find("And") if chosen is not None else None
        chosen = found if found is not None else chosen
        chosen = chosen if chosen is not None else element
        self.prefix = chosen.findtext("Prefix") or ""
        self.tags = {
            tag.findtext("Key", ""): tag.findtext("Value", "")
            for tag in chosen.findall("Tag")
        }
        self._least = number(chosen, "ObjectSizeGreaterThan")
        self._most = number(chosen, "ObjectSizeLessThan")
        self._sized = (self._least, self._most) != (None, None)
        self._expiration = element.find("Expiration")
        self._noncurrent = element.find("NoncurrentVersionExpiration")
        self._transitions = element.findall("Transition")
        self._noncurrent_transitions = element.findall("NoncurrentVersionTransition")
        self.abort = number(
            element, "AbortIncompleteMultipartUpload/DaysAfterInitiation"
        )
        self._check()

    def _check(self) -> None:
        for one in (*self._transitions, *self._noncurrent_transitions):
            if one.findtext("StorageClass") not in _CLASSES[1:]:
                raise malformed()

    def covers(self, version: Version) -> bool:
        """Whether the prefix and the sizes of the filter fit a version."""
        return (
            version.key.startswith(self.prefix)
            and (self._least is None or version.size > self._least)
            and (self._most is None or version.size < self._most)
        )

    def expires(self, version: Version, now: dt.datetime) -> bool:
        """Whether a version is to go."""
        if version.since is not None:
            keep = number(self._noncurrent, "NewerNoncurrentVersions") or 0
            days = number(self._noncurrent, "NoncurrentDays")
            return (
                self._noncurrent is not None
                and version.newer >= keep
                and _past(version.since, days, None, now)
            )
        if version.marker:
            lone = "ExpiredObjectDeleteMarker"
            return version.alone and (
                _text(self._expiration, lone) == "true"
                or self._past(self._expiration, version.modified, now)
            )
        return self._past(self._expiration, version.modified, now)

    def target(self, version: Version, now: dt.datetime, *, small: bool) -> str | None:
        """Return the storage class to which a version is to move, or None.

        Args:
            version: The version.
            now: The time.
            small: Whether objects under 128 KiB move to archives too, by the older
                default of a configuration.
        """
        if version.marker:
            return None
        best = _CLASSES.index(version.storage) if version.storage in _CLASSES else 99
        found = None
        transitions = self._transitions
        if version.since is not None:
            transitions = self._noncurrent_transitions
        for one in transitions:
            name = one.findtext("StorageClass", "")
            moves = self._sized or (small and name in ("GLACIER", "DEEP_ARCHIVE"))
            if version.size < _LEAST_SIZE and not moves:
                continue
            if _CLASSES.index(name) > best and self._due(one, version, now):
                best, found = _CLASSES.index(name), name
        return found

    def _due(self, one: Element, version: Version, now: dt.datetime) -> bool:
        if version.since is None:
            return self._past(one, version.modified, now)
        keep = number(one, "NewerNoncurrentVersions") or 0
        days = number(one, "NoncurrentDays")
        return version.newer >= keep and _past(version.since, days, None, now)

    @staticmethod
    def _past(one: Element | None, since: dt.datetime, now: dt.datetime) -> bool:
        if one is None:
            return False
        return _past(since, number(one, "Days"), one.findtext("Date"), now)


def _text(element: Element | None, name: str) -> str:
    return (element.findtext(name) or "") if element is not None else ""


def _past(
    since: dt.datetime, days: int | None, date: str | None, now: dt.datetime
) -> bool:
    """Whether days have gone by, up to the next midnight, or a date has come."""
    if date:
        moment = dt.datetime.fromisoformat(date)
        return now >= (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))
    if days is None:
        return False
    return now >= midnight_after(since + days * _DAY)


def midnight_after(moment: dt.datetime) -> dt.datetime:
    """Return the midnight, UTC, that follows a time."""
    day = moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + _DAY
