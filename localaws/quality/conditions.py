"""Conditions of rules, held against a number."""

import operator
from collections.abc import Callable

from localaws.quality.errors import RuleBroken
from localaws.quality.ruleset import Binary, Condition, Duration, Number, Operand, Text

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def number(operand: Operand) -> float:
    """Return the number that an operand is; time spans are seconds.

    Raises:
        RuleBroken: It is none.
    """
    if isinstance(operand, Number):
        return operand.value
    if isinstance(operand, Duration):
        return operand.seconds
    if isinstance(operand, Text):
        return float(operand.value)
    if isinstance(operand, Binary):
        left, right = number(operand.left), number(operand.right)
        return _ARITHMETIC[operand.sign](left, right)
    raise RuleBroken(f"{operand} is not a number")


def holds(condition: Condition, value: float) -> bool:
    """Return whether a number meets a condition.

    `between` leaves its bounds out, as AWS documents.
    """
    bounds = [number(one) for one in condition.operands]
    if condition.operator == "between":
        met = bounds[0] < value < bounds[1]
    elif condition.operator == "in":
        met = value in bounds
    else:
        met = COMPARE[condition.operator](value, bounds[0])
    return met != condition.negated
