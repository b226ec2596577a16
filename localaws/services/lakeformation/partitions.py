"""Which partitions of a table may hold a row that a principal sees."""

import sqlglot
from sqlglot import exp

from localaws.services.lakeformation.sight import Sight

_TEXTS = ("string", "char", "varchar")
Value = str | float | bool


def may_hold(sight: Sight, keys: list[tuple[str, str]], values: list[str]) -> bool:
    """Return whether a partition can hold a row that is seen.

    Args:
        sight: What the principal sees.
        keys: Names and types of the partition keys.
        values: Of the partition.
    """
    known = {
        name.lower(): _typed(value, kind)
        for (name, kind), value in zip(keys, values, strict=True)
    }
    return any(
        cell.rows is None or _truth(_parsed(cell.rows), known) is not False
        for cell in sight.cells
    )


def _parsed(text: str) -> exp.Expression:
    tree = sqlglot.parse_one(f"SELECT 1 FROM t WHERE {text}", dialect="athena")
    found: exp.Expression = tree.args["where"].this
    return found


def _typed(value: str, kind: str) -> Value:
    if kind.lower().partition("(")[0] in _TEXTS:
        return value
    if kind.lower() == "boolean":
        return value.lower() == "true"
    try:
        return float(value)
    except ValueError:
        return value


def _truth(node: exp.Expression, known: dict[str, Value]) -> bool | None:
    """Return whether a condition holds; None if that hangs on what is in the rows."""
    if isinstance(node, exp.Paren):
        return _truth(node.this, known)
    if isinstance(node, exp.Not):
        inner = _truth(node.this, known)
        return None if inner is None else not inner
    if isinstance(node, exp.And | exp.Or):
        sides = {_truth(node.this, known), _truth(node.expression, known)}
        decides = isinstance(node, exp.Or)
        if decides in sides:
            return decides
        return None if None in sides else not decides
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return _compared(node, known)


def _compared(node: exp.Expression, known: dict[str, Value]) -> bool | None:
    value = known.get(node.this.name.lower())
    if value is None or isinstance(node, exp.Is | exp.Like):
        return None
    try:
        if isinstance(node, exp.Between):
            low, high = _constant(node.args["low"]), _constant(node.args["high"])
            return low <= value <= high  # type: ignore[operator]
        if isinstance(node, exp.In):
            return value in [_constant(one) for one in node.expressions]
        return _RELATIONS[type(node)](value, _constant(node.expression))
    except TypeError:
        return None


def _constant(node: exp.Expression) -> Value:
    if isinstance(node, exp.Neg):
        return -float(node.this.name)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return node.name if node.is_string else float(node.name)


_RELATIONS = {
    exp.EQ: lambda value, other: value == other,
    exp.NEQ: lambda value, other: value != other,
    exp.GT: lambda value, other: value > other,
    exp.GTE: lambda value, other: value >= other,
    exp.LT: lambda value, other: value < other,
    exp.LTE: lambda value, other: value <= other,
}
