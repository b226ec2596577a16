"""Jobs over documents in Amazon S3: started, described, listed, stopped."""

import datetime as dt
from typing import Any

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.comprehend import documents
from localaws.services.comprehend.detecting import demand_language
from localaws.services.comprehend.documents import ENDED, JOB
from localaws.services.comprehend.job_runs import JobRuns
from localaws.services.context import Context
from localaws.services.json_operations import page
from localaws.services.records import Records

Members = dict[str, Any]
_KEPT = (
    "DataAccessRoleArn",
    "JobName",
    "LanguageCode",
    "Mode",
    "InputDataConfig",
    "OutputDataConfig",
    "RedactionConfig",
)
_ROWS = 100


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


def _redaction(given: Members) -> Members:
    """Return RedactionConfig in full, which one mode needs and the other forbids."""
    found = given.get("RedactionConfig")
    if given["Mode"] == "ONLY_OFFSETS":
        if found:
            raise _invalid("RedactionConfig is for the mode ONLY_REDACTION.")
        return {}
    if not found or not found.get("PiiEntityTypes"):
        raise _invalid(
            "RedactionConfig with PiiEntityTypes is required in the mode "
            "ONLY_REDACTION."
        )
    full = {"MaskMode": "REPLACE_WITH_PII_ENTITY_TYPE", **found}
    if full["MaskMode"] == "MASK":
        full.setdefault("MaskCharacter", "*")
    elif "MaskCharacter" in full:
        raise _invalid("MaskCharacter is for the mask mode MASK.")
    return {"RedactionConfig": full}


def start(context: Context, given: Members) -> Members:
    """Answer StartPiiEntitiesDetectionJob; a request that is repeated starts no two."""
    records = context.part(Records)
    demand_language("StartPiiEntitiesDetectionJob", given["LanguageCode"])
    with records.lock:
        token = given.get("ClientRequestToken")
        for known in documents.every(context):
            if token and known["token"] == token:
                return known
        redaction = _redaction(given)
        active = sum(one["JobStatus"] not in ENDED for one in documents.every(context))
        if active >= limit("comprehend", "concurrent_jobs"):
            raise AwsError(
                "TooManyRequestsException",
                "The maximum number of active jobs of this type has been reached.",
            )
        key = documents.new_id(context)
        job = {
            **{name: given[name] for name in _KEPT if name in given},
            **redaction,
            "JobId": key,
            "JobArn": documents.arn(context, key),
            "JobStatus": "SUBMITTED",
            "SubmitTime": context.clock.now(),
            "token": token,
            "tags": given.get("Tags", []),
        }
        place = job["OutputDataConfig"]["S3Uri"].rstrip("/")
        folder = f"{place}/{documents.ACCOUNT}-PII-{key}/output/"
        job["OutputDataConfig"] = {**job["OutputDataConfig"], "S3Uri": folder}
        job["InputDataConfig"] = {
            "InputFormat": "ONE_DOC_PER_LINE",
            **job["InputDataConfig"],
        }
        context.part(JobRuns).start(job)
    return job


def describe(context: Context, given: Members) -> Members:
    """Answer DescribePiiEntitiesDetectionJob."""
    job = documents.get(context, given["JobId"])
    return {"PiiEntitiesDetectionJobProperties": job}


def listed(context: Context, given: Members) -> Members:
    """Answer ListPiiEntitiesDetectionJobs, newest first but before a time."""
    asked = given.get("Filter", {})
    if len(asked) > 1:
        raise AwsError("InvalidFilterException", "Give one filter at a time.")
    before, after = _time(asked, "SubmitTimeBefore"), _time(asked, "SubmitTimeAfter")
    found = [
        one
        for one in documents.every(context)
        if asked.get("JobName") in (None, one.get("JobName"))
        and asked.get("JobStatus") in (None, one["JobStatus"])
        and (before is None or one["SubmitTime"] < before)
        and (after is None or one["SubmitTime"] > after)
    ]
    if before is not None:
        found.reverse()
    return page("PiiEntitiesDetectionJobPropertiesList", found, given, _ROWS)


def _time(asked: Members, name: str) -> dt.datetime | None:
    found = asked.get(name)
    return None if found is None else dt.datetime.fromtimestamp(found, dt.UTC)


def stop(context: Context, given: Members) -> Members:
    """Answer StopPiiEntitiesDetectionJob; one that has ended stays as it is."""
    records = context.part(Records)
    with records.lock:
        job = documents.get(context, given["JobId"])
        if job["JobStatus"] in ENDED:
            return job
        records.change(JOB, job["JobId"], JobStatus="STOP_REQUESTED")
        context.part(JobRuns).stop(job["JobId"])
    return {"JobId": job["JobId"], "JobStatus": "STOP_REQUESTED"}


OPERATIONS = {
    "StartPiiEntitiesDetectionJob": start,
    "DescribePiiEntitiesDetectionJob": describe,
    "ListPiiEntitiesDetectionJobs": listed,
    "StopPiiEntitiesDetectionJob": stop,
}
