"""Rules that the data as they are would pass: the start of a ruleset."""

import math
from collections.abc import Iterator

from localaws.quality.dataset import PRIMARY, Dataset, quoted

# Values that a column may have for a rule that lists them, and their share of the rows.
_MOST_VALUES, _MOST_SHARE = 20, 0.1
_NINETY_FIVE_PER_CENT = 1.96
_SPREAD = 0.05


def recommended(data: Dataset) -> str:
    """Return a ruleset in DQDL."""
    rows = int(data.row(f"SELECT count(*) FROM {quoted(PRIMARY)}")[0])
    rules = [f"RowCount between {rows // 2} and {rows * 2}"]
    for name in data.columns():
        rules += _of_column(data, name, rows)
    return "Rules = [\n" + ",\n".join(f"    {rule}" for rule in rules) + "\n]"


def _of_column(data: Dataset, name: str, rows: int) -> Iterator[str]:
    column, shown = quoted(name), f'"{name}"'
    known, values = data.row(
        f"SELECT count({column}), count(DISTINCT {column}) FROM {quoted(PRIMARY)}"
    )
    if not known:
        return
    if known == rows:
        yield f"IsComplete {shown}"
    else:
        yield f"Completeness {shown} >= {_least(known / rows, rows):.2f}"
    if values == known == rows and rows > 1:
        yield f"Uniqueness {shown} > 0.95"
    if data.is_number(name):
        yield from _of_numbers(data, name)
    if data.columns()[name] != "VARCHAR" and not data.is_number(name):
        return
    if values <= _MOST_VALUES and values <= _MOST_SHARE * rows:
        found = data.all(
            f"SELECT CAST({column} AS VARCHAR) FROM {quoted(PRIMARY)} "
            f"WHERE {column} IS NOT NULL GROUP BY {column} "
            f"ORDER BY count(*) DESC, {column}"
        )
        listed = ", ".join('"' + one[0].replace('"', '\\"') + '"' for one in found)
        if known == rows:
            yield f"ColumnValues {shown} in [{listed}]"
        else:
            share = _least(known / rows, rows)
            yield f"ColumnValues {shown} in [{listed}] with threshold >= {share:.2f}"
    elif not data.is_number(name):
        least, most = data.row(
            f"SELECT min(length({column})), max(length({column})) "
            f"FROM {quoted(PRIMARY)}"
        )
        if known == rows:
            yield f"ColumnLength {shown} between {least - 1} and {most + 1}"


def _of_numbers(data: Dataset, name: str) -> Iterator[str]:
    column, shown = quoted(name), f'"{name}"'
    spread, least, most, known, rows = data.row(
        f"SELECT stddev_pop({column}::DOUBLE), min({column})::DOUBLE, "
        f"max({column})::DOUBLE, count({column}), count(*) FROM {quoted(PRIMARY)}"
    )
    if spread:
        low, high = spread * (1 - _SPREAD), spread * (1 + _SPREAD)
        yield f"StandardDeviation {shown} between {low:.2f} and {high:.2f}"
    if known == rows:
        yield f"ColumnValues {shown} between {_whole(least - 1)} and {_whole(most + 1)}"


def _least(share: float, rows: int) -> float:
    """Return the lower end of a share's confidence interval, rounded down."""
    found = share - _NINETY_FIVE_PER_CENT * math.sqrt(share * (1 - share) / rows)
    return max(0.0, math.floor(found * 100) / 100)


def _whole(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
