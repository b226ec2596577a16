"""Rules about one number of a table or of a column."""

import re
from collections.abc import Callable

from localaws.quality.dataset import PRIMARY, Dataset, quoted
from localaws.quality.errors import RuleFailed
from localaws.quality.outcome import Outcome, judged, measured, not_met
from localaws.quality.ruleset import Condition, Number, Rule

_ALL = Condition("=", (Number(1.0),))
# The share of values that are there once, and what else is said of how often each is.
_COUNTED = (
    "SELECT count(*) FILTER (n = 1), count(*), sum(n), "
    "-sum((n / total) * ln(n / total)) "
    "FROM (SELECT count(*) AS n, sum(count(*)) OVER () AS total FROM {rows} "
    "WHERE {known} GROUP BY {columns})"
)
_STATISTICS = {
    "Mean": "avg({})",
    "Sum": "sum({})",
    "StandardDeviation": "stddev_pop({})",
}


def _condition(rule: Rule) -> Condition:
    assert rule.condition is not None
    return rule.condition


def row_count(data: Dataset, rule: Rule) -> Outcome:
    """RowCount."""
    count = data.row(f"SELECT count(*) FROM {data.rows(rule.where)}")[0]
    return measured("Dataset.*.RowCount", count, _condition(rule))


def column_count(data: Dataset, rule: Rule) -> Outcome:
    """ColumnCount."""
    count = len(data.columns())
    return measured("Dataset.*.ColumnCount", count, _condition(rule))


def column_exists(data: Dataset, rule: Rule) -> Outcome:
    """ColumnExists."""
    name = rule.parameters[0]
    there = name.lower() in data.columns()
    message = "" if there else f"Input data does not include column {name}!"
    return judged(there, message, {f"Dataset.{name}.ColumnExists": float(there)})


def names_match(data: Dataset, rule: Rule) -> Outcome:
    """ColumnNamesMatchPattern."""
    pattern = re.compile(rule.parameters[0])
    names = list(data.columns())
    other = [name for name in names if not pattern.fullmatch(name)]
    share = (len(names) - len(other)) / len(names)
    message = f"Columns that do not match the pattern: {', '.join(other)}"
    return judged(not other, message, {"Dataset.*.ColumnNamesPatternMatchRatio": share})


def completeness(data: Dataset, rule: Rule) -> Outcome:
    """Completeness and IsComplete."""
    name = rule.parameters[0]
    share = _complete(data, name, rule.where)
    metric = f"Column.{name}.Completeness"
    return measured(metric, share, rule.condition or _ALL)


def _complete(data: Dataset, name: str, where: str | None) -> float | None:
    column = data.need(name)
    sql = f"SELECT count({column}) / nullif(count(*), 0) FROM {data.rows(where)}"
    found: float | None = data.row(sql)[0]
    return found


def _counted(data: Dataset, names: tuple[str, ...], where: str | None) -> tuple:
    columns = [data.need(name) for name in names]
    known = " OR ".join(f"{column} IS NOT NULL" for column in columns)
    rows = data.rows(where)
    return data.row(_COUNTED.format(rows=rows, known=known, columns=", ".join(columns)))


def _scope(names: tuple[str, ...]) -> str:
    return f"{'Column' if len(names) == 1 else 'Multicolumn'}.{','.join(names)}"


def uniqueness(data: Dataset, rule: Rule) -> Outcome:
    """Uniqueness and IsUnique."""
    once, _, total, _ = _counted(data, rule.parameters, rule.where)
    share = once / float(total) if total else None
    metric = f"{_scope(rule.parameters)}.Uniqueness"
    return measured(metric, share, rule.condition or _ALL)


def primary_key(data: Dataset, rule: Rule) -> Outcome:
    """IsPrimaryKey: complete and unique."""
    names = rule.parameters
    once, _, total, _ = _counted(data, names, rule.where)
    unique = once / float(total) if total else 0.0
    metrics = {f"{_scope(names)}.Uniqueness": unique}
    shares = [unique]
    for name in names:
        shares.append(_complete(data, name, rule.where) or 0.0)
        metrics[f"Column.{name}.Completeness"] = shares[-1]
    messages = [not_met(share) for share in shares if share < 1]
    return judged(not messages, "\n".join(messages), metrics)


def distinct(data: Dataset, rule: Rule) -> Outcome:
    """DistinctValuesCount."""
    _, values, _, _ = _counted(data, rule.parameters, rule.where)
    metric = f"Column.{rule.parameters[0]}.DistinctValuesCount"
    return measured(metric, values, _condition(rule))


def unique_ratio(data: Dataset, rule: Rule) -> Outcome:
    """UniqueValueRatio: values that are there once, of the distinct ones."""
    once, values, _, _ = _counted(data, rule.parameters, rule.where)
    metric = f"Column.{rule.parameters[0]}.UniqueValueRatio"
    return measured(metric, once / values if values else None, _condition(rule))


def entropy(data: Dataset, rule: Rule) -> Outcome:
    """Entropy, by the natural logarithm."""
    found = _counted(data, rule.parameters, rule.where)[3]
    metric = f"Column.{rule.parameters[0]}.Entropy"
    return measured(metric, found, _condition(rule))


def statistic(data: Dataset, rule: Rule) -> Outcome:
    """Mean, Sum and StandardDeviation, without nulls."""
    name = rule.parameters[0]
    column = _numbers(data, name)
    asked = _STATISTICS[rule.kind].format(f"CAST({column} AS DOUBLE)")
    found = data.row(f"SELECT {asked} FROM {data.rows(rule.where)}")[0]
    return measured(f"Column.{name}.{rule.kind}", found, _condition(rule))


def correlation(data: Dataset, rule: Rule) -> Outcome:
    """ColumnCorrelation, by Pearson."""
    first, second = (_numbers(data, name) for name in rule.parameters)
    found = data.row(
        f"SELECT corr(CAST({first} AS DOUBLE), CAST({second} AS DOUBLE)) "
        f"FROM {data.rows(rule.where)}"
    )[0]
    metric = f"Multicolumn.{','.join(rule.parameters)}.ColumnCorrelation"
    return measured(metric, found, _condition(rule))


def _numbers(data: Dataset, name: str) -> str:
    column = data.need(name)
    if not data.is_number(name):
        kind = data.columns()[name.lower()]
        raise RuleFailed(
            f"Expected type of column {name} to be one of the numeric types, "
            f"but found {kind} instead!"
        )
    return column


def counted_rows(data: Dataset, alias: str = PRIMARY) -> int:
    """Return how many rows a table has."""
    table = quoted(alias) if alias == PRIMARY else data.reference(alias)
    return int(data.row(f"SELECT count(*) FROM {table}")[0])


MEASURES: dict[str, Callable[[Dataset, Rule], Outcome]] = {
    "ColumnCorrelation": correlation,
    "ColumnCount": column_count,
    "ColumnExists": column_exists,
    "ColumnNamesMatchPattern": names_match,
    "Completeness": completeness,
    "DistinctValuesCount": distinct,
    "Entropy": entropy,
    "IsComplete": completeness,
    "IsPrimaryKey": primary_key,
    "IsUnique": uniqueness,
    "Mean": statistic,
    "RowCount": row_count,
    "StandardDeviation": statistic,
    "Sum": statistic,
    "UniqueValueRatio": unique_ratio,
    "Uniqueness": uniqueness,
}
