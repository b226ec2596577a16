"""What the tests of training jobs share: their artefacts and their logs."""

import io
import tarfile
from typing import Any

import boto3

GROUP = "/aws/sagemaker/TrainingJobs"


def resources(count: int) -> dict[str, Any]:
    """Return a cluster of small machines."""
    return {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}


def unpacked(uri: str) -> dict[str, bytes]:
    """Return the files of an archive in S3."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {
            member.name: file.read()
            for member in tar.getmembers()
            if (file := tar.extractfile(member))
        }


def messages(name: str) -> list[str]:
    """Return the log of a job, attempt by attempt."""
    logs = boto3.client("logs")
    streams = logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix=f"{name}/"
    )["logStreams"]
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=GROUP, logStreamName=stream["logStreamName"]
        )["events"]
    ]
