"""UpdateEndpoint: traffic that moves to a new fleet, and back."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.hosted import (
    alarm,
    ask,
    baking,
    configure,
    deploy,
    make_model,
    percent,
    routing,
    settled,
    variant,
)


@pytest.fixture
def blue(role: str, bucket: str) -> dict[str, Any]:
    """An endpoint `e` that answers "a", and a configuration `green` that says "b"."""
    make_model("a", role, bucket)
    make_model("b", role, bucket)
    configure("green", variant("b"))
    return deploy("e", variant("a"))


def update(config: str = "green", **members: Any) -> None:
    """Update the endpoint `e`."""
    boto3.client("sagemaker").update_endpoint(
        EndpointName="e", EndpointConfigName=config, **members
    )


def test_all_traffic_moves_at_once(blue: dict[str, Any], endpoint: Connection) -> None:
    daemon = psutil.Process(endpoint.pid)
    before = {process.pid for process in daemon.children(recursive=True)}
    update()
    found = settled("e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        "green",
    )
    assert found["ProductionVariants"][0]["VariantName"] == "b"
    assert "PendingDeploymentSummary" not in found
    assert "FailureReason" not in found
    assert {ask("e") for _ in range(10)} == {"b"}
    after = {process.pid for process in daemon.children(recursive=True)}
    assert before - after


def test_the_endpoint_answers_all_the_time(blue: dict[str, Any]) -> None:
    update()
    answers = []
    sagemaker = boto3.client("sagemaker")
    while True:
        answers.append(ask("e"))
        found = sagemaker.describe_endpoint(EndpointName="e")
        if found["EndpointStatus"] == "InService":
            break
        assert found["EndpointStatus"] == "Updating"
        if "PendingDeploymentSummary" in found:
            pending = found["PendingDeploymentSummary"]
            assert pending["EndpointConfigName"] == "green"
            assert found["EndpointConfigName"] == "e"
    assert set(answers) <= {"a", "b"}
    assert ask("e") == "b"


def test_a_model_that_does_not_load_leaves_the_old_fleet_serving(
    blue: dict[str, Any], role: str, bucket: str
) -> None:
    make_model("c", role, bucket, "def model_fn(f): raise KeyError('weights')")
    configure("broken", variant("c"))
    update("broken")
    found = settled("e")
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == "e"
    assert "KeyError: 'weights'" in found["FailureReason"]
    assert ask("e") == "a"
    update()
    assert "FailureReason" not in settled("e")


def test_a_canary_takes_its_share_and_then_all(blue: dict[str, Any]) -> None:
    policy = routing("CANARY", **percent("CanarySize", 20))
    update(DeploymentConfig=policy)
    baking("20%")
    share = Counter(ask("e") for _ in range(200))
    assert 20 < share["b"] < 60
    found = settled("e")
    assert found["EndpointConfigName"] == "green"
    assert found["LastDeploymentConfig"] == policy
    assert {ask("e") for _ in range(10)} == {"b"}
    waited = found["LastModifiedTime"] - blue["LastModifiedTime"]
    assert dt.timedelta(seconds=1200) <= waited < dt.timedelta(seconds=2000)


def test_traffic_moves_in_linear_steps_as_the_clock_goes_on(
    blue: dict[str, Any], endpoint: Connection
) -> None:
    update(
        DeploymentConfig=routing("LINEAR", wait=3600, **percent("LinearStepSize", 50))
    )
    baking("50%")
    assert set(ask("e") for _ in range(50)) == {"a", "b"}
    endpoint.control("POST", "clock", {"seconds": 3600})
    baking("100%")
    assert set(ask("e") for _ in range(20)) == {"b"}
    endpoint.control("POST", "clock", {"seconds": 3600})
    assert settled("e")["EndpointConfigName"] == "green"


def test_an_alarm_rolls_a_canary_back(
    blue: dict[str, Any], role: str, bucket: str
) -> None:
    alarm("errors")
    update(
        DeploymentConfig=routing("CANARY", wait=3600, **percent("CanarySize", 50))
        | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
    )
    baking("50%")
    assert set(ask("e") for _ in range(30)) == {"a", "b"}
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="test"
    )
    found = settled("e")
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == "e"
    assert "ALARM state: errors" in found["FailureReason"]
    assert set(ask("e") for _ in range(30)) == {"a"}


def test_errors_of_the_new_model_trip_the_alarm(
    blue: dict[str, Any], role: str, bucket: str, endpoint: Connection
) -> None:
    make_model("c", role, bucket, "def model_fn(f): return 1\n")
    configure("failing", variant("c"))
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName="5xx",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[
            {"Name": "EndpointName", "Value": "e"},
            {"Name": "VariantName", "Value": "c"},
        ],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    update(
        "failing",
        DeploymentConfig=routing("CANARY", wait=3600, **percent("CanarySize", 50))
        | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "5xx"}]}},
    )
    baking("50%")
    failed = 0
    for _ in range(20):
        try:
            ask("e")
        except ClientError as error:
            failed += error.response["Error"]["Code"] == "ModelError"
    assert failed
    time.sleep(1.5)
    endpoint.control("POST", "clock", {"seconds": 60})
    found = settled("e")
    assert found["EndpointConfigName"] == "e", found
    assert "ALARM state: 5xx" in found["FailureReason"]


def test_states_in_which_an_endpoint_is_neither_updated_nor_deleted(
    blue: dict[str, Any],
) -> None:
    sagemaker = boto3.client("sagemaker")
    update(DeploymentConfig=routing("ALL_AT_ONCE", wait=3600))
    baking("100%")
    weights = [{"VariantName": "a", "DesiredWeight": 2}]
    for call in (
        update,
        lambda: sagemaker.delete_endpoint(EndpointName="e"),
        lambda: sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="e", DesiredWeightsAndCapacities=weights
        ),
    ):
        with pytest.raises(ClientError, match="Cannot update in-progress") as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "ValidationException"
    settled("e")
    sagemaker.delete_endpoint(EndpointName="e")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        update()


def test_a_reset_ends_an_update(blue: dict[str, Any], endpoint: Connection) -> None:
    update(DeploymentConfig=routing("ALL_AT_ONCE", wait=3600))
    baking("100%")
    endpoint.control("POST", "reset")
    assert endpoint.control("GET", "status")["endpoints"] == 0


def test_a_policy_that_is_wrong_changes_nothing(blue: dict[str, Any]) -> None:
    missing = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]}}
    for policy, message in (
        (routing("CANARY"), "CANARY needs CanarySize"),
        (routing("ALL_AT_ONCE") | missing, "alarms not found: none"),
    ):
        with pytest.raises(ClientError, match=message):
            update(DeploymentConfig=policy)
        found = boto3.client("sagemaker").describe_endpoint(EndpointName="e")
        assert found["EndpointStatus"] == "InService"
    assert ask("e") == "a"


def test_a_configuration_that_is_not_there(blue: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        update("none")
    found = boto3.client("sagemaker").describe_endpoint(EndpointName="e")
    assert found["EndpointStatus"] == "InService"


def test_weights_counts_and_policy_are_retained(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    make_model("a", role, bucket)
    deploy("e", variant("a", InitialInstanceCount=2))
    configure("again", variant("a", weight=7, InitialInstanceCount=4))
    policy = routing("ALL_AT_ONCE", wait=30)
    update(
        "again",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
        DeploymentConfig=policy,
    )
    (shown,) = settled("e")["ProductionVariants"]
    assert (shown["CurrentInstanceCount"], shown["CurrentWeight"]) == (2, 7)
    update("e", RetainDeploymentConfig=True)
    found = settled("e")
    assert found["LastDeploymentConfig"] == policy
    assert found["ProductionVariants"][0]["CurrentWeight"] == 1


def test_both_fleets_are_billed_while_both_run(
    blue: dict[str, Any], endpoint: Connection
) -> None:
    policy = routing("ALL_AT_ONCE", wait=0)
    policy["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] = 3600
    update(DeploymentConfig=policy)
    baking("100%")
    settled("e")
    lines = endpoint.control("GET", "bill")["lines"]
    (line,) = [line for line in lines if line["resource"] == "e"]
    assert line["quantity"] == pytest.approx(2, abs=0.1)


def test_a_failed_endpoint_is_only_deleted(role: str, bucket: str) -> None:
    make_model("a", role, bucket, "def model_fn(f): raise OSError")
    configure("green", variant("a"))
    assert deploy("e", variant("a"))["EndpointStatus"] == "Failed"
    with pytest.raises(ClientError, match="has Failed; delete it"):
        update()
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")


def test_a_rolling_update_ends_on_the_new_fleet(blue: dict[str, Any]) -> None:
    rolling = {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 60,
    }
    update(DeploymentConfig={"RollingUpdatePolicy": rolling})
    assert settled("e")["EndpointConfigName"] == "green"
    assert ask("e") == "b"
