"""What the tests of Batch Transform share: a model that adds up, jobs, outputs."""

from typing import Any

import boto3

from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.desk import BUCKET, ROLE

# Answers one line for each line, the sum of its numbers; says what it was asked.
ADDS = """
import json, os, time

def model_fn(model_dir):
    return os.environ.get("FACTOR", "1")

def transform_fn(model, data, content_type, accept):
    print("asked", repr(data), accept, flush=True)
    text = data if isinstance(data, str) else data.decode()
    if "slow" in text:
        time.sleep(60)
    if content_type.startswith("text/csv"):
        rows = [[float(v) for v in line.split(",")] for line in text.splitlines()]
        lines = [str(sum(row) * float(model)) for row in rows]
    else:
        values = [json.loads(one) for one in text.splitlines()]
        lines = [json.dumps({"size": len(value)}) for value in values]
    return "\\n".join(lines), accept
"""
GROUP = "/aws/sagemaker/TransformJobs"


def make_model(script: str = ADDS) -> None:
    """Make the model, which adds up or runs another script."""
    hosted.make_model("model", ROLE, BUCKET, script)


def begin(objects: dict[str, bytes], name: str = "job", **given: Any) -> dict[str, Any]:
    """Start a job on objects: `begin({"a.csv": b"1,2"}, MaxPayloadInMB=1)`."""
    s3 = boto3.client("s3")
    for key, body in objects.items():
        s3.put_object(Bucket=BUCKET, Key=f"in/{key}", Body=body)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/"}
    request = {
        "TransformJobName": name,
        "ModelName": "model",
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
            **given.pop("Input", {}),
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{BUCKET}/out",
            "Accept": "text/csv",
            **given.pop("Output", {}),
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **given,
    }
    boto3.client("sagemaker").create_transform_job(**request)
    return request


def ended(name: str = "job") -> dict[str, Any]:
    """Wait for a job's end and return its description."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_transform_job(TransformJobName=name),
        "TransformJobStatus",
        "InProgress",
        "Stopping",
    )


def transform(
    objects: dict[str, bytes], name: str = "job", **given: Any
) -> dict[str, Any]:
    """Run a job to its end and return its description."""
    begin(objects, name, **given)
    return ended(name)


def output() -> dict[str, str]:
    """Return every object below the output path."""
    s3 = boto3.client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="out/").get("Contents", ())
    return {
        item["Key"].removeprefix("out/"): s3.get_object(Bucket=BUCKET, Key=item["Key"])[
            "Body"
        ]
        .read()
        .decode()
        for item in found
    }


def said(suffix: str = "") -> list[str]:
    """Return what the streams of the jobs hold whose name ends so."""
    logs = boto3.client("logs")
    streams = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    names = [stream["logStreamName"] for stream in streams]
    return [
        event["message"]
        for name in names
        if name.endswith("data-log") == bool(suffix)
        for event in logs.get_log_events(logGroupName=GROUP, logStreamName=name)[
            "events"
        ]
    ]
