"""The limits of AWS's services, read from the dated `limits.yaml`."""

import functools
from pathlib import Path
from typing import Any

import yaml

_LIMITS = Path(__file__).with_name("limits.yaml")


def limit(service: str, name: str) -> float:
    """Return a limit.

    Args:
        service: Such as `kinesis`.
        name: As in the file, which says the measure.
    """
    return _read()[service][name]


def limits(service: str, name: str) -> Any:
    """Return limits that are a list, or that depend on a type.

    Args:
        service: Such as `ebs`.
        name: As in the file.
    """
    return _read()[service][name]


@functools.cache
def _read() -> dict[str, Any]:
    return yaml.safe_load(_LIMITS.read_text())
