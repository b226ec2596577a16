"""CloudWatch metrics of endpoints."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.hosted import ask, deploy, make_model, metric, variant


def test_every_request_is_counted_and_timed(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    found = deploy("e", variant("a", InitialInstanceCount=4))
    start = found["CreationTime"]
    for _ in range(8):
        ask("e", b"sleep 0.02")
    for _ in range(2):
        with pytest.raises(ClientError, match="ModelError"):
            ask("e", b"fail")
    wait(lambda: metric("Invocations", start), "Sum", *range(10))
    assert metric("Invocations", start)["Sum"] == 10
    assert metric("InvocationsPerInstance", start)["Sum"] == 2.5
    assert metric("Invocation5XXErrors", start)["Sum"] == 2
    assert metric("Invocation5XXErrors", start)["Average"] == pytest.approx(0.2)
    assert metric("Invocation4XXErrors", start)["Sum"] == 0
    latency = metric("ModelLatency", start)
    assert latency["SampleCount"] == 10
    assert 20_000 < latency["Maximum"] < 60e6
    assert latency["Unit"] == "Microseconds"
    assert 0 < metric("OverheadLatency", start)["Average"] < 60e6


def test_latencies_have_percentiles(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    found = deploy("e", variant("a"))
    for _ in range(9):
        ask("e")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")

    def point(**statistics: list[str]) -> dict[str, Any]:
        (only,) = boto3.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="ModelLatency",
            Dimensions=[
                {"Name": "EndpointName", "Value": "e"},
                {"Name": "VariantName", "Value": "a"},
            ],
            StartTime=found["CreationTime"],
            EndTime="2026-01-06T00:00:00Z",
            Period=86_400,
            **statistics,
        )["Datapoints"]
        return only

    shown = point(ExtendedStatistics=["p0", "p50", "p90", "p100"])["ExtendedStatistics"]
    plain = point(Statistics=["Minimum", "Maximum"])
    assert plain["Minimum"] == shown["p0"] <= shown["p50"] <= shown["p90"]
    assert shown["p90"] <= shown["p100"] == plain["Maximum"]


def test_metrics_are_there_once_an_endpoint_is_deleted(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    found = deploy("e", variant("a"))
    for _ in range(5):
        ask("e")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    assert metric("Invocations", found["CreationTime"])["Sum"] == 5


def test_each_variant_has_its_own(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    make_model("b", role, bucket)
    found = deploy("e", variant("a"), variant("b"))
    ask("e", TargetVariant="a")
    for _ in range(3):
        ask("e", TargetVariant="b")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    assert metric("Invocations", found["CreationTime"])["Sum"] == 1
    assert metric("Invocations", found["CreationTime"], "b")["Sum"] == 3
