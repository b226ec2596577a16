"""F1 for Glue's jobs: what was kept outlives a kill, and what ran has failed."""

import time
from pathlib import Path
from typing import Any

import boto3
import psutil

from tests.localaws.faults.killing import again, running
from tests.localaws.services.etl import (
    BUCKET,
    became,
    done,
    ended,
    lines,
    make_job,
    make_role,
    start,
    state,
)

GRACE = 20
ENDLESS = "import time\nwhile True: time.sleep(0.1)\n"


def children(home: Path) -> list[int]:
    """Return the processes of runs below a home."""
    return [
        one.pid
        for one in psutil.process_iter(["environ"])
        if str(home) in (one.info["environ"] or {}).get("GLUE_RUN", "")
    ]


def seen(key: str) -> Any:
    """Return what Glue describes."""
    glue = boto3.client("glue")
    return glue.get_jobs()["Jobs"], state(boto3.client, key)


def test_runs_end_with_the_endpoint_and_jobs_do_not(home: Path) -> None:
    aws = boto3.client
    with running():
        aws("s3").create_bucket(Bucket=BUCKET)
        make_role(aws)
        make_job(aws, "print('done')")
        make_job(aws, ENDLESS, name="endless", Timeout=60)
        good = done(aws)["Id"]
        before = seen(good)
        key = start(aws, "endless")
        became(aws, key, ("RUNNING",), "endless")
        again()
        assert seen(good) == before
        run = ended(aws, key, "endless")
        assert run["JobRunState"] == "FAILED"
        assert "restarted" in run["ErrorMessage"]
        assert run["CompletedOn"] >= run["StartedOn"]
        assert lines(aws, state(aws, good)) == ["done"]
        end = time.monotonic() + GRACE
        while children(home) and time.monotonic() < end:
            time.sleep(0.05)
        assert children(home) == []
        assert done(aws)["JobRunState"] == "SUCCEEDED"
