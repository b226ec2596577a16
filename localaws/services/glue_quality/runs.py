"""What evaluation runs and recommendation runs have in common."""

from typing import Any

from localaws import trust
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.glue.job_settings import PRINCIPAL
from localaws.services.glue_quality.board import ENDED, Board
from localaws.services.glue_quality.documents import (
    ACCOUNT,
    PAGE,
    absent,
    invalid,
    newest_first,
    within,
)
from localaws.services.glue_quality.sources import same
from localaws.services.json_operations import Members, page
from localaws.services.records import Records


def checked(context: Context, given: Members) -> Members:
    """Return the members of a new run, with the values that AWS fills in.

    Raises:
        AwsError: AWS Glue does not take them.
    """
    role = given["Role"]
    if not role.startswith("arn:"):
        role = f"arn:aws:iam::{ACCOUNT}:role/{role.removeprefix('/')}"
    if not trust.trusts(context.aws, role, PRINCIPAL):
        raise invalid(
            f"Role {role} should be given assume role permissions for Glue Service."
        )
    workers = given.get("NumberOfWorkers", int(limit("glue-quality", "workers")))
    if workers < 1:
        raise invalid(f"NumberOfWorkers must be at least 1: {workers}")
    now = context.clock.now()
    found: dict[str, Any] = {
        "DataSource": given["DataSource"],
        "Role": role,
        "NumberOfWorkers": workers,
        "Timeout": given.get("Timeout", int(limit("glue-quality", "timeout_minutes"))),
        "Status": "STARTING",
        "StartedOn": now,
        "LastModifiedOn": now,
        "ExecutionTime": 0,
    }
    if "AdditionalRunOptions" in given:
        found["AdditionalRunOptions"] = given["AdditionalRunOptions"]
    return found


def found_in(context: Context, table: str, key: str) -> Members:
    """Return a run.

    Raises:
        AwsError: There is none of this id.
    """
    found = context.part(Records).get(table, key)
    if found is None:
        raise absent("Data quality run", key)
    return found


def described(context: Context, table: str, given: Members) -> list[Members]:
    """Return the runs that a list operation's filter lets through, newest first."""
    asked = given.get("Filter", {})
    source = asked.get("DataSource")
    return [
        run
        for run in newest_first(context, table)
        if (source is None or same(source, run["DataSource"]))
        and within(asked, run, "StartedBefore", "StartedAfter", "StartedOn")
    ]


def listing(runs: list[Members], given: Members) -> Members:
    """Return one page of runs."""
    return page("Runs", runs, given, PAGE)


def cancelled(context: Context, table: str, key: str) -> Members:
    """Stop a run.

    Raises:
        AwsError: There is none of this id, or it has ended.
    """
    with context.part(Records).lock:
        run = found_in(context, table, key)
        if run["Status"] in ENDED:
            raise invalid(f"The run {key} is in state {run['Status']}.")
        context.part(Board).stop(table, key)
    return {}
