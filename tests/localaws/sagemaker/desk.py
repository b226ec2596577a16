"""What the tests of many models share: artefacts that multiply, and requests."""

import time
from typing import Any

import boto3
import psutil

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait

BUCKET = "on-time-desk"
ROLE = "arn:aws:iam::123456789012:role/work"
# Multiplies by what its artefact says; some numbers fail, crash or take their time.
TIMES = """
import json, os, pathlib, time
def model_fn(folder):
    factor = json.loads((pathlib.Path(folder) / "weights.json").read_text())["factor"]
    print(f"loading {factor}", flush=True)
    if factor == 0:
        raise ValueError("a factor of zero")
    return factor
def input_fn(body, content_type):
    return json.loads(body) if "json" in content_type else [float(body)]
def predict_fn(rows, factor):
    if rows[0] < 0:
        raise ValueError("a negative distance")
    if rows[0] == 666:
        os._exit(9)
    if rows[0] >= 1000:
        time.sleep(rows[0] / 10000)
    return [row * factor for row in rows]
def output_fn(rows, accept):
    if "csv" in accept:
        return ",".join(str(row) for row in rows), "text/csv"
    return json.dumps(rows), "application/json"
"""


def store(key: str, factor: float, script: str = TIMES) -> str:
    """Store an artefact that multiplies, and return its URI."""
    files = {"weights.json": f'{{"factor": {factor}}}'}
    body = archive(code__inference_py=script, **files)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def container(uri: str, **more: Any) -> dict[str, Any]:
    """Return a container definition."""
    variables = {"SAGEMAKER_PROGRAM": "inference.py"}
    return {"Image": SKLEARN, "ModelDataUrl": uri, "Environment": variables, **more}


def variant(model: str | None, **more: Any) -> dict[str, Any]:
    """Return one production variant."""
    named = {"ModelName": model} if model else {}
    return {
        "VariantName": "AllTraffic",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        **named,
        **more,
    }


def deploy(model: str | None, name: str = "desk", **config: Any) -> dict[str, Any]:
    """Make a configuration and an endpoint, and wait until it has settled."""
    sagemaker = boto3.client("sagemaker")
    variants = config.pop("ProductionVariants", [variant(model)])
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=variants, **config
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return settled(name)


def settled(name: str = "desk") -> dict[str, Any]:
    """Wait until an endpoint is in service or has failed."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_endpoint(EndpointName=name),
        "EndpointStatus",
        "Creating",
        "Updating",
    )


def ask(body: bytes = b"3", name: str = "desk", **more: Any) -> bytes:
    """Invoke an endpoint and return the body of its answer."""
    runtime = boto3.client("sagemaker-runtime")
    given = {"ContentType": "text/csv", "Accept": "text/csv", **more}
    return runtime.invoke_endpoint(EndpointName=name, Body=body, **given)["Body"].read()


def content(uri: str) -> bytes:
    """Wait for an object and return what it holds."""
    s3 = boto3.client("s3")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            time.sleep(0.05)
    raise AssertionError(f"no {uri} after 30 s")


def logged(group: str) -> list[str]:
    """Return every line of a log group, over all its streams."""
    events = boto3.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def measured(metric: str, statistic: str = "Maximum", **dimensions: str) -> float:
    """Return one statistic of a metric over all time."""
    cloudwatch = boto3.client("cloudwatch")
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": dimensions[key]} for key in dimensions],
        StartTime="2026-01-01T00:00:00Z",
        EndTime="2026-02-01T00:00:00Z",
        Period=86400 * 31,
        Statistics=[statistic],
    )["Datapoints"]
    assert points, f"no data of {metric} {dimensions}"
    return points[0][statistic]


def processes(endpoint: Connection) -> set[int]:
    """Return the ids of the daemon's child processes."""
    children = psutil.Process(endpoint.pid).children(recursive=True)
    return {child.pid for child in children}
