"""Glue jobs for the tests: a role, a script, a run and its logs."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from localaws.glue_runtime import place
from tests.localaws.services.functions import trust

Aws = Callable[[str], Any]
BUCKET = "on-time-desk"
PATIENCE = 240
ROLE = "etl"
EVERYTHING = {"Effect": "Allow", "Action": ["s3:*", "glue:*"], "Resource": "*"}
# CI must have it: there a missing Spark fails these tests
needs_spark = pytest.mark.skipif(
    not place.ready() and not os.environ.get("CI"), reason="needs Spark: make spark"
)


def make_role(aws: Aws, *statements: dict[str, Any]) -> None:
    """Make a role that Glue may assume."""
    document = trust("glue.amazonaws.com")
    aws("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    allow(aws, *(statements or (EVERYTHING,)))


def allow(aws: Aws, *statements: dict[str, Any]) -> None:
    """Set what the role may do."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    aws("iam").put_role_policy(
        RoleName=ROLE, PolicyName="p", PolicyDocument=json.dumps(policy)
    )


def make_job(
    aws: Aws, script: str, kind: str = "pythonshell", name: str = "desk", **members: Any
) -> None:
    """Make a job of a script."""
    key = f"scripts/{name}.py"
    aws("s3").put_object(Bucket=BUCKET, Key=key, Body=script.encode())
    command = {"Name": kind, "ScriptLocation": f"s3://{BUCKET}/{key}"}
    aws("glue").create_job(
        **{"Name": name, "Role": ROLE, "Command": command, **members}
    )


def start(aws: Aws, name: str = "desk", **members: Any) -> str:
    """Start a run and return its id."""
    return aws("glue").start_job_run(JobName=name, **members)["JobRunId"]


def state(aws: Aws, key: str, name: str = "desk") -> Any:
    """Return a run."""
    return aws("glue").get_job_run(JobName=name, RunId=key)["JobRun"]


def ended(aws: Aws, key: str, name: str = "desk") -> Any:
    """Wait for the end of a run and return it."""
    return became(aws, key, ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"), name)


def became(aws: Aws, key: str, states: tuple[str, ...], name: str = "desk") -> Any:
    """Wait until a run is in one of some states."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run = state(aws, key, name)
        if run["JobRunState"] in states:
            return run
        time.sleep(0.05)
    raise AssertionError(f"the run is not {states} after {PATIENCE} s")


def ran(aws: Aws, name: str = "desk", **members: Any) -> Any:
    """Run a job to its end, whatever that is."""
    return ended(aws, start(aws, name, **members), name)


def done(aws: Aws, name: str = "desk", **members: Any) -> Any:
    """Run a job that succeeds."""
    run = ran(aws, name, **members)
    said = run.get("ErrorMessage"), lines(aws, run, "error")[-5:]
    assert run["JobRunState"] == "SUCCEEDED", said
    return run


def until(aws: Aws, key: str, count: int, name: str = "desk") -> list[str]:
    """Wait until a run that goes on has said that many lines, and return them."""
    end = time.monotonic() + PATIENCE
    while len(found := lines(aws, run := state(aws, key, name))) < count:
        assert run["JobRunState"] in ("STARTING", "RUNNING"), lines(aws, run, "error")
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def lines(aws: Aws, run: Any, kind: str = "output") -> list[str]:
    """Return the lines of a run's log, `output` or `error`."""
    logs = aws("logs")
    where = {
        "logGroupName": f"{run['LogGroupName']}/{kind}",
        "logStreamName": run["Id"],
    }
    try:
        found = logs.get_log_events(**where, startFromHead=True)
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in found["events"]]
