"""The steps of a DeploymentConfig, and those that contradict themselves."""

from typing import Any

import pytest

from localaws.errors import ValidationError
from localaws.sagemaker.deployment_policies import stages
from tests.localaws.sagemaker.hosted import percent, routing


def test_the_steps_of_each_policy() -> None:
    canary = routing("CANARY", 60, CanarySize={"Type": "INSTANCE_COUNT", "Value": 1})
    assert stages(canary, 4) == ([(0.25, 60), (1.0, 60)], 0)
    linear = routing("LINEAR", 60, **percent("LinearStepSize", 33))
    assert [round(s, 2) for s, _ in stages(linear, 1)[0]] == [0.33, 0.66, 0.99, 1.0]
    rolling = {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            "WaitIntervalInSeconds": 10,
        }
    }
    assert stages(rolling, 2) == ([(0.5, 10), (1.0, 10)], 0)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (routing("CANARY"), "CANARY needs CanarySize"),
        (routing("CANARY", **percent("CanarySize", 60)), "must be from 1 to 50"),
        (routing("LINEAR", **percent("LinearStepSize", 5)), "must be from 10 to 50"),
        (
            routing("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 3}),
            "at most 50% of the 4 instances",
        ),
        (
            routing("ALL_AT_ONCE", **percent("CanarySize", 5)),
            "CanarySize goes with CANARY",
        ),
        (
            routing("ALL_AT_ONCE")
            | {
                "RollingUpdatePolicy": percent("MaximumBatchSize", 50)
                | {"WaitIntervalInSeconds": 0}
            },
            "either BlueGreenUpdatePolicy or",
        ),
    ],
)
def test_a_policy_that_contradicts_itself(policy: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        stages(policy, 4)


def test_a_timeout_is_longer_than_the_waits() -> None:
    policy = routing("CANARY", 600, **percent("CanarySize", 10))
    policy["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 1200
    with pytest.raises(ValidationError, match="must be larger than the total"):
        stages(policy, 1)
    policy["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 1201
    assert stages(policy, 1)[1] == 0
