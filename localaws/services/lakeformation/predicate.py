"""Row filter expressions: comparisons of columns with constants, and nothing else."""

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from localaws.errors import NotImplementedHere
from localaws.limits import limit
from localaws.services.lakeformation.errors import invalid

_TEXTS = ("string", "char", "varchar")
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def check(text: str, types: dict[str, str], keys: set[str]) -> str:
    """Return a row filter expression that can be evaluated.

    Args:
        text: The expression.
        types: Type of each column of the table.
        keys: Those that are partition keys.

    Raises:
        AwsError: It is not one.
        NotImplementedHere: It speaks of a nested column.
    """
    most = limit("lakeformation", "expression_characters")
    if len(text) >= most:
        raise invalid(f"The expression is not shorter than {most} characters.")
    try:
        tree = sqlglot.parse_one(f"SELECT 1 FROM t WHERE {text}", dialect="athena")
    except SqlglotError as error:
        raise invalid(f"The expression cannot be parsed: {text}") from error
    where = tree.args.get("where") if isinstance(tree, exp.Select) else None
    whole = {name for name, value in tree.args.items() if value}
    if where is None or not whole <= {"kind", "expressions", "from_", "where"}:
        raise invalid(f"The expression cannot be parsed: {text}")
    _condition(where.this, types, keys)
    return text


def _condition(node: exp.Expression, types: dict[str, str], keys: set[str]) -> None:
    if isinstance(node, exp.Paren | exp.Not):
        _condition(node.this, types, keys)
    elif isinstance(node, exp.And | exp.Or):
        _condition(node.this, types, keys)
        _condition(node.expression, types, keys)
    elif isinstance(node, exp.Boolean):
        return
    elif isinstance(node, exp.Is):
        name, _ = _column(node.this, types)
        if name in keys:
            raise invalid(f"IS NULL cannot be asked of the partition column {name}.")
        if not isinstance(node.expression, exp.Null):
            raise invalid(f"{node.sql('athena')}: IS compares with NULL alone.")
    else:
        column, constants = _simple(node)
        name, kind = _column(column, types)
        if isinstance(node, exp.Like) and kind not in _TEXTS:
            raise invalid(f"LIKE cannot be asked of {name}, which is no text.")
        for constant in constants:
            _fits(constant, name, kind)


def _simple(node: exp.Expression) -> tuple[exp.Expression, list[exp.Expression]]:
    """Return the two sides of a simple expression."""
    if isinstance(node, exp.Between):
        return node.this, [node.args["low"], node.args["high"]]
    if isinstance(node, exp.In) and node.expressions:
        return node.this, node.expressions
    if isinstance(node, (*_COMPARISONS, exp.Like)):
        return node.this, [node.expression]
    raise invalid(f"{node.sql('athena')} is not supported in a row filter expression.")


def _column(node: exp.Expression, types: dict[str, str]) -> tuple[str, str]:
    if isinstance(node, exp.Dot) or (isinstance(node, exp.Column) and node.table):
        raise NotImplementedHere(
            f"lakeformation: row filter on {node.sql('athena')}",
            "looks into nested columns",
        )
    if not isinstance(node, exp.Column):
        raise invalid(f"{node.sql('athena')}: a comparison begins with a column.")
    name = node.name.lower()
    if name not in types:
        raise invalid(f"The column {name} of the row filter does not exist.")
    kind = re.split(r"[(<]", types[name].lower())[0]
    if kind not in (*_TEXTS, *_NUMBERS, "boolean"):
        raise invalid(
            f"The type {types[name]} of column {name} is not supported in row filters."
        )
    return name, kind


def _fits(node: exp.Expression, name: str, kind: str) -> None:
    value = node.this if isinstance(node, exp.Neg) else node
    if isinstance(value, exp.Boolean):
        fits = kind == "boolean"
    elif isinstance(value, exp.Literal):
        fits = kind in (_TEXTS if value.is_string else _NUMBERS)
    else:
        raise invalid(f"{node.sql('athena')}: columns are compared with constants.")
    if not fits or (isinstance(node, exp.Neg) and kind not in _NUMBERS):
        raise invalid(f"{node.sql('athena')} is not of the type {kind} of {name}.")
