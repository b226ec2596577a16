"""Job runs: what is asked of them, and how they go."""

import dataclasses
import math
import shlex

from localaws import trust
from localaws.errors import NotImplementedHere
from localaws.glue_runtime import place
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.emr import classifications
from localaws.services.emrserverless import capacity
from localaws.services.emrserverless.lifecycle import Serverless
from localaws.services.emrserverless.names import (
    ENDED,
    RUNS,
    arn,
    found,
    identity,
    run_of,
    runs_of,
)
from localaws.services.emrserverless.operations import SERVICE, Members, invalid, page
from localaws.services.emrserverless.run import PRINCIPAL
from localaws.services.records import Records
from localaws.spark_runtime.submission import parse

_SUBJECT = f"{SERVICE}:StartJobRun"
_KEPT = ("applicationId", "name", "jobDriver", "configurationOverrides", "tags")


def start(context: Context, given: Members) -> Members:
    """Answer StartJobRun."""
    records, application = context.part(Records), given["applicationId"]
    with records.lock:
        known = found(context, application)
        for one in runs_of(context, application):
            if one["clientToken"] == given["clientToken"]:
                return _named(one)
        _check_state(known)
    asked = _spark(given, known)
    role = given["executionRoleArn"]
    if not trust.trusts(context.aws, role, PRINCIPAL):
        raise invalid(
            f"Could not assume runtime role {role} because it does not exist or isn't "
            "setup with the required trust relationship."
        )
    minutes = given.get(
        "executionTimeoutMinutes", limit("emr_serverless", "timeout_minutes")
    )
    least = limit("emr_serverless", "timeout_least_minutes")
    if 0 < minutes < least:
        raise invalid(f"RunTimeout must be at least {least} minutes.")
    with records.lock:
        now = context.clock.now()
        key = identity(context)
        run = {
            **{name: given[name] for name in _KEPT if name in given},
            **asked,
            "jobRunId": key,
            "clientToken": given["clientToken"],
            "arn": arn(application, key),
            "createdBy": given["caller"],
            "createdAt": now,
            "updatedAt": now,
            "executionRole": role,
            "state": "SUBMITTED",
            "stateDetails": "",
            "releaseLabel": known["releaseLabel"],
            "executionTimeoutMinutes": int(minutes),
            "mode": "BATCH",
            "attempt": 1,
        }
        records.put(RUNS, key, run)
        context.part(Serverless).go_on(application)
    return _named(run)


def _check_state(application: Members) -> None:
    state, key = application["state"], application["id"]
    if state == "TERMINATED":
        raise invalid(f"Application {key} is terminated. Cannot start job run.")
    auto = application["autoStartConfiguration"].get("enabled", True)
    if not auto and state not in ("STARTING", "STARTED"):
        raise invalid(
            f"Application {key} is in state {state} and does not start by itself. "
            "Cannot start job run."
        )


def _spark(given: Members, application: Members) -> Members:
    """Return what the run asks of Spark, checked."""
    driver = given.get("jobDriver", {}).get("sparkSubmit")
    if driver is None:
        raise invalid("The job driver of a SPARK application is sparkSubmit.")
    if not place.ready():
        raise NotImplementedHere(
            f"{_SUBJECT} of a Spark application (this environment has no Spark: "
            f"`make spark` brings it, {place.SIZE})",
            "runs it",
        )
    try:
        words = shlex.split(driver.get("sparkSubmitParameters", ""))
    except ValueError as error:
        raise invalid(f"sparkSubmitParameters: {error}") from error
    own = given.get("configurationOverrides", {}).get("applicationConfiguration", [])
    usual = classifications.settings(_SUBJECT, own, lower=True)
    submission = parse(
        _SUBJECT,
        [*words, driver["entryPoint"], *driver.get("entryPointArguments", [])],
    )
    defaults = {**application["settings"], **usual}
    settings = {**defaults, **submission.settings}
    capacity.of_run(settings)
    asked = dataclasses.asdict(submission)
    return {"submission": asked, "defaults": defaults, "settings": settings}


def _named(run: Members) -> Members:
    return {name: run[name] for name in ("applicationId", "jobRunId", "arn")}


def get(context: Context, given: Members) -> Members:
    """Answer GetJobRun."""
    application, key = given["applicationId"], given["jobRunId"]
    run_of(context, application, key)
    context.part(Serverless).polled(application)
    return {"jobRun": run_of(context, application, key)}


def listed(context: Context, given: Members) -> Members:
    """Answer ListJobRuns, newest first."""
    found(context, given["applicationId"])
    context.part(Serverless).polled(given["applicationId"])
    states = given.get("states")
    after = given.get("createdAtAfter", 0.0)
    before = given.get("createdAtBefore", math.inf)
    every = [
        {**one, "id": one["jobRunId"], "type": "SPARK"}
        for one in runs_of(context, given["applicationId"])
        if (not states or one["state"] in states)
        and after < one["createdAt"].timestamp() < before
    ]
    return page("jobRuns", every, given)


def cancel(context: Context, given: Members) -> Members:
    """Answer CancelJobRun."""
    application, key = given["applicationId"], given["jobRunId"]
    with context.part(Records).lock:
        run = run_of(context, application, key)
        if run["state"] in ENDED:
            raise invalid(f"Job run {key} has ended already: {run['state']}.")
        context.part(Serverless).cancel(key, "Job run was cancelled by the user.")
    return {"applicationId": application, "jobRunId": key}


OPERATIONS = {
    "StartJobRun": start,
    "GetJobRun": get,
    "ListJobRuns": listed,
    "CancelJobRun": cancel,
}
