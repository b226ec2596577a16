"""Bookmarks of jobs: how far each source was read by the runs that committed."""

import json
from pathlib import Path
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.glue import jobs
from localaws.services.glue.job_arguments import BOOKMARK, BOOKMARKS
from localaws.services.json_operations import Members
from localaws.services.records import Records

TABLE = "glue-bookmark"


def lay(context: Context, run: Members, path: Path) -> None:
    """Lay down what a run may know of the bookmarks."""
    found = context.part(Records).get(TABLE, run["JobName"]) or {}
    option = run["told"].get(BOOKMARK, BOOKMARKS[1])
    state = json.loads(found.get("JobBookmark", "{}"))
    path.write_text(json.dumps({"option": option, "state": state}))


def keep(context: Context, run: Members, state: Members) -> None:
    """Keep what a run has committed."""
    records, name = context.part(Records), run["JobName"]
    with records.lock:
        before = records.get(TABLE, name) or {"Version": 0, "Run": 0}
        entry = {
            "JobName": name,
            "Version": before["Version"] + 1,
            "Run": before["Run"] + 1,
            "Attempt": run["Attempt"],
            "RunId": run["Id"],
            "JobBookmark": json.dumps(state),
        }
        if "RunId" in before:
            entry["PreviousRunId"] = before["RunId"]
        records.put(TABLE, name, entry)


def _find(context: Context, given: Members) -> Members:
    found = context.part(Records).get(TABLE, given["JobName"])
    if found is None or given.get("RunId") not in (None, found["RunId"]):
        jobs.find(context, given["JobName"])
        raise AwsError(
            "EntityNotFoundException",
            f"Continuation for job {given['JobName']} not found.",
        )
    return found


def get(context: Context, given: Members) -> Members:
    """Answer GetJobBookmark."""
    return {"JobBookmarkEntry": _find(context, given)}


def reset(context: Context, given: Members) -> Members:
    """Answer ResetJobBookmark: the next run reads everything."""
    records = context.part(Records)
    with records.lock:
        found = _find(context, given)
        entry = {**found, "Version": found["Version"] + 1, "JobBookmark": "{}"}
        entry["Run"] = 0
        records.put(TABLE, given["JobName"], entry)
    return {"JobBookmarkEntry": entry}


OPERATIONS: dict[str, Any] = {"GetJobBookmark": get, "ResetJobBookmark": reset}
