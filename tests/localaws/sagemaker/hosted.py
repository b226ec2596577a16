"""What the tests of endpoints are made of: models, variants, configurations."""

import datetime as dt
import time
from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait

STATISTICS = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"]
SAYS = """
import time
def model_fn(folder):
    return "{word}"
def transform_fn(model, data, content_type, accept):
    text = data.decode() if isinstance(data, bytes) else data
    if text.startswith("sleep"):
        time.sleep(float(text.split()[1]))
    if text == "fail":
        raise ValueError("asked to fail")
    return model, "text/csv"
"""


def make_model(
    name: str,
    role: str,
    bucket: str,
    script: str | None = None,
    variables: dict[str, str] | None = None,
) -> None:
    """Make a model that answers with its name, or runs a script."""
    body = archive(code__inference_py=script or SAYS.format(word=name))
    boto3.client("s3").put_object(Bucket=bucket, Key=f"{name}.tar.gz", Body=body)
    boto3.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={
            "Image": SKLEARN,
            "ModelDataUrl": f"s3://{bucket}/{name}.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py", **(variables or {})},
        },
    )


def variant(model: str, weight: float = 1.0, **more: Any) -> dict[str, Any]:
    """Return a production variant that is named as its model."""
    return {
        "VariantName": model,
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": weight,
        **more,
    }


def serverless(model: str, concurrency: int) -> dict[str, Any]:
    """Return a serverless variant."""
    return {
        "VariantName": model,
        "ModelName": model,
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": concurrency},
    }


def metric(
    name: str, start: dt.datetime, variant: str = "a", endpoint: str = "e"
) -> dict[str, Any]:
    """Return the statistics of a metric of a variant over a day."""
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=name,
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": variant},
        ],
        StartTime=start,
        EndTime=start + dt.timedelta(days=1),
        Period=86400,
        Statistics=STATISTICS,
    )["Datapoints"]
    return found[0] if found else {"Sum": 0, "SampleCount": 0}


def configure(name: str, *variants: dict[str, Any], **members: Any) -> None:
    """Make an endpoint configuration."""
    boto3.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=list(variants), **members
    )


def deploy(name: str, *variants: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Make a configuration and an endpoint of one name, and wait for it."""
    configure(name, *variants, **members)
    boto3.client("sagemaker").create_endpoint(
        EndpointName=name, EndpointConfigName=name
    )
    return settled(name)


def settled(name: str) -> dict[str, Any]:
    """Wait until an endpoint is neither created nor updated any more."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_endpoint(EndpointName=name),
        "EndpointStatus",
        "Creating",
        "Updating",
    )


def ask(name: str, body: bytes = b"x", **more: Any) -> str:
    """Invoke an endpoint and return the answer's text."""
    more.setdefault("ContentType", "text/csv")
    answer = boto3.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=body, **more
    )
    return answer["Body"].read().decode()


def routing(kind: str, wait: int = 600, **more: Any) -> dict[str, Any]:
    """Return a `DeploymentConfig` of the blue/green kind."""
    steps = {"Type": kind, "WaitIntervalInSeconds": wait, **more}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": steps}}


def percent(member: str, value: int) -> dict[str, Any]:
    """Return a share of the capacity."""
    return {member: {"Type": "CAPACITY_PERCENT", "Value": value}}


def baking(share: str) -> None:
    """Wait until the new fleet of `e` has a share of the traffic; moves no clock."""
    sagemaker = boto3.client("sagemaker")

    def stage() -> dict[str, Any]:
        found = sagemaker.describe_endpoint(EndpointName="e")
        pending = found.get("PendingDeploymentSummary")
        if pending is None:
            return {"stage": found.get("FailureReason", "no update")}
        state = pending["ProductionVariants"][0]["VariantStatus"][0]
        return {"stage": f"{state['Status']} {state.get('StatusMessage', '')}"}

    end = time.monotonic() + 30
    while (found := stage()["stage"]) != f"Baking {share} of the traffic":
        assert time.monotonic() < end, found
        time.sleep(0.05)


def alarm(name: str) -> None:
    """Make an alarm."""
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Desk",
        MetricName="Complaints",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
