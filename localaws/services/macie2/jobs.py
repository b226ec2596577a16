"""Classification jobs: created, described, listed, paused, cancelled."""

import datetime as dt

from localaws.errors import AwsError, ValidationError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.macie2 import documents, job_settings
from localaws.services.macie2.criteria import ordered
from localaws.services.macie2.documents import JOB, SESSION, Members, conflict
from localaws.services.macie2.job_runs import JobRuns
from localaws.services.macie2.operations import page
from localaws.services.macie2.schedule import next_run
from localaws.services.records import Records

_PAUSABLE = ("IDLE", "PAUSED", "RUNNING")


def create(context: Context, given: Members) -> Members:
    """Answer CreateClassificationJob; it begins at once, but for a schedule's."""
    records = context.part(Records)
    session = records.get(SESSION, SESSION) or {}
    if session.get("status") != "ENABLED":
        raise AwsError("AccessDeniedException", "Macie is paused", 403)
    job_settings.check(context, given)
    with records.lock:
        known = documents.repeated(context, JOB, given["clientToken"])
        if known:
            return known
        key, now = documents.new_id(context, JOB), context.clock.now()
        job = {
            "allowListIds": [],
            "customDataIdentifierIds": [],
            "managedDataIdentifierSelector": "RECOMMENDED",
            "samplingPercentage": 100,
            "tags": {},
            **given,
            "jobId": key,
            "jobArn": documents.arn(context, JOB, key),
            "createdAt": now,
            "jobStatus": "RUNNING",
            "lastRunErrorStatus": {"code": "NONE"},
            "statistics": {
                "approximateNumberOfObjectsToProcess": 0,
                "numberOfRuns": 0,
            },
            "since": None,
        }
        if given["jobType"] == "SCHEDULED":
            job["due"] = next_run(given["scheduleFrequency"], now)
            if not given.get("initialRun"):
                job |= {"jobStatus": "IDLE", "since": now}
        records.put(JOB, key, job)
        if job["jobStatus"] == "RUNNING":
            context.part(JobRuns).start(key)
    return job


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeClassificationJob."""
    return documents.get(context, JOB, given["jobId"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListClassificationJobs, newest first unless an order is asked for."""
    criteria = given.get("filterCriteria", {})
    found = [
        {**one, **one["s3JobDefinition"]}
        for one in documents.every(context, JOB)[::-1]
        if all(_holds(one, term) for term in criteria.get("includes", []))
        and not any(_holds(one, term) for term in criteria.get("excludes", []))
    ]
    return page("items", ordered(found, given.get("sortCriteria", {})), given)


def _holds(job: Members, term: Members) -> bool:
    value = job[term["key"]]
    asked = term.get("values", [])
    compare = term.get("comparator", "EQ")
    if isinstance(value, dt.datetime):
        moment = dt.datetime.fromisoformat(asked[0].replace("Z", "+00:00"))
        return {
            "GT": value > moment,
            "GTE": value >= moment,
            "LT": value < moment,
            "LTE": value <= moment,
            "NE": value != moment,
        }.get(compare, value == moment)
    if compare == "CONTAINS":
        return any(one in value for one in asked)
    if compare == "STARTS_WITH":
        return any(value.startswith(one) for one in asked)
    return (value in asked) == (compare != "NE")


def update(context: Context, given: Members) -> Members:
    """Answer UpdateClassificationJob: pause, resume, cancel."""
    records, runs = context.part(Records), context.part(JobRuns)
    with records.lock:
        key, asked = given["jobId"], given["jobStatus"]
        job = documents.get(context, JOB, key)
        status = job["jobStatus"]
        if asked == "CANCELLED" and status in (*_PAUSABLE, "USER_PAUSED"):
            runs.end(key, "CANCELLED")
            records.change(JOB, key, jobStatus="CANCELLED", userPausedDetails=None)
        elif asked == "USER_PAUSED" and status in _PAUSABLE:
            now = context.clock.now()
            expires = now + dt.timedelta(days=limit("macie", "paused_days"))
            runs.end(key, "USER_PAUSED")
            records.change(
                JOB,
                key,
                jobStatus="USER_PAUSED",
                userPausedDetails={
                    "jobPausedAt": now,
                    "jobExpiresAt": expires if status == "RUNNING" else None,
                },
                paused=status,
            )
        elif asked == "RUNNING" and status == "USER_PAUSED":
            running = job["paused"] == "RUNNING"
            status = "RUNNING" if running else "IDLE"
            records.change(JOB, key, jobStatus=status, userPausedDetails=None)
            if running:
                runs.start(key)
        elif asked in ("CANCELLED", "USER_PAUSED", "RUNNING"):
            raise conflict(f"A job that is {status} cannot become {asked}.")
        else:
            raise ValidationError(
                "jobStatus must be one of: CANCELLED, RUNNING, USER_PAUSED."
            )
    return {}


OPERATIONS = {
    "CreateClassificationJob": create,
    "DescribeClassificationJob": describe,
    "ListClassificationJobs": listed,
    "UpdateClassificationJob": update,
}
