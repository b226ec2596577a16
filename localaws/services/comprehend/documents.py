"""Jobs that find personal data, as they are kept."""

import hashlib
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.records import Records

Members = dict[str, Any]
ACCOUNT = "123456789012"
JOB = "comprehend-pii-job"
ENDED = ("COMPLETED", "FAILED", "STOPPED")


def get(context: Context, key: str) -> Members:
    """Return a job.

    Raises:
        AwsError: There is none of this id.
    """
    found = context.part(Records).get(JOB, key)
    if found is None:
        raise AwsError(
            "JobNotFoundException",
            "The specified job was not found. Check the job ID and try again.",
        )
    return found


def every(context: Context) -> list[Members]:
    """Return all jobs, newest first."""
    return list(context.part(Records).all(JOB).values())[::-1]


def new_id(context: Context) -> str:
    """Return an id for a job."""
    number = context.clock.count("comprehend-job")
    return hashlib.sha256(f"comprehend {number}".encode()).hexdigest()[:32]


def arn(context: Context, key: str) -> str:
    """Return the ARN of a job."""
    place = f"arn:aws:comprehend:{context.aws.region}:{ACCOUNT}"
    return f"{place}:pii-entities-detection-job/{key}"
