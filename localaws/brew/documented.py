"""The recipe actions that AWS documents: those that act, and what the others do."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("actions.yaml")
# From the section "Using conditions" of the guide.
CONDITIONS = (
    "IS",
    "IS_NOT",
    "IS_BETWEEN",
    "CONTAINS",
    "NOT_CONTAINS",
    "STARTS_WITH",
    "NOT_STARTS_WITH",
    "ENDS_WITH",
    "NOT_ENDS_WITH",
    "LESS_THAN",
    "LESS_THAN_EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_EQUAL",
    "IS_INVALID",
    "IS_MISSING",
)


@dataclass(frozen=True)
class Action:
    """What one action takes.

    Attributes:
        needs: Parameters that must be given.
        may: Parameters that may be given.
        within: Whether conditions narrow the rows on which it acts.
    """

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    within: bool = False


@functools.cache
def _read() -> dict[str, Any]:
    return yaml.safe_load(_FILE.read_text())


@functools.cache
def acting() -> dict[str, Action]:
    """Return the actions that act, by name."""
    return {
        name: Action(
            tuple(row.get("needs", "").split()),
            tuple(row.get("may", "").split()),
            row.get("within", False),
        )
        for name, row in _read()["acts"].items()
    }


def absent() -> dict[str, str]:
    """Return what the actions that do not act do on AWS, by name."""
    found: dict[str, str] = _read()["absent"]
    return found
