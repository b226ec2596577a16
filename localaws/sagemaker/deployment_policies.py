"""How an update moves the traffic: the steps of a `DeploymentConfig`."""

import itertools
from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine

DEFAULT = {
    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
}
# The member that sizes a step, and its percentages.
_SIZES = {
    "CANARY": ("CanarySize", 1, 50),
    "LINEAR": ("LinearStepSize", 10, 50),
    "ROLLING": ("MaximumBatchSize", 5, 50),
}
Members = dict[str, Any]
Stages = list[tuple[float, int]]


def stages(policy: Members, instances: int) -> tuple[Stages, int]:
    """Return the steps of a deployment.

    Args:
        policy: A `DeploymentConfig`.
        instances: How many the new fleet has.

    Returns:
        The new fleet's share of the traffic and the seconds that it then bakes, step
        by step; and the seconds that the old fleet stays after the last.

    Raises:
        ValidationError: The policy contradicts itself.
    """
    if "RollingUpdatePolicy" in policy and "BlueGreenUpdatePolicy" in policy:
        raise ValidationError(
            "DeploymentConfig takes either BlueGreenUpdatePolicy or "
            "RollingUpdatePolicy, not both."
        )
    if "RollingUpdatePolicy" in policy:
        whole = routing = policy["RollingUpdatePolicy"]
        kind = "ROLLING"
    else:
        whole = policy.get("BlueGreenUpdatePolicy", DEFAULT)
        routing = whole["TrafficRoutingConfiguration"]
        kind = routing["Type"]
    wait = int(routing["WaitIntervalInSeconds"])
    step = _step(kind, routing, instances)
    if kind == "CANARY":
        found = [(step, wait), (1.0, wait)]
    else:
        shares = (n * step for n in itertools.count(1))
        found = [(s, wait) for s in itertools.takewhile(lambda s: s < 0.999, shares)]
        found.append((1.0, wait))
    end = int(whole.get("TerminationWaitInSeconds", 0))
    limit = whole.get("MaximumExecutionTimeoutInSeconds")
    if limit is not None and limit <= wait * len(found) + end:
        raise ValidationError(
            f"MaximumExecutionTimeoutInSeconds ({limit}) must be larger than the total "
            "of TerminationWaitInSeconds and WaitIntervalInSeconds "
            f"({wait * len(found) + end})."
        )
    return found, end


def _step(kind: str, routing: Members, instances: int) -> float:
    for other, (member, _, _) in _SIZES.items():
        if member in routing and other != kind:
            raise ValidationError(f"{member} goes with {other}, not with {kind}.")
    if kind not in _SIZES:
        return 1.0
    member, least, most = _SIZES[kind]
    if member not in routing:
        raise ValidationError(f"Traffic routing {kind} needs {member}.")
    value = routing[member]["Value"]
    if routing[member]["Type"] == "INSTANCE_COUNT":
        if not 1 <= value <= max(instances // 2, 1):
            raise ValidationError(
                f"{member} of {value} instances must be at most 50% of the {instances} "
                "instances of the endpoint."
            )
        return value / max(instances, 1)
    if not least <= value <= most:
        raise ValidationError(
            f"{member} of {value} CAPACITY_PERCENT must be from {least} to {most}."
        )
    return value / 100


def check_alarms(engine: Engine, policy: Members) -> list[str]:
    """Return the alarms that roll a deployment back, all of which exist."""
    config = policy.get("AutoRollbackConfiguration", {})
    names = [alarm["AlarmName"] for alarm in config.get("Alarms", [])]
    if names:
        cloudwatch = engine.aws.client("cloudwatch")
        found = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        missing = set(names) - {alarm["AlarmName"] for alarm in found}
        if missing:
            raise ValidationError(
                f"CloudWatch alarms not found: {', '.join(sorted(missing))}."
            )
    return names
