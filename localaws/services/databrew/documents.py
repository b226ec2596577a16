"""The documents of DataBrew: data sets, recipes, projects, rulesets, jobs."""

import re
from typing import Any

from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.databrew.operations import Members, absent, conflict
from localaws.services.records import Records

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/learner"
DATASET, RECIPE, PROJECT = "databrew-dataset", "databrew-recipe", "databrew-project"
RULESET, JOB, RUN = "databrew-ruleset", "databrew-job", "databrew-run"
_NAME = re.compile(r"[A-Za-z0-9.\- ]+")


def word(table: str) -> str:
    """Return what the documents of a table are called, such as `dataset`."""
    return table.partition("-")[2]


def arn(context: Context, table: str, name: str) -> str:
    """Return the ARN of a document."""
    return f"arn:aws:databrew:{context.aws.region}:{ACCOUNT}:{word(table)}/{name}"


def get(context: Context, table: str, name: str) -> Members:
    """Return a document.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(table, name)
    if found is None:
        raise absent(f"The {word(table)} {name} wasn't found.")
    return found


def every(context: Context, table: str) -> list[Members]:
    """Return the documents of a table by their names."""
    found = context.part(Records).all(table)
    return [found[name] for name in sorted(found)]


def create(context: Context, table: str, members: Members) -> Members:
    """Keep a new document.

    Raises:
        AwsError: Its name is taken, or has a character that is not allowed.
    """
    name, records = members["Name"], context.part(Records)
    if table != DATASET and table != RULESET and not _NAME.fullmatch(name):
        raise ValidationError(
            f"The name {name!r} is not valid. Valid characters are alphanumeric (A-Z, "
            "a-z, 0-9), hyphen (-), period (.), and space."
        )
    with records.lock:
        if records.get(table, name) is not None:
            raise conflict(f"The {word(table)} {name} already exists.")
        document = {
            **members,
            "AccountId": ACCOUNT,
            "CreateDate": context.clock.now(),
            "CreatedBy": USER,
            "ResourceArn": arn(context, table, name),
            "Tags": members.get("Tags", {}),
        }
        records.put(table, name, document)
    return {"Name": name}


def update(context: Context, table: str, name: str, **members: Any) -> Members:
    """Set members of a document; one that is None is taken out."""
    records = context.part(Records)
    with records.lock:
        known = get(context, table, name)
        told = {
            **known,
            **members,
            "LastModifiedDate": context.clock.now(),
            "LastModifiedBy": USER,
        }
        kept = {key: value for key, value in told.items() if value is not None}
        records.put(table, name, kept)
    return {"Name": name}


def users(context: Context, table: str, member: str, value: str) -> list[str]:
    """Return the names of documents whose member has a value."""
    found = every(context, table)
    return [one["Name"] for one in found if one.get(member) == value]


def refuse_if_used(context: Context, table: str, name: str) -> None:
    """Raise AWS's error if jobs, projects or rulesets use a document."""
    where = {
        DATASET: (
            (JOB, "DatasetName", name),
            (PROJECT, "DatasetName", name),
            (RULESET, "TargetArn", arn(context, DATASET, name)),
        ),
        PROJECT: ((JOB, "ProjectName", name),),
    }
    for other, member, value in where[table]:
        used = users(context, other, member, value)
        if used:
            raise conflict(
                f"The {word(table)} {name} is used by the {word(other)} {used[0]}."
            )


def drop(context: Context, table: str, name: str) -> Members:
    """Forget a document."""
    records = context.part(Records)
    with records.lock:
        get(context, table, name)
        records.drop(table, name)
    return {"Name": name}
