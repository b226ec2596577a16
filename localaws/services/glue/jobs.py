"""Jobs of AWS Glue: what they run, and with what."""

from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.glue import job_settings
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

TABLE = "glue-job"
_PAGE = 100


def find(context: Context, name: str) -> Members:
    """Return a job.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(TABLE, name)
    if found is None:
        raise AwsError("EntityNotFoundException", f"Job {name} not found.")
    return found


def create(context: Context, given: Members) -> Members:
    """Answer CreateJob."""
    name, records = given["Name"], context.part(Records)
    settings = job_settings.checked(context, given)
    with records.lock:
        if records.get(TABLE, name) is not None:
            raise AwsError("AlreadyExistsException", f"Job {name} already exists.")
        now = context.clock.now()
        dates = {"CreatedOn": now, "LastModifiedOn": now}
        tags = {"tags": given.get("Tags", {})}
        records.put(TABLE, name, {"Name": name, **settings, **dates, **tags})
    return {"Name": name}


def update(context: Context, given: Members) -> Members:
    """Answer UpdateJob: what is not given is as in a new job."""
    name, records = given["JobName"], context.part(Records)
    with records.lock:
        known = find(context, name)
        settings = job_settings.checked(context, given["JobUpdate"])
        kept = {one: known[one] for one in ("Name", "CreatedOn", "tags")}
        now = {"LastModifiedOn": context.clock.now()}
        records.put(TABLE, name, {**kept, **settings, **now})
    return {"JobName": name}


def get(context: Context, given: Members) -> Members:
    """Answer GetJob."""
    return {"Job": find(context, given["JobName"])}


def listed(context: Context, given: Members) -> Members:
    """Answer GetJobs."""
    return page("Jobs", [*context.part(Records).all(TABLE).values()], given, _PAGE)


def names(context: Context, given: Members) -> Members:
    """Answer ListJobs."""
    wanted = given.get("Tags", {}).items()
    every = context.part(Records).all(TABLE).items()
    found = sorted(name for name, job in every if wanted <= job["tags"].items())
    return page("JobNames", found, given, _PAGE)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteJob: a job that is not there is no error, as on AWS."""
    records, name = context.part(Records), given["JobName"]
    with records.lock:
        if records.get(TABLE, name) is not None:
            records.drop(TABLE, name)
    return {"JobName": name}


OPERATIONS: dict[str, Any] = {
    "CreateJob": create,
    "UpdateJob": update,
    "GetJob": get,
    "GetJobs": listed,
    "ListJobs": names,
    "DeleteJob": delete,
}
