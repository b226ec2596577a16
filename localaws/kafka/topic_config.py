"""The configurations of a topic that act, and the values that they may have."""

from collections.abc import Mapping

from kafka import errors

_NUMBERS = {
    "max.message.bytes": 0,
    "min.insync.replicas": 1,
    "retention.bytes": -1,
    "retention.ms": -1,
}
_FIXED = {
    "cleanup.policy": "delete",
    "compression.type": "producer",
    "message.timestamp.type": "CreateTime",
}
_DEFAULTS = {
    "max.message.bytes": "1048588",
    "min.insync.replicas": "1",
    "retention.bytes": "-1",
    "retention.ms": "604800000",
}


def defaults(brokers: Mapping[str, str]) -> dict[str, str]:
    """Return what a topic has that says nothing else.

    Args:
        brokers: Configurations of the cluster, by their names for brokers.
    """
    named = {
        "max.message.bytes": "message.max.bytes",
        "min.insync.replicas": "min.insync.replicas",
        "retention.bytes": "log.retention.bytes",
        "retention.ms": "log.retention.ms",
    }
    given = {name: brokers[by] for name, by in named.items() if by in brokers}
    return {**_FIXED, **_DEFAULTS, **given}


def check(name: str, value: str | None) -> None:
    """Raise `InvalidConfigurationError` for what does not act here."""
    if name in _FIXED:
        if value != _FIXED[name]:
            raise errors.InvalidConfigurationError(
                f"{name}={value}: here it is always {_FIXED[name]}"
            )
        return
    if name not in _NUMBERS:
        raise errors.InvalidConfigurationError(f"{name} does not act in this cluster")
    text = value or ""
    if not text.lstrip("-").isdecimal() or int(text) < _NUMBERS[name]:
        raise errors.InvalidConfigurationError(
            f"Invalid value {value} for configuration {name}"
        )
