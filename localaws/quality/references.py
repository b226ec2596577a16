"""Rules that compare the table with others."""

from collections.abc import Callable

from localaws.quality.dataset import PRIMARY, Dataset, quoted
from localaws.quality.errors import RuleFailed
from localaws.quality.measures import counted_rows
from localaws.quality.mentions import AGGREGATE, target
from localaws.quality.outcome import Outcome, measured
from localaws.quality.ruleset import Rule


def _measured(name: str, value: float | None, rule: Rule) -> Outcome:
    assert rule.condition is not None
    return measured(name, value, rule.condition)


def _ratio(first: float | None, second: float | None) -> float | None:
    if first is None or not second:
        return None
    return float(first) / float(second)


def row_count_match(data: Dataset, rule: Rule) -> Outcome:
    """RowCountMatch: rows here for each row there."""
    alias = rule.parameters[0]
    found = _ratio(counted_rows(data), counted_rows(data, alias))
    return _measured(f"Dataset.{alias}.RowCountMatch", found, rule)


def schema_match(data: Dataset, rule: Rule) -> Outcome:
    """SchemaMatch: columns of the same name and type, of those of the wider table."""
    alias = rule.parameters[0]
    data.reference(alias)
    here, there = data.columns(), data.columns(alias)
    same = sum(there.get(name) == kind for name, kind in here.items())
    share = same / max(len(here), len(there))
    return _measured(f"Dataset.{alias}.SchemaMatch", share, rule)


def referential_integrity(data: Dataset, rule: Rule) -> Outcome:
    """ReferentialIntegrity: the share of rows whose values are there too."""
    found = target(rule.parameters[1])
    if found is None:
        raise RuleFailed(f"{rule.parameters[1]} names no columns of a dataset.")
    alias, others = found
    table = data.reference(alias)
    names = [one.strip() for one in rule.parameters[0].split(",")]
    if len(names) != len(others):
        raise RuleFailed("The two lists of columns are not of the same length.")
    pairs = [
        (data.need(name), data.need(other, alias))
        for name, other in zip(names, others, strict=True)
    ]
    test = " AND ".join(f"p.{here} = r.{there}" for here, there in pairs)
    return _measured(
        f"Column.{alias}.ReferentialIntegrity", _share(data, table, test, rule), rule
    )


def dataset_match(data: Dataset, rule: Rule) -> Outcome:
    """DatasetMatch: the share of rows that are the same there, by their keys."""
    alias = rule.parameters[0]
    table = data.reference(alias)
    keys = _pairs(data, alias, rule.parameters[1])
    if len(rule.parameters) > 2:
        others = _pairs(data, alias, rule.parameters[2])
    else:
        known = {here for here, _ in keys}
        rest = [name for name in data.columns() if quoted(name) not in known]
        others = _pairs(data, alias, ",".join(rest)) if rest else []
    for source, columns in (
        (quoted(PRIMARY), [here for here, _ in keys]),
        (table, [there for _, there in keys]),
    ):
        _check_key(data, source, columns)
    join = " AND ".join(f"p.{here} = r.{there}" for here, there in keys)
    same = [f"p.{here} IS NOT DISTINCT FROM r.{there}" for here, there in others]
    test = " AND ".join([join, *same])
    return _measured(
        f"Dataset.{alias}.DatasetMatch", _share(data, table, test, rule), rule
    )


def _share(data: Dataset, table: str, test: str, rule: Rule) -> float | None:
    """Return the share of rows for which there is one in another table."""
    found: float | None = data.row(
        f"SELECT count(*) FILTER (EXISTS (SELECT 1 FROM {table} AS r WHERE {test})) "
        f"/ nullif(count(*), 0) FROM {data.rows(rule.where)} AS p"
    )[0]
    return found


def _check_key(data: Dataset, source: str, columns: list[str]) -> None:
    listed = ", ".join(columns)
    empty = " OR ".join(f"{column} IS NULL" for column in columns)
    rows, keys, nulls = data.row(
        f"SELECT count(*), count(DISTINCT ({listed})), count(*) FILTER ({empty}) "
        f"FROM {source}"
    )
    if nulls or keys < rows:
        raise RuleFailed("Provided key map not suitable for given data frames.")


def _pairs(data: Dataset, alias: str, mapping: str) -> list[tuple[str, str]]:
    found = []
    for one in mapping.split(","):
        here, arrow, there = (part.strip() for part in one.partition("->"))
        found.append((data.need(here), data.need(there if arrow else here, alias)))
    return found


def aggregate_match(data: Dataset, rule: Rule) -> Outcome:
    """AggregateMatch: one sum or average for each of another."""
    first, second = (_aggregate(data, one) for one in rule.parameters)
    metric = f"Dataset.{','.join(rule.parameters)}.AggregateMatch"
    return _measured(metric, _ratio(first, second), rule)


def _aggregate(data: Dataset, text: str) -> float | None:
    found = AGGREGATE.fullmatch(text)
    if found is None:
        raise RuleFailed(f"{text} is no sum or avg of a column.")
    alias, _, name = found[2].rpartition(".")
    table = data.reference(alias) if alias else quoted(PRIMARY)
    column = data.need(name, alias or PRIMARY)
    if not data.is_number(name, alias or PRIMARY):
        raise RuleFailed(f"Column {name} is not a number.")
    value: float | None = data.row(
        f"SELECT {found[1]}(CAST({column} AS DOUBLE)) FROM {table}"
    )[0]
    return value


COMPARISONS: dict[str, Callable[[Dataset, Rule], Outcome]] = {
    "AggregateMatch": aggregate_match,
    "DatasetMatch": dataset_match,
    "ReferentialIntegrity": referential_integrity,
    "RowCountMatch": row_count_match,
    "SchemaMatch": schema_match,
}
