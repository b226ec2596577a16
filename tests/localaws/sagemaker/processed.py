"""What the tests of processing jobs share: inputs, outputs, jobs, logs."""

from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, wait
from tests.localaws.sagemaker.desk import BUCKET, ROLE

GROUP = "/aws/sagemaker/ProcessingJobs"
BASE = "/opt/ml/processing"


def source(prefix: str, path: str, bucket: str = BUCKET, **more: str) -> dict[str, Any]:
    """Return one input of a processing job."""
    place = {
        "S3Uri": f"s3://{bucket}/{prefix}",
        "LocalPath": f"{BASE}/input/{path}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        **more,
    }
    return {"InputName": path, "S3Input": place}


def result(name: str, mode: str = "EndOfJob", bucket: str = BUCKET) -> dict[str, Any]:
    """Return one output of a processing job."""
    place = {
        "S3Uri": f"s3://{bucket}/{name}",
        "LocalPath": f"{BASE}/output/{name}",
        "S3UploadMode": mode,
    }
    return {"OutputName": name, "S3Output": place}


def instances(count: int) -> dict[str, Any]:
    """Return the resources of a job."""
    return {
        "ClusterConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": count,
            "VolumeSizeInGB": 1,
        }
    }


def start(script: str, name: str = "job", **members: Any) -> dict[str, Any]:
    """Start a processing job of one script and return its input."""
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="raw/a.csv", Body=b"1,2\n3,4\n")
    s3.put_object(Bucket=BUCKET, Key="scripts/clean.py", Body=script.encode())
    request = {
        "ProcessingJobName": name,
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", f"{BASE}/input/code/clean.py"],
            "ContainerArguments": ["--times", "2"],
        },
        "Environment": {"MODE": "night"},
        "ProcessingInputs": [
            source("raw/", "data"),
            source("scripts/clean.py", "code"),
        ],
        "ProcessingOutputConfig": {"Outputs": [result("clean")]},
        "ProcessingResources": instances(1),
        "RoleArn": ROLE,
        **members,
    }
    boto3.client("sagemaker").create_processing_job(**request)
    return request


def process(script: str, name: str = "job", **members: Any) -> dict[str, Any]:
    """Run a processing job of one script to its end and return its description."""
    start(script, name, **members)
    return ended(name)


def ended(name: str = "job") -> dict[str, Any]:
    """Wait for a processing job's end and return its description."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_processing_job(ProcessingJobName=name),
        "ProcessingJobStatus",
        "InProgress",
        "Stopping",
    )


def keys(prefix: str) -> dict[str, bytes]:
    """Return the objects below a prefix."""
    s3 = boto3.client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {
        item["Key"]: s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
        for item in found
    }


def messages(name: str, host: str = "algo-1") -> list[str]:
    """Return the log of one host."""
    logs = boto3.client("logs")
    streams = logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix=f"{name}/{host}-"
    )["logStreams"]
    events = logs.get_log_events(
        logGroupName=GROUP, logStreamName=streams[0]["logStreamName"]
    )["events"]
    return [event["message"] for event in events]
