"""Results of evaluation runs."""

from typing import Any

from localaws.services.context import Context
from localaws.services.glue_quality.documents import (
    PAGE,
    RESULT,
    absent,
    newest_first,
    within,
)
from localaws.services.glue_quality.sources import same
from localaws.services.json_operations import Members, page
from localaws.services.records import Records


def get(context: Context, given: Members) -> Members:
    """Answer GetDataQualityResult."""
    found = context.part(Records).get(RESULT, given["ResultId"])
    if found is None:
        raise absent("Data quality result", given["ResultId"])
    return found


def batch(context: Context, given: Members) -> Members:
    """Answer BatchGetDataQualityResult."""
    every = context.part(Records).all(RESULT)
    return {
        "Results": [every[one] for one in given["ResultIds"] if one in every],
        "ResultsNotFound": [one for one in given["ResultIds"] if one not in every],
    }


def listed(context: Context, given: Members) -> Members:
    """Answer ListDataQualityResults, newest first; none is of a job."""
    asked = given.get("Filter", {})
    source = asked.get("DataSource")
    of_jobs = "JobName" in asked or "JobRunId" in asked
    found = [
        one
        for one in newest_first(context, RESULT)
        if not of_jobs
        and (source is None or same(source, one["DataSource"]))
        and within(asked, one, "StartedBefore", "StartedAfter", "StartedOn")
    ]
    return page("Results", found, given, PAGE)


OPERATIONS: dict[str, Any] = {
    "GetDataQualityResult": get,
    "BatchGetDataQualityResult": batch,
    "ListDataQualityResults": listed,
}
