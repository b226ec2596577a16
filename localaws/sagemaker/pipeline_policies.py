"""When a step is run again, and when it need not be: RetryPolicies and CacheConfig."""

import datetime as dt
import json
import re
from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.pipeline_kinds import KINDS
from localaws.store import Store

RETRIED = (
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
)
# What these come to depends on their arguments alone.
CALLS = ("Callback", "Lambda")
# Pipelines itself tries again after a fault of the service that it calls.
_DEFAULT = {
    "ExceptionType": list(RETRIED[:2]),
    "IntervalSeconds": 1,
    "BackoffRate": 2.0,
    "MaxAttempts": 3,
}
_LIMITS = {
    "IntervalSeconds": (1, 43_200),
    "BackoffRate": (0, float("inf")),
    "MaxAttempts": (1, 20),
    "ExpireAfterMin": (1, 14_400),
}
_DURATION = re.compile(
    r"P?(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.IGNORECASE,
)
_DAYS = (365, 30, 7, 1)


def check_retries(name: str, kind: str, policies: Any) -> None:
    """Raise `ValidationError` for retry policies that a step cannot have."""
    if not policies:
        return
    if kind not in KINDS:
        raise ValidationError(
            f"RetryPolicies are not supported for step '{name}' of type {kind}."
        )
    for policy in policies:
        types = policy.get("ExceptionType") or []
        for given in types:
            if given not in RETRIED:
                raise ValidationError(
                    f"ExceptionType {given!r} of step '{name}' is not one of "
                    f"{', '.join(RETRIED)}."
                )
        unknown = policy.keys() - _LIMITS.keys() - {"ExceptionType"}
        both = "MaxAttempts" in policy and "ExpireAfterMin" in policy
        if not types or unknown or both:
            raise ValidationError(
                f"A retry policy of step '{name}' has an ExceptionType and either "
                f"MaxAttempts or ExpireAfterMin, and no "
                f"{', '.join(unknown) or 'other'}."
            )
        for member, (least, most) in _LIMITS.items():
            value = policy.get(member, least)
            if not isinstance(value, (int, float)) or not least <= value <= most:
                raise ValidationError(
                    f"{member} of step '{name}' is {value!r}, which is not from "
                    f"{least} to {most}."
                )


def retry_after(
    policies: list[dict[str, Any]],
    exception: str,
    attempt: int,
    waited: dt.timedelta,
) -> float | None:
    """Return how many seconds to wait before the next attempt; None for no more.

    Args:
        policies: The step's; the first that names the exception decides.
        exception: One of `RETRIED`.
        attempt: How many attempts there have been.
        waited: Time since the first of them failed.
    """
    for policy in (*policies, _DEFAULT):
        if exception in policy["ExceptionType"]:
            break
    else:
        return None
    if "ExpireAfterMin" in policy:
        if waited >= dt.timedelta(minutes=policy["ExpireAfterMin"]):
            return None
    elif attempt > policy.get("MaxAttempts", 5):
        return None
    rate = policy.get("BackoffRate", 2.0)
    return policy.get("IntervalSeconds", 1) * rate ** (attempt - 1)


def check_cache(name: str, kind: str, config: Any) -> None:
    """Raise `ValidationError` for a cache configuration that a step cannot have."""
    if not config:
        return
    if not isinstance(config.get("Enabled"), bool):
        raise ValidationError(f"CacheConfig of step '{name}' has no Enabled.")
    if not config["Enabled"]:
        return
    if kind not in CALLS and not (kind in KINDS and KINDS[kind].cached):
        raise ValidationError(
            f"CacheConfig is not supported for step '{name}' of type {kind}."
        )
    if duration(config.get("ExpireAfter") or "") is None:
        raise ValidationError(
            f"ExpireAfter {config.get('ExpireAfter')!r} of step '{name}' is not an ISO "
            "8601 duration, such as P30D."
        )


def duration(text: str) -> dt.timedelta | None:
    """Return the time that an ISO 8601 duration says, or None if it is not one."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    numbers = [int(group or 0) for group in found.groups()]
    days = sum(n * size for n, size in zip(numbers[:4], _DAYS, strict=True))
    hours, minutes, seconds = numbers[4:]
    return dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def signature(kind: str, given: dict[str, Any], arguments: dict[str, Any]) -> str:
    """Return what decides whether an earlier result of a step is used again.

    Args:
        kind: Type of the step.
        given: Its definition.
        arguments: Its arguments, resolved.
    """
    if kind in KINDS:
        kept = {path: _at(arguments, path) for path in KINDS[kind].cached}
    else:
        members = ("SqsQueueUrl", "FunctionArn", "OutputParameters")
        kept = {"Arguments": arguments} | {name: given.get(name) for name in members}
    return json.dumps([kind, kept], sort_keys=True, default=str)


def earlier(
    store: Store, execution: dict[str, Any], record: dict[str, Any], since: dt.datetime
) -> tuple[str, dict[str, Any]] | None:
    """Return the newest earlier result of a step, and the execution that made it.

    Args:
        store: Where executions are.
        execution: The execution that asks; others of its pipeline are looked at.
        record: The step that asks, with its signature.
        since: What ended before is not used again.
    """
    found = [
        (step["EndTime"], other["PipelineExecutionArn"], step)
        for other in store.documents("PipelineExecution")
        if other["PipelineArn"] == execution["PipelineArn"]
        for step in list(other["_steps"])
        if step["StepName"] == record["StepName"]
        and step["StepStatus"] == "Succeeded"
        and step.get("_signature") == record["_signature"]
        and "CacheHitResult" not in step
        and step["EndTime"] >= since
    ]
    return max(found, key=lambda one: one[0])[1:] if found else None


def _at(arguments: dict[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    value = arguments.get(first)
    return _at(value, rest) if rest and isinstance(value, dict) else value
