"""Applications and job runs: their ids, ARNs and documents."""

import hashlib
import string

from localaws.services.context import Context
from localaws.services.emrserverless.operations import (
    ACCOUNT,
    REGION,
    SERVICE,
    Members,
    missing,
)
from localaws.services.records import Records

APPLICATIONS, RUNS = "emr-serverless-application", "emr-serverless-run"
ENDED = ("SUCCESS", "FAILED", "CANCELLED")
_ALPHABET = string.digits + string.ascii_lowercase
_LENGTH = 13


def identity(context: Context) -> str:
    """Return a new id, such as `00f5trm6k9o2j809`; the same in each execution."""
    count = context.clock.count("emr-serverless")
    digest = hashlib.sha256(f"emr-serverless {count}".encode()).hexdigest()
    number, letters = int(digest, 16), []
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return f"00f{''.join(letters)}"


def arn(application: str, run: str = "") -> str:
    """Return the ARN of an application, or of a run of it."""
    base = f"arn:aws:{SERVICE}:{REGION}:{ACCOUNT}:/applications/{application}"
    return f"{base}/jobruns/{run}" if run else base


def found(context: Context, key: str) -> Members:
    """Return an application.

    Raises:
        AwsError: There is none of this id.
    """
    document = context.part(Records).get(APPLICATIONS, key)
    if document is None:
        raise missing("Application", key)
    return document


def run_of(context: Context, application: str, key: str) -> Members:
    """Return a job run of an application.

    Raises:
        AwsError: There is none of this id.
    """
    found(context, application)
    document = context.part(Records).get(RUNS, key)
    if document is None or document["applicationId"] != application:
        raise missing("JobRun", key)
    return document


def runs_of(context: Context, application: str) -> list[Members]:
    """Return the job runs of an application, newest first."""
    every = context.part(Records).all(RUNS).values()
    return [one for one in every if one["applicationId"] == application][::-1]
