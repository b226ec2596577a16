"""The documents of AWS Glue Data Quality, and its errors."""

import datetime as dt
import hashlib
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.json_operations import Members
from localaws.services.records import Records

ACCOUNT = "123456789012"
RULESET = "glue-quality-ruleset"
EVALUATION = "glue-quality-evaluation"
RECOMMENDATION = "glue-quality-recommendation"
RESULT = "glue-quality-result"
_TOKENS = "glue-quality-token"
PAGE = 100


def invalid(message: str) -> AwsError:
    """Return the error of an input that AWS Glue does not take."""
    return AwsError("InvalidInputException", message)


def absent(what: str, name: str) -> AwsError:
    """Return the error of something that is not there."""
    return AwsError("EntityNotFoundException", f"{what} {name} not found.")


def new_id(context: Context, prefix: str) -> str:
    """Return an id such as `dqrun-...`."""
    count = context.clock.count(prefix)
    return f"{prefix}-{hashlib.sha256(f'{prefix} {count}'.encode()).hexdigest()[:40]}"


def newest_first(context: Context, table: str) -> list[Members]:
    """Return every document of a table."""
    return list(context.part(Records).all(table).values())[::-1]


def within(
    given: Members, document: Members, before: str, after: str, member: str
) -> bool:
    """Return whether a time of a document is within a filter's bounds."""
    when: dt.datetime = document[member]
    late, early = _time(given.get(before)), _time(given.get(after))
    return (late is None or when < late) and (early is None or when > early)


def _time(value: Any) -> dt.datetime | None:
    if value is None or isinstance(value, dt.datetime):
        return value
    return dt.datetime.fromtimestamp(float(value), dt.UTC)


def once(context: Context, operation: str, given: Members) -> str | None:
    """Return what an earlier request with the same ClientToken made, if one did."""
    token = given.get("ClientToken")
    if token is None:
        return None
    found = context.part(Records).get(_TOKENS, f"{operation} {token}")
    return str(found["made"]) if found else None


def remember(context: Context, operation: str, given: Members, made: str) -> None:
    """Remember what a request with a ClientToken made."""
    if "ClientToken" in given:
        key = f"{operation} {given['ClientToken']}"
        context.part(Records).put(_TOKENS, key, {"made": made})
