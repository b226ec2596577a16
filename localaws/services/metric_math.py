"""CloudWatch metric math: arithmetic and functions over series of datapoints."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError, NotImplementedHere


@dataclass(frozen=True)
class Series:
    """Datapoints by their second.

    Attributes:
        points: The values.
        period: Seconds from one to the next.
        label: What names it in an answer.
        start: First second that was asked for.
        end: Second after the last.
        metric: Whether it is a metric, and no expression of any.
    """

    points: Mapping[int, float]
    period: int
    label: str
    start: float
    end: float
    metric: bool = False

    def over(self, points: Mapping[int, float]) -> "Series":
        """Return other datapoints of the same time."""
        return Series(points, self.period, self.label, self.start, self.end)

    @property
    def seconds(self) -> range:
        """The first second of every period, with data or without."""
        first = int(self.start // self.period) * self.period
        return range(first, math.ceil(self.end), self.period)


Value = float | Series | list[Series]


def evaluate(name: str, expression: str, found: Mapping[str, Series]) -> Series:
    """Return the series that an expression gives.

    Args:
        name: Id of the query, for messages.
        expression: Such as `100 * errors / calls`.
        found: The series that it may name.

    Raises:
        AwsError: The expression is wrong, or gives a number only.
        NotImplementedHere: It uses a function that does not act here.
    """
    if expression.lstrip().upper().startswith(("SELECT", "SEARCH")):
        raise NotImplementedHere(f"cloudwatch expression {expression}", "is a search")
    text = expression.replace("^", "**").replace("&&", " and ").replace("||", " or ")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        value = _Evaluation(expression, found).of(tree)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError) as error:
        raise _wrong(name, str(error)) from error
    if isinstance(value, Series):
        return Series(value.points, value.period, name, value.start, value.end)
    raise _wrong(name, "it does not give a single time series")


def _wrong(name: str, why: str) -> AwsError:
    return AwsError("ValidationError", f"Error in expression '{name}': {why}")


def _divide(one: float, other: float) -> float | None:
    return one / other if other else None


def _power(one: float, other: float) -> float | None:
    try:
        return math.pow(one, other)
    except (ValueError, OverflowError):
        return None


_BINARY: dict[type, Callable[[float, float], float | None]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.Pow: _power,
    ast.Gt: lambda a, b: float(a > b),
    ast.GtE: lambda a, b: float(a >= b),
    ast.Lt: lambda a, b: float(a < b),
    ast.LtE: lambda a, b: float(a <= b),
    ast.Eq: lambda a, b: float(a == b),
    ast.NotEq: lambda a, b: float(a != b),
    ast.And: lambda a, b: float(bool(a) and bool(b)),
    ast.Or: lambda a, b: float(bool(a) or bool(b)),
}
_EACH: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
    "LOG": math.log,
    "LOG10": math.log10,
}
_ALL: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


class _Evaluation:
    """The value of one expression's parts."""

    def __init__(self, expression: str, found: Mapping[str, Series]) -> None:
        self._expression = expression
        self._found = found

    def of(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in self._found:
            return self._found[node.id]
        if isinstance(node, ast.List):
            return [self._series(part) for part in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return _combine(operator.mul, -1.0, self.of(node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self.of(node.left), self.of(node.right)
            return _combine(_BINARY[type(node.op)], left, right)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = self.of(node.left), self.of(node.comparators[0])
            return _combine(_BINARY[type(node.ops[0])], left, right)
        if isinstance(node, ast.BoolOp):
            value = self.of(node.values[0])
            for part in node.values[1:]:
                value = _combine(_BINARY[type(node.op)], value, self.of(part))
            return value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id, node.args)
        raise AwsError(
            "ValidationError",
            f"Error in expression '{self._expression}': unknown {ast.unparse(node)!r}",
        )

    def _series(self, node: ast.expr) -> Series:
        value = self.of(node)
        if isinstance(value, Series):
            return value
        raise AwsError("ValidationError", f"{ast.unparse(node)} is not a time series.")

    def _call(self, name: str, given: list[ast.expr]) -> Value:
        if name == "METRICS" and not given:
            return [one for one in self._found.values() if one.metric]
        if name == "IF" and len(given) in (2, 3):
            return self._if([self.of(part) for part in given])
        if name == "FILL" and len(given) == 2:
            return self._fill(self._series(given[0]), given[1])
        if name in _ALL and len(given) == 1:
            return _aggregate(_ALL[name], self.of(given[0]))
        if name in _EACH and len(given) == 1:
            series = self._series(given[0])
            change = _EACH[name]
            return series.over({s: float(change(v)) for s, v in series.points.items()})
        if name == "PERIOD" and len(given) == 1:
            return float(self._series(given[0]).period)
        if name in ("DIFF", "RATE", "RUNNING_SUM") and len(given) == 1:
            return _running(name, self._series(given[0]))
        raise NotImplementedHere(
            f"cloudwatch expression {self._expression}", f"computes {name}"
        )

    def _fill(self, series: Series, node: ast.expr) -> Series:
        repeat = isinstance(node, ast.Name) and node.id == "REPEAT"
        if isinstance(node, ast.Name) and not repeat and node.id not in self._found:
            raise NotImplementedHere(
                f"cloudwatch expression {self._expression}", f"fills by {node.id}"
            )
        last, filled = None, {}
        value = None if repeat else self.of(node)
        for second in series.seconds:
            other = last if repeat else _at(value, second)
            last = series.points.get(second, other)
            if last is not None:
                filled[second] = last
        return series.over(filled)

    def _if(self, parts: list[Value]) -> Series:
        model = next((part for part in parts if isinstance(part, Series)), None)
        if model is None:
            raise AwsError("ValidationError", "IF needs a time series.")
        chosen = {}
        for second in model.seconds:
            condition = _at(parts[0], second)
            if condition is not None:
                rest = [*parts[1:], None]
                value = _at(rest[0] if condition else rest[1], second)
                if value is not None:
                    chosen[second] = value
        return model.over(chosen)


def _at(value: Any, second: int) -> float | None:
    return value.points.get(second) if isinstance(value, Series) else value


def _combine(
    operate: Callable[[float, float], float | None], one: Value, other: Value
) -> Value:
    """Combine two values second by second; both must have a datapoint there."""
    if isinstance(one, list) or isinstance(other, list):
        raise AwsError("ValidationError", "An array cannot be part of arithmetic.")
    model = next((v for v in (one, other) if isinstance(v, Series)), None)
    if model is None:
        value = operate(one, other)
        if value is None:
            raise ZeroDivisionError("division by zero")
        return value
    found = {}
    seconds = {s for v in (one, other) if isinstance(v, Series) for s in v.points}
    for second in sorted(seconds):
        left, right = _at(one, second), _at(other, second)
        if left is not None and right is not None:
            value = operate(left, right)
            if value is not None:
                found[second] = value
    return model.over(found)


def _aggregate(combine: Callable[[list[float]], float], value: Value) -> Value:
    """Return a number of a series' values, or a series of several series."""
    if isinstance(value, Series):
        return float(combine([*value.points.values()])) if value.points else 0.0
    if not isinstance(value, list) or not value:
        raise AwsError("ValidationError", "An aggregate needs a time series.")
    seconds = sorted({second for series in value for second in series.points})
    return value[0].over(
        {
            second: float(
                combine([s.points[second] for s in value if second in s.points])
            )
            for second in seconds
        }
    )


def _running(name: str, series: Series) -> Series:
    found, total, before = {}, 0.0, None
    for second, value in sorted(series.points.items()):
        total += value
        if name == "RUNNING_SUM":
            found[second] = total
        elif before is not None:
            change = value - before[1]
            found[second] = change / (second - before[0]) if name == "RATE" else change
        before = (second, value)
    return series.over(found)


def names(expression: str) -> set[str]:
    """Return the ids that an expression could mean."""
    return set(re.findall(r"\b[a-z]\w*", expression))
