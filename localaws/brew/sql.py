"""Expressions in Spark SQL, evaluated by DuckDB over the columns of the data."""

import json
import re
from typing import Any

import pandas as pd

from localaws.brew.errors import BrewError
from localaws.brew.frames import normal
from localaws.brew.step import Step

_COLUMN = re.compile(r"`[^`]+`")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class Aggregates:
    """The results of `withExpressions`, by name.

    Args:
        values: Each as SQL.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def filled(self, text: str) -> str:
        """Return an expression with `:name` replaced by its result."""
        for name in sorted(self._values, key=len, reverse=True):
            for form in (f"`:{name}`", f":{name}"):
                text = text.replace(form, self._values[name])
        return text


def aggregates(step: Step) -> Aggregates:
    """Return the aggregates that a step names."""
    found = {}
    for one in (
        step.listed("withExpressions") if "withExpressions" in step.given else ()
    ):
        if one.get("type") != "aggregate":
            raise BrewError(f"withExpressions {one.get('name')}: type is aggregate.")
        value = evaluate(step.frame, str(one["value"]), whole=True).iloc[0]
        found[str(one["name"])] = _literal(value)
    return Aggregates(found)


def _literal(value: Any) -> str:
    if pd.isna(value):
        return "NULL"
    value = value.item() if hasattr(value, "item") else value
    return json.dumps(value) if isinstance(value, int | float) else quoted(str(value))


def quoted(text: str) -> str:
    """Return a string in Spark SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def operand(text: str) -> str:
    """Return a value expression as SQL: a column, a number, or else a string."""
    if _COLUMN.fullmatch(text) or _NUMBER.fullmatch(text) or text == "NULL":
        return text
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
    return quoted(bare)


def evaluate(frame: pd.DataFrame, text: str, *, whole: bool = False) -> pd.Series:
    """Return the values of an expression.

    Args:
        frame: The data.
        text: Spark SQL.
        whole: Whether it is one value for all rows.

    Raises:
        BrewError: It cannot be evaluated.
    """
    import duckdb
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        asked = sqlglot.parse_one(f"SELECT {text} AS value FROM data", read="spark")
        local = asked.sql(dialect="duckdb")
    except (SqlglotError, ValueError) as error:
        raise BrewError(f"The expression {text!r} cannot be read: {error}") from error
    with duckdb.connect() as connection:
        connection.execute("SET enable_external_access = false")
        connection.register("data", frame)
        try:
            found = connection.execute(local).to_arrow_table().to_pandas()
        except duckdb.Error as error:
            raise BrewError(f"The expression {text!r} fails: {error}") from error
    if len(found) != (1 if whole else len(frame)):
        raise BrewError(f"The expression {text!r} does not give one value a row.")
    made = normal(found)["value"]
    return made if whole else made.set_axis(frame.index)
