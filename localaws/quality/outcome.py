"""What became of a rule."""

from dataclasses import dataclass, field
from typing import Literal

from localaws.quality.conditions import holds
from localaws.quality.ruleset import Condition

Result = Literal["PASS", "FAIL", "ERROR"]
_NOT_MET = "Value: {} does not meet the constraint requirement!"


@dataclass(frozen=True)
class Outcome:
    """The result of one rule.

    Attributes:
        result: Whether it holds.
        message: Why not.
        metrics: What was measured, by AWS's names.
    """

    result: Result
    message: str = ""
    metrics: dict[str, float] = field(default_factory=dict)


def not_met(value: object) -> str:
    """Return AWS's words for a value that does not meet its rule."""
    return _NOT_MET.format(value)


def judged(
    fine: bool, message: str, metrics: dict[str, float] | None = None
) -> Outcome:
    """Return the outcome of a rule that was evaluated."""
    return Outcome("PASS" if fine else "FAIL", "" if fine else message, metrics or {})


def measured(name: str, value: float | None, condition: Condition) -> Outcome:
    """Hold a number against a condition.

    Args:
        name: Of the metric, such as `Column.id.Completeness`.
        value: None if there was nothing to measure.
        condition: What it has to meet.
    """
    if value is None:
        kind = name.rpartition(".")[2]
        return Outcome(
            "FAIL",
            f"Empty state for analyzer {kind}, all input values were NULL.",
        )
    found = float(value)
    return judged(holds(condition, found), not_met(found), {name: found})
