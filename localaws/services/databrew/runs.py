"""Runs of DataBrew's jobs: started, stopped, described."""

import hashlib
from typing import Any

from localaws.services.context import Context
from localaws.services.databrew import documents
from localaws.services.databrew.documents import DATASET, JOB, RULESET, RUN, USER
from localaws.services.databrew.job_runs import JobRuns
from localaws.services.databrew.jobs import ENDED
from localaws.services.databrew.operations import Members, absent, conflict, page
from localaws.services.databrew.run_process import LOGS
from localaws.services.databrew.versions import PUBLISHED, chosen
from localaws.services.records import Records

_LOST = "Internal service error: the local endpoint was restarted during the run."
_READ = ("Name", "Input", "Format", "FormatOptions")
_SHOWN = (
    "DatasetName",
    "LogSubscription",
    "Outputs",
    "RecipeReference",
    "JobSample",
    "ProfileConfiguration",
    "ValidationConfigurations",
)


def start(context: Context, given: Members) -> Members:
    """Answer StartJobRun: a job runs once at a time."""
    name = given["Name"]
    with context.part(Records).lock:
        job = documents.get(context, JOB, name)
        if any(run["State"] not in ENDED for run in _of(context, name)):
            raise conflict(f"The job {name} is already running.")
        count = context.clock.count("databrew-run")
        digest = hashlib.sha256(f"databrew-run {count}".encode()).hexdigest()
        key = f"db_{digest}"
        now = context.clock.now()
        run = {
            **{one: job[one] for one in _SHOWN if one in job},
            "Attempt": 0,
            "JobName": name,
            "RunId": key,
            "State": "STARTING",
            "StartedOn": now,
            "StartedBy": USER,
            "ExecutionTime": 0,
            "plan": _plan(context, job, key),
        }
        if job["LogSubscription"] == "ENABLE":
            run["LogGroupName"] = LOGS
        if job["Type"] == "RECIPE":
            run |= _recipe(context, run)
        context.part(JobRuns).start(run)
    return {"RunId": key}


def _recipe(context: Context, run: Members) -> Members:
    """Return the version of the recipe that runs, with its steps in the plan."""
    wanted = run["RecipeReference"]
    recipe = chosen(context, wanted["Name"], wanted["RecipeVersion"])
    told = dict(wanted)
    if told["RecipeVersion"] == PUBLISHED:
        told["RecipeVersion"] = recipe["RecipeVersion"]
    plan = {**run["plan"], "steps": recipe["Steps"]}
    return {"RecipeReference": told, "plan": plan}


def _plan(context: Context, job: Members, key: str) -> Members:
    """Return all that the engine has to know, as it is now."""
    now = context.clock.now()
    milliseconds = int(now.timestamp() * 1000)
    plan: dict[str, Any] = {
        "type": job["Type"],
        "name": job["Name"],
        "run": key,
        "role": job["RoleArn"],
        "timeout": job["Timeout"],
        "retries": job["MaxRetries"],
        "nodes": job["MaxCapacity"],
        "dataset": job["DatasetName"],
        "datasets": {
            one["Name"]: {name: one[name] for name in _READ if name in one}
            for one in documents.every(context, DATASET)
        },
        "outputs": job["Outputs"],
        "stem": f"{job['Name']}_{now:%d%b%Y}_{milliseconds}",
        "started": now.replace(tzinfo=None).isoformat(),
        "standing": context.clock.standing,
    }
    if job["Type"] == "RECIPE":
        return plan
    return {
        **plan,
        "sample": job["JobSample"],
        "configuration": job.get("ProfileConfiguration", {}),
        "rulesets": _rulesets(context, job),
    }


def _rulesets(context: Context, job: Members) -> list[Members]:
    asked = [one["RulesetArn"] for one in job.get("ValidationConfigurations", ())]
    known = {one["ResourceArn"]: one for one in documents.every(context, RULESET)}
    found = []
    for arn in asked:
        ruleset = known[arn]
        moment = ruleset.get("LastModifiedDate", ruleset["CreateDate"])
        found.append(
            {
                "name": ruleset["Name"],
                "arn": arn,
                "description": ruleset.get("Description", ""),
                "lastModifiedDate": f"{moment:%a %b %d %H:%M:%S} UTC {moment:%Y}",
                "rules": ruleset["Rules"],
            }
        )
    return found


def _of(context: Context, name: str) -> list[Members]:
    """Return the runs of a job, newest first."""
    every = context.part(Records).all(RUN).values()
    return [one for one in every if one["JobName"] == name][::-1]


def _get(context: Context, given: Members) -> Members:
    documents.get(context, JOB, given["Name"])
    run = context.part(Records).get(RUN, given["RunId"])
    if run is None or run["JobName"] != given["Name"]:
        raise absent(f"The job run {given['RunId']} of {given['Name']} wasn't found.")
    return run


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeJobRun."""
    return _get(context, given)


def listed(context: Context, given: Members) -> Members:
    """Answer ListJobRuns, newest first."""
    documents.get(context, JOB, given["Name"])
    return page("JobRuns", _of(context, given["Name"]), given)


def stop(context: Context, given: Members) -> Members:
    """Answer StopJobRun."""
    with context.part(Records).lock:
        run = _get(context, given)
        if run["State"] in ENDED:
            raise conflict(f"The job run {run['RunId']} is {run['State']} already.")
        context.part(JobRuns).stop(run["RunId"])
    return {"RunId": given["RunId"]}


def resume(context: Context) -> None:
    """Fail the runs that the kill of the endpoint has ended."""
    records = context.part(Records)
    for key, run in records.all(RUN).items():
        if run["State"] not in ENDED:
            now = context.clock.now()
            told = {"CompletedOn": now, "ErrorMessage": _LOST}
            records.change(RUN, key, State="FAILED", **told)


OPERATIONS = {
    "StartJobRun": start,
    "DescribeJobRun": describe,
    "ListJobRuns": listed,
    "StopJobRun": stop,
}
