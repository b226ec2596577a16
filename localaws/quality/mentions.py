"""The other datasets that a rule speaks of, by alias or as `database.table`."""

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from localaws.quality.ruleset import Rule

AGGREGATE = re.compile(r"\s*(sum|avg)\s*\(\s*(.+?)\s*\)\s*", re.IGNORECASE)
_COLUMNS = re.compile(r"(.+)\.(?:\{(.+)\}|([^.{}]+))")
_FIRST = ("RowCountMatch", "SchemaMatch", "DatasetMatch")


def mentioned(rule: Rule) -> set[str]:
    """Return the datasets beside the primary one that a rule needs."""
    if rule.kind in _FIRST:
        return {rule.parameters[0]}
    if rule.kind == "ReferentialIntegrity":
        found = target(rule.parameters[1])
        return {found[0]} if found else set()
    if rule.kind == "AggregateMatch":
        columns = [AGGREGATE.fullmatch(one) for one in rule.parameters]
        named = {one[2].rpartition(".")[0] for one in columns if one}
        return named - {""}
    if rule.kind == "CustomSql":
        return _queried(rule.parameters[0])
    return set()


def target(text: str) -> tuple[str, list[str]] | None:
    """Return the alias and the columns of `alias.column` or `alias.{a,b}`."""
    found = _COLUMNS.fullmatch(text.strip())
    if found is None:
        return None
    return found[1], [one.strip() for one in (found[2] or found[3]).split(",")]


def _queried(sql: str) -> set[str]:
    try:
        tree = sqlglot.parse_one(sql, dialect="spark")
    except ParseError:
        return set()
    return {
        f"{one.db}.{one.name}" if one.db else one.name
        for one in tree.find_all(exp.Table)
    }
