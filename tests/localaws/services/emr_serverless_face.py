"""Applications and job runs of EMR Serverless for the tests."""

import itertools
from typing import Any

from tests.localaws.services.emr_face import BUCKET, RELEASE, SERVERLESS, Aws, until

ROLE = f"arn:aws:iam::123456789012:role/{SERVERLESS}"
ENDED = ("SUCCESS", "FAILED", "CANCELLED")
LOGS = {"s3MonitoringConfiguration": {"logUri": f"s3://{BUCKET}/logs/"}}
_tokens = itertools.count()


def create(aws: Aws, **members: Any) -> str:
    """Create an application and return its id."""
    given = {"name": "desk", "releaseLabel": RELEASE, "type": "SPARK", **members}
    return str(aws("emr-serverless").create_application(**given)["applicationId"])


def application(aws: Aws, key: str) -> Any:
    """Return an application."""
    return aws("emr-serverless").get_application(applicationId=key)["application"]


def start(
    aws: Aws, key: str, script: str, *arguments: str, words: str = "", **members: Any
) -> str:
    """Start a job run and return its id."""
    submit = {"entryPoint": script, "entryPointArguments": [*arguments]}
    if words:
        submit["sparkSubmitParameters"] = words
    given = {
        "applicationId": key,
        "clientToken": f"token-{next(_tokens)}",
        "executionRoleArn": ROLE,
        "jobDriver": {"sparkSubmit": submit},
        "configurationOverrides": {"monitoringConfiguration": LOGS},
        **members,
    }
    return str(aws("emr-serverless").start_job_run(**given)["jobRunId"])


def state(aws: Aws, key: str, run: str) -> Any:
    """Return a job run."""
    serverless = aws("emr-serverless")
    return serverless.get_job_run(applicationId=key, jobRunId=run)["jobRun"]


def ended(aws: Aws, key: str, run: str) -> Any:
    """Wait for the end of a job run and return it."""
    until(lambda: state(aws, key, run)["state"] in ENDED)
    return state(aws, key, run)


def log_of(key: str, run: str, name: str) -> str:
    """Return the key of a driver's log in S3."""
    return f"logs/applications/{key}/jobs/{run}/SPARK_DRIVER/{name}.gz"
