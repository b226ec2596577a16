"""Vectors as Spark ML has them: sparse or dense, in Parquet a struct of four."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from localaws.wrangler.errors import FlowError

MEMBERS = ("type", "size", "indices", "values")
_SPARSE, _DENSE = 0, 1


class Vector(dict[str, Any]):
    """One vector, with the members that Spark writes to Parquet."""

    def __str__(self) -> str:
        values = f"[{','.join(repr(float(v)) for v in self['values'])}]"
        if self["type"] == _DENSE:
            return values
        indices = ",".join(str(int(index)) for index in self["indices"])
        return f"({self['size']},[{indices}],{values})"


def sparse(size: int, entries: Mapping[int, float]) -> Vector:
    """Return a vector of zeros but for some entries."""
    indices = sorted(entries)
    values = [float(entries[index]) for index in indices]
    return Vector(type=_SPARSE, size=size, indices=indices, values=values)


def compressed(values: Sequence[float]) -> Vector:
    """Return a vector in the form that takes less room, as Spark chooses it."""
    entries = {index: value for index, value in enumerate(values) if value != 0}
    if 1.5 * (len(entries) + 1) < len(values):
        return sparse(len(values), entries)
    found = [float(value) for value in values]
    return Vector(type=_DENSE, size=None, indices=None, values=found)


def assemble(columns: Iterable[pd.Series]) -> pd.Series:
    """Return the vectors of numeric columns; what is missing is NaN in them."""
    table = pd.concat([column.astype("float64") for column in columns], axis=1)
    vectors = [compressed(row) for row in table.to_numpy().tolist()]
    return pd.Series(vectors, index=table.index, dtype=object)


def restored(series: pd.Series) -> pd.Series:
    """Return a column with structs of a vector's members made vectors."""
    first = next((value for value in series if value is not None), None)
    if not isinstance(first, dict) or set(first) != set(MEMBERS):
        return series
    return series.map(_restored).astype(object)


def _restored(value: Any) -> Vector | None:
    if value is None:
        return None
    lists = {k: None if value[k] is None else list(value[k]) for k in MEMBERS[2:]}
    return Vector(type=value["type"], size=value["size"], **lists)


def spread(frame: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with many new columns at its end."""
    return frame.drop(columns=list(made), errors="ignore").join(made)


def put(
    frame: pd.DataFrame, column: str, vectors: Sequence[Any] | pd.Series
) -> pd.DataFrame:
    """Return a frame with a column of vectors or lists."""
    if len(vectors) != len(frame):
        raise FlowError(f"{len(vectors)} vectors for {len(frame)} rows")
    held = pd.Series(list(vectors), index=frame.index, dtype=object)
    return frame.assign(**{column: held})
