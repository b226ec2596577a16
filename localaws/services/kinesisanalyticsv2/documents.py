"""The documents of applications: what Describe shows, and how versions rise."""

import hashlib
import uuid
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.records import Records

TABLE = "flink-application"
ACCOUNT = "123456789012"
Members = dict[str, Any]


def find(context: Context, name: str) -> Members:
    """Return an application.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(TABLE, name)
    if found is None:
        raise AwsError(
            "ResourceNotFoundException",
            f"Application {arn(context, name)} not found.",
        )
    return found


def arn(context: Context, name: str) -> str:
    """Return the ARN of an application."""
    return f"arn:aws:kinesisanalytics:{context.aws.region}:{ACCOUNT}:application/{name}"


def by_arn(context: Context, given: str) -> Members:
    """Return an application by its ARN."""
    name = given.rpartition("/")[2]
    if given != arn(context, name):
        raise AwsError("InvalidArgumentException", f"{given} names no application.")
    return find(context, name)


def token(document: Members) -> str:
    """Return what says that nobody has changed an application meanwhile."""
    text = f"{document['id']} {document['version']}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def identity(context: Context, kind: str) -> str:
    """Return a new id."""
    number = context.clock.count(f"flink {kind}")
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"flink {kind} {number}"))


def demand_current(document: Members, given: Members) -> None:
    """Raise AWS's error unless a change knows the version that it changes."""
    version, given_token = "CurrentApplicationVersionId", given.get("ConditionalToken")
    if version not in given and given_token is None:
        raise AwsError(
            "InvalidArgumentException",
            "You must provide the CurrentApplicationVersionId or the ConditionalToken.",
        )
    now = document["version"]
    if given.get(version, now) != now or given_token not in (None, token(document)):
        raise AwsError(
            "ConcurrentModificationException",
            f"Application {document['arn']} was modified: its version is {now}.",
        )


def demand_state(document: Members, states: tuple[str, ...], what: str) -> None:
    """Raise AWS's error unless an application is in one of some states."""
    if document["status"] not in states:
        raise AwsError(
            "ResourceInUseException",
            f"Application {document['arn']} cannot be {what} while it is in "
            f"{document['status']} status.",
        )


def risen(context: Context, document: Members, **members: Any) -> Members:
    """Keep a new version of an application, and return it."""
    now = context.clock.now()
    return context.part(Records).change(
        TABLE,
        document["name"],
        version=document["version"] + 1,
        updated_from=document["version"],
        updated=now,
        version_created=now,
        **members,
    )


def detail(document: Members) -> Members:
    """Return an ApplicationDetail."""
    options = document["logging"]
    config = dict(document["config"])
    if document["run"]:
        config["RunConfigurationDescription"] = document["run"]
    found = {
        "ApplicationARN": document["arn"],
        "ApplicationName": document["name"],
        "ApplicationDescription": document["description"],
        "RuntimeEnvironment": document["runtime"],
        "ServiceExecutionRole": document["role"],
        "ApplicationStatus": document["status"],
        "ApplicationVersionId": document["version"],
        "ApplicationVersionUpdatedFrom": document["updated_from"],
        "ApplicationVersionCreateTimestamp": document["version_created"],
        "CreateTimestamp": document["created"],
        "LastUpdateTimestamp": document["updated"],
        "ApplicationConfigurationDescription": config,
        "CloudWatchLoggingOptionDescriptions": options or None,
        "ConditionalToken": token(document),
        "ApplicationMode": "STREAMING",
    }
    return {name: value for name, value in found.items() if value is not None}


def summary(document: Members) -> Members:
    """Return an ApplicationSummary."""
    names = ("ApplicationName", "ApplicationARN", "ApplicationStatus")
    more = ("ApplicationVersionId", "RuntimeEnvironment", "ApplicationMode")
    found = detail(document)
    return {name: found[name] for name in (*names, *more)}
