"""Configurations of a cluster or application: settings of Spark, or refused by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.spark_runtime.submission import check_settings, divided

_SPARK = "spark-defaults"
Members = dict[str, Any]


def settings(
    operation: str, given: Sequence[Members], *, lower: bool = False
) -> dict[str, str]:
    """Return Spark's settings of configurations.

    Args:
        operation: For the message.
        given: The configurations, the later ones first in rank.
        lower: Whether the members begin with a small letter.

    Raises:
        NotImplementedHere: They hold others.
    """
    names = ("Classification", "Properties", "Configurations")
    kind, properties, inner = [one.lower() if lower else one for one in names]
    found: dict[str, str] = {}
    for one in given:
        if one.get(kind) != _SPARK or one.get(inner):
            raise NotImplementedHere(
                f"{operation} {kind}={one.get(kind)!r} (here only {_SPARK!r})",
                "configures another application of the cluster, or its machines",
            )
        found.update(_checked(operation, one.get(properties, {})))
    return found


def _checked(operation: str, given: Mapping[str, str]) -> dict[str, str]:
    places = ("spark.master", "spark.submit.deployMode")
    kept = {name: value for name, value in given.items() if name not in places}
    check_settings(operation, kept)
    divided(operation, kept)
    return kept
