"""A stop that was taken leads to Stopped, at whatever moment it came."""

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import ended, wait

Start = Callable[..., dict[str, Any]]
HANGS = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
WRITES = "open('/opt/ml/model/weights', 'wb').write(bytes(1000))"


def describe(name: str = "job") -> dict[str, Any]:
    return boto3.client("sagemaker").describe_training_job(TrainingJobName=name)


def reach(name: str, *before: str) -> dict[str, Any]:
    """Wait until a job's secondary status is none of those."""
    return wait(lambda: describe(name), "SecondaryStatus", *before)


@pytest.mark.parametrize(
    "before",
    [
        (),
        ("Starting",),
        ("Starting", "Downloading"),
        ("Starting", "Downloading", "Training"),
    ],
)
def test_nothing_but_stopped_follows_stopping(
    start: Start, before: tuple[str, ...]
) -> None:
    start(WRITES)
    reach("job", *before)
    try:
        boto3.client("sagemaker").stop_training_job(TrainingJobName="job")
    except ClientError as error:
        assert "is in status Completed" in str(error)
        assert ended("job")["TrainingJobStatus"] == "Completed"
        return
    job = ended("job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "FailureReason" not in job


def test_the_history_of_a_stop(start: Start, endpoint: Connection) -> None:
    start(HANGS)
    reach("job", "Starting", "Downloading")
    asked = endpoint.control("POST", "clock", {"seconds": 3600})["now"]
    boto3.client("sagemaker").stop_training_job(TrainingJobName="job")
    job = ended("job")
    steps = job["SecondaryStatusTransitions"]
    names = [step["Status"] for step in steps if step["Status"] != "Uploading"]
    assert names == ["Starting", "Downloading", "Training", "Stopping", "Stopped"]
    for one, other in pairwise(steps):
        assert one["StartTime"] <= one["EndTime"] <= other["StartTime"]
    assert job["TrainingEndTime"] >= dt.datetime.fromisoformat(asked)
