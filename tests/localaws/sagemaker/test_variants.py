"""Several variants of one endpoint: by weight, by name, in the shadow, serverless."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.hosted import (
    ask,
    deploy,
    make_model,
    metric,
    serverless,
    settled,
    variant,
)


@pytest.fixture
def models(role: str, bucket: str) -> None:
    """Two models that answer with their names."""
    make_model("a", role, bucket)
    make_model("b", role, bucket)


def test_requests_fall_on_variants_by_weight_in_the_same_order(models: None) -> None:
    deploy("ab", variant("a", 3), variant("b", 1))
    first = [ask("ab") for _ in range(200)]
    assert 120 < Counter(first)["a"] < 180
    sagemaker = boto3.client("sagemaker")
    sagemaker.delete_endpoint(EndpointName="ab")
    sagemaker.create_endpoint(EndpointName="ab", EndpointConfigName="ab")
    settled("ab")
    assert [ask("ab") for _ in range(200)] == first


def test_a_request_may_name_its_variant(models: None) -> None:
    deploy("ab", variant("a", 1), variant("b", 0))
    runtime = boto3.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="ab", Body=b"x", TargetVariant="b")
    assert answer["Body"].read() == b"b"
    assert answer["InvokedProductionVariant"] == "b"
    with pytest.raises(ClientError, match="Variant c not found for Request") as caught:
        ask("ab", TargetVariant="c")
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_weights_and_counts_are_changed_in_service(models: None) -> None:
    deploy("ab", variant("a", 1), variant("b", 0))
    assert {ask("ab") for _ in range(20)} == {"a"}
    sagemaker = boto3.client("sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="ab",
        DesiredWeightsAndCapacities=[
            {"VariantName": "a", "DesiredWeight": 0},
            {"VariantName": "b", "DesiredWeight": 5, "DesiredInstanceCount": 3},
        ],
    )
    a, b = settled("ab")["ProductionVariants"]
    assert a["CurrentWeight"] == 0
    assert (b["CurrentWeight"], b["CurrentInstanceCount"]) == (5, 3)
    assert {ask("ab") for _ in range(20)} == {"b"}


def test_an_unknown_variant_changes_nothing(models: None) -> None:
    deploy("ab", variant("a"), variant("b"))
    sagemaker = boto3.client("sagemaker")
    for name, match in (("ab", r'name\(s\) "z" is/are not present'), ("no", "Could")):
        with pytest.raises(ClientError, match=match):
            sagemaker.update_endpoint_weights_and_capacities(
                EndpointName=name,
                DesiredWeightsAndCapacities=[
                    {"VariantName": "a", "DesiredWeight": 9},
                    {"VariantName": "z", "DesiredWeight": 9},
                ],
            )
    found = sagemaker.describe_endpoint(EndpointName="ab")
    assert found["EndpointStatus"] == "InService"
    assert found["ProductionVariants"][0]["DesiredWeight"] == 1


def test_a_shadow_gets_copies_and_its_answers_are_dropped(
    models: None, role: str, bucket: str
) -> None:
    make_model("broken", role, bucket, "def model_fn(f): return 1\n")
    found = deploy("ab", variant("a"), ShadowProductionVariants=[variant("broken")])
    (shown,) = found["ShadowProductionVariants"]
    assert shown["VariantName"] == "broken"
    assert [ask("ab") for _ in range(5)] == ["a"] * 5
    with pytest.raises(ClientError, match="not found for Request"):
        ask("ab", TargetVariant="broken")
    start = found["CreationTime"]

    def shadowed() -> dict[str, Any]:
        return metric("Invocation5XXErrors", start, "broken", "ab")

    assert wait(shadowed, "Sum", *range(5))["Sum"] == 5


def test_a_shadow_of_half_the_weight_gets_half_of_the_requests(models: None) -> None:
    found = deploy("ab", variant("a", 2), ShadowProductionVariants=[variant("b", 1)])
    assert {ask("ab") for _ in range(40)} == {"a"}
    boto3.client("sagemaker").delete_endpoint(EndpointName="ab")
    assert 8 <= metric("Invocations", found["CreationTime"], "b", "ab")["Sum"] <= 32


def test_one_shadow_beside_one_variant(models: None) -> None:
    with pytest.raises(ClientError, match="you can only specify one variant"):
        deploy(
            "ab",
            variant("a"),
            variant("b"),
            ShadowProductionVariants=[variant("a", VariantName="c")],
        )


def test_a_serverless_variant_starts_cold_and_limits_its_concurrency(
    models: None, endpoint: Connection, aws: Callable[[str], Any]
) -> None:
    before = _processes(endpoint)
    found = deploy("s", serverless("a", 2))
    (shown,) = found["ProductionVariants"]
    assert shown["CurrentServerlessConfig"]["MaxConcurrency"] == 2
    assert "CurrentInstanceCount" not in shown
    assert _processes(endpoint) == before
    assert ask("s") == "a"
    assert _processes(endpoint) != before
    once = Config(retries={"total_max_attempts": 1})
    runtime = boto3.client("sagemaker-runtime", config=once)
    outcomes: list[str] = []

    def call() -> None:
        try:
            runtime.invoke_endpoint(
                EndpointName="s", Body=b"sleep 1.5", ContentType="text/csv"
            )
            outcomes.append("answered")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"answered": 2, "ThrottlingException": 4}
    endpoint.control("POST", "clock", {"seconds": 3600})
    running = _processes(endpoint)
    assert ask("s") == "a"
    assert _processes(endpoint) != running
    lines = endpoint.control("GET", "bill")["lines"]
    assert {line["usage"] for line in lines if line["resource"] == "s"} == {
        "Serverless inference, duration",
        "Serverless inference, data in and out",
    }
    aws("sagemaker").delete_endpoint(EndpointName="s")
    assert _processes(endpoint) == before


def _processes(endpoint: Connection) -> set[int]:
    daemon = psutil.Process(endpoint.pid)
    return {process.pid for process in daemon.children(recursive=True)}


def test_the_concurrency_of_a_serverless_variant_is_changed(models: None) -> None:
    deploy("s", serverless("a", 1))
    change = {"VariantName": "a", "ServerlessUpdateConfig": {"MaxConcurrency": 7}}
    sagemaker = boto3.client("sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="s", DesiredWeightsAndCapacities=[change]
    )
    (shown,) = settled("s")["ProductionVariants"]
    assert shown["CurrentServerlessConfig"]["MaxConcurrency"] == 7
    with pytest.raises(ClientError, match="it has no instances"):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="s",
            DesiredWeightsAndCapacities=[
                {"VariantName": "a", "DesiredInstanceCount": 2}
            ],
        )
