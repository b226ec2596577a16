"""Runs of AWS Glue's jobs: started, stopped, described."""

import hashlib
from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.glue_runtime import place
from localaws.services.context import Context
from localaws.services.glue import jobs
from localaws.services.glue.job_arguments import arguments, check_arguments, settings
from localaws.services.glue.job_kinds import SHELL
from localaws.services.glue.job_runs import ENDED, TABLE, JobRuns
from localaws.services.glue.job_settings import merged
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

_PAGE = 200
_LOST = "Internal service exception: the local endpoint was restarted during the run."


def start(context: Context, given: Members) -> Members:
    """Answer StartJobRun."""
    records, name = context.part(Records), given["JobName"]
    with records.lock:
        job = records.get(jobs.TABLE, name)
        if job is None:
            raise AwsError(
                "EntityNotFoundException",
                "Failed to start job run due to missing metadata",
            )
        kind = job["Command"]["Name"]
        asked = given.get("Arguments", {})
        check_arguments("StartJobRun", asked, kind)
        told = arguments(job, asked)
        settings(told["--conf"]) if "--conf" in told else None
        if kind != SHELL and not place.ready():
            raise NotImplementedHere(
                "glue:StartJobRun of a Spark job (this environment has no Spark: "
                f"`make spark` brings it, {place.SIZE})",
                "runs the script on Spark",
            )
        size = merged(job, given)
        most = job["ExecutionProperty"]["MaxConcurrentRuns"]
        running = [one for one in _of(context, name) if not _ended(one)]
        if len(running) >= most:
            raise AwsError(
                "ConcurrentRunsExceededException",
                f"Concurrent runs exceeded for {name}",
            )
        count = context.clock.count("glue-run")
        key = f"jr_{hashlib.sha256(f'glue-run {count}'.encode()).hexdigest()}"
        context.part(JobRuns).start(key, job, asked, told, size)
    return {"JobRunId": key}


def _of(context: Context, name: str) -> list[Members]:
    """Return the runs of a job, newest first."""
    every = context.part(Records).all(TABLE).values()
    return [one for one in every if one["JobName"] == name][::-1]


def _ended(run: Members) -> bool:
    return run["JobRunState"] in ENDED


def get(context: Context, given: Members) -> Members:
    """Answer GetJobRun."""
    run = context.part(Records).get(TABLE, given["RunId"])
    if run is None or run["JobName"] != given["JobName"]:
        raise AwsError(
            "EntityNotFoundException",
            f"Job Run {given['RunId']} of {given['JobName']} not found.",
        )
    return {"JobRun": run}


def listed(context: Context, given: Members) -> Members:
    """Answer GetJobRuns, newest first."""
    jobs.find(context, given["JobName"])
    return page("JobRuns", _of(context, given["JobName"]), given, _PAGE)


def stop(context: Context, given: Members) -> Members:
    """Answer BatchStopJobRun."""
    done, errors = [], []
    records, name = context.part(Records), given["JobName"]
    for key in given["JobRunIds"]:
        who = {"JobName": name, "JobRunId": key}
        with records.lock:
            run = records.get(TABLE, key)
            if run is None or run["JobName"] != name:
                errors.append(
                    {**who, "ErrorDetail": _error("EntityNotFoundException", "found")}
                )
            elif _ended(run):
                state = f"stopped in state {run['JobRunState']}"
                code = "JobRunInvalidStateTransitionException"
                errors.append({**who, "ErrorDetail": _error(code, state)})
            else:
                context.part(JobRuns).stop(key)
                done.append(who)
    return {"SuccessfulSubmissions": done, "Errors": errors}


def _error(code: str, what: str) -> Members:
    return {"ErrorCode": code, "ErrorMessage": f"The job run cannot be {what}."}


def resume(context: Context) -> None:
    """Fail the runs that the kill of the endpoint has ended."""
    records = context.part(Records)
    for key, run in records.all(TABLE).items():
        if not _ended(run):
            now = context.clock.now()
            dates = {"CompletedOn": now, "LastModifiedOn": now}
            failed = {"JobRunState": "FAILED", "ErrorMessage": _LOST, **dates}
            records.change(TABLE, key, **failed)


OPERATIONS: dict[str, Any] = {
    "StartJobRun": start,
    "GetJobRun": get,
    "GetJobRuns": listed,
    "BatchStopJobRun": stop,
}
