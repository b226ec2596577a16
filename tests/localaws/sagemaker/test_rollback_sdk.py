"""Updates of endpoints that are taken back, through the SageMaker Python SDK v3."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.hosted import (
    alarm,
    baking,
    configure,
    deploy,
    make_model,
    variant,
)

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def blue(role: str, bucket: str) -> Any:
    """The endpoint `e`, which answers "a", and configurations that do not."""
    from sagemaker.core.resources import Endpoint

    make_model("a", role, bucket)
    make_model("b", role, bucket)
    make_model("broken", role, bucket, "def model_fn(f): raise KeyError('weights')")
    for name in ("b", "broken"):
        configure(name, variant(name))
    deploy("e", variant("a"))
    return Endpoint.get("e")


def policy(kind: str, alarm: str | None = None, **size: Any) -> Any:
    """Return a blue/green policy, with an alarm that takes it back."""
    from sagemaker.core import shapes

    steps = shapes.TrafficRoutingConfig(
        type=kind, wait_interval_in_seconds=3600, **size
    )
    back = shapes.AutoRollbackConfig(alarms=[shapes.Alarm(alarm_name=alarm)])
    return shapes.DeploymentConfig(
        blue_green_update_policy=shapes.BlueGreenUpdatePolicy(
            traffic_routing_configuration=steps
        ),
        **({"auto_rollback_configuration": back} if alarm else {}),
    )


def update(endpoint: Any, config: str, **members: Any) -> None:
    """Update the endpoint to a configuration."""
    endpoint.endpoint_config_name = config
    endpoint.update(**members)


def answer(endpoint: Any) -> bytes:
    """Return what the endpoint says."""
    return endpoint.invoke(body=b"x", content_type="text/csv").body.read()


def test_a_model_that_does_not_load_leaves_the_old_one(blue: Any) -> None:
    update(blue, "broken")
    blue.wait_for_status("InService", poll=1)
    assert blue.endpoint_config_name == "e"
    assert "weights" in blue.failure_reason
    assert answer(blue) == b"a"


def test_an_alarm_takes_a_canary_back(blue: Any) -> None:
    from sagemaker.core.shapes import CapacitySize

    alarm("errors")
    half = CapacitySize(type="CAPACITY_PERCENT", value=50)
    update(blue, "b", deployment_config=policy("CANARY", "errors", canary_size=half))
    baking("50%")
    assert {answer(blue) for _ in range(30)} == {b"a", b"b"}
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="test"
    )
    blue.wait_for_status("InService", poll=1)
    assert blue.endpoint_config_name == "e"
    assert "ALARM state: errors" in blue.failure_reason
    assert {answer(blue) for _ in range(30)} == {b"a"}


def test_what_cannot_be_rolled_out_changes_nothing(blue: Any) -> None:
    for config, members, message in (
        ("none", {}, "Could not find endpoint configuration"),
        ("b", {"deployment_config": policy("CANARY")}, "CANARY needs CanarySize"),
        (
            "b",
            {"deployment_config": policy("ALL_AT_ONCE", "none")},
            "alarms not found: none",
        ),
    ):
        with pytest.raises(ClientError, match=message) as caught:
            update(blue, config, **members)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        blue.refresh()
        assert (blue.endpoint_status, blue.endpoint_config_name) == ("InService", "e")
    assert answer(blue) == b"a"


def test_weights_of_a_variant_that_is_not_there(blue: Any) -> None:
    from sagemaker.core.shapes import DesiredWeightAndCapacity

    wanted = DesiredWeightAndCapacity(variant_name="none", desired_weight=2.0)
    with pytest.raises(ClientError, match="not present within endpoint") as caught:
        blue.update_weights_and_capacities([wanted])
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert blue.refresh().endpoint_status == "InService"
