"""What is kept of Macie: tables, ids and ARNs."""

import hashlib
import uuid
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.records import Records

Members = dict[str, Any]
ACCOUNT = "123456789012"
SESSION, EXPORT = "macie-session", "macie-export"
CUSTOM, ALLOW, FILTER = "macie-custom", "macie-allow-list", "macie-filter"
JOB, FINDING = "macie-job", "macie-finding"
TABLES = (SESSION, EXPORT, CUSTOM, ALLOW, FILTER, JOB, FINDING)
_PATHS = {
    CUSTOM: "custom-data-identifier",
    ALLOW: "allow-list",
    FILTER: "findings-filter",
    JOB: "classification-job",
}
_WORDS = {
    CUSTOM: "custom data identifier",
    ALLOW: "allow list",
    FILTER: "findings filter",
    JOB: "classification job",
    FINDING: "finding",
}


def digest(context: Context, table: str) -> str:
    """Return a new id of 32 hexadecimal digits."""
    number = context.clock.count(table)
    return hashlib.sha256(f"{table} {number}".encode()).hexdigest()[:32]


def new_id(context: Context, table: str) -> str:
    """Return a new id in the form that a table has."""
    found = digest(context, table)
    return found if table in (JOB, FINDING) else str(uuid.UUID(found))


def arn(context: Context, table: str, key: str) -> str:
    """Return an ARN."""
    return f"arn:aws:macie2:{context.aws.region}:{ACCOUNT}:{_PATHS[table]}/{key}"


def get(context: Context, table: str, key: str) -> Members:
    """Return a document.

    Raises:
        AwsError: There is none of this id.
    """
    found = context.part(Records).get(table, key)
    if found is None:
        raise absent(f"The {_WORDS[table]} {key} wasn't found.")
    return found


def every(context: Context, table: str) -> list[Members]:
    """Return all documents of a table, oldest first."""
    return list(context.part(Records).all(table).values())


def repeated(context: Context, table: str, token: str | None) -> Members | None:
    """Return the document that a request with the same client token has made."""
    for one in every(context, table):
        if token and one.get("clientToken") == token:
            return one
    return None


def absent(message: str) -> AwsError:
    """Return the error of something that is not there."""
    return AwsError("ResourceNotFoundException", message, 404)


def conflict(message: str) -> AwsError:
    """Return the error of something that is in the way."""
    return AwsError("ConflictException", message, 409)
