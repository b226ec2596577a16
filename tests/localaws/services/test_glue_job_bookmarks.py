"""Bookmarks of Glue jobs: a run reads what the last one has not."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.etl import (
    BUCKET,
    Aws,
    done,
    lines,
    make_job,
    make_role,
    needs_spark,
    ran,
)

pytestmark = needs_spark
ON = {"--job-bookmark-option": "job-bookmark-enable"}
SCRIPT = f"""
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
found = []
for context in ("days", "") if "--all" in sys.argv else ("days",):
    frame = glue.create_dynamic_frame.from_options(
        "s3",
        {{"paths": ["s3://{BUCKET}/days/"]}},
        format="json",
        transformation_ctx=context,
    )
    found.append(sorted(row.day for row in frame.toDF().collect()))
print(*found)
if "--fail" in sys.argv:
    raise ValueError("before the commit")
job.commit()
"""


def put(aws: Aws, day: int) -> None:
    """Add the file of a day."""
    body = json.dumps({"day": day}).encode()
    aws("s3").put_object(Bucket=BUCKET, Key=f"days/{day}.json", Body=body)


def test_a_run_reads_what_is_new(aws: Aws, bucket: str) -> None:
    make_role(aws)
    make_job(aws, SCRIPT, "glueetl")
    put(aws, 1)
    put(aws, 2)
    glue = aws("glue")
    first = done(aws, Arguments=ON)
    assert lines(aws, first) == ["[1, 2]"]
    entry = glue.get_job_bookmark(JobName="desk")["JobBookmarkEntry"]
    assert (entry["Run"], entry["RunId"]) == (1, first["Id"])
    assert f"s3://{BUCKET}/days/2.json" in entry["JobBookmark"]
    put(aws, 3)
    bad = ran(aws, Arguments={**ON, "--fail": "yes"})
    assert bad["JobRunState"] == "FAILED"
    assert lines(aws, bad) == ["[3]"]
    paused = {"--job-bookmark-option": "job-bookmark-pause"}
    assert lines(aws, done(aws, Arguments=paused)) == ["[3]"]
    assert glue.get_job_bookmark(JobName="desk")["JobBookmarkEntry"] == entry
    second = done(aws, Arguments={**ON, "--all": "yes"})
    assert lines(aws, second) == ["[3] [1, 2, 3]"]
    entry = glue.get_job_bookmark(JobName="desk")["JobBookmarkEntry"]
    assert (entry["Run"], entry["PreviousRunId"]) == (2, first["Id"])
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.get_job_bookmark(JobName="desk", RunId=first["Id"])
    reset = glue.reset_job_bookmark(JobName="desk")["JobBookmarkEntry"]
    assert (reset["Run"], reset["JobBookmark"]) == (0, "{}")
    assert lines(aws, done(aws, Arguments=ON)) == ["[1, 2, 3]"]
