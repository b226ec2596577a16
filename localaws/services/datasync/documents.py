"""The documents of DataSync, their ARNs and tags."""

import hashlib
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.json_operations import Members
from localaws.services.records import Records

LOCATIONS, TASKS, EXECUTIONS = (
    "datasync-location",
    "datasync-task",
    "datasync-execution",
)
_ACCOUNT = "123456789012"


def invalid(message: str) -> AwsError:
    """Return the error of an input that DataSync does not take."""
    return AwsError("InvalidRequestException", message, errorCode="InvalidRequest")


def identity(context: Context, prefix: str) -> str:
    """Return a new id."""
    number = context.clock.count(f"datasync-{prefix}")
    return f"{prefix}-0{hashlib.sha256(f'{prefix}{number}'.encode()).hexdigest()[:16]}"


def arn(context: Context, kind: str, name: str) -> str:
    """Return the ARN of a location or task."""
    return f"arn:aws:datasync:{context.aws.region}:{_ACCOUNT}:{kind}/{name}"


def find(context: Context, table: str, name: str) -> Members:
    """Return a document by its ARN.

    Raises:
        AwsError: There is none.
    """
    found = context.part(Records).get(table, name)
    if found is None:
        kind = table.rpartition("-")[2].capitalize()
        raise invalid(f"{kind} {name} is not found.")
    return found


def tags_of(given: Members) -> list[dict[str, Any]]:
    """Return the tags of an input."""
    return [dict(one) for one in given.get("Tags", ())]
