"""Frames of two, and two of one: unions, merges, splits."""

import operator
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from localaws.glue_runtime.choices import parts, plain, quoted
from localaws.glue_runtime.refusing import NotActingHere

_COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def union(one: DataFrame, other: DataFrame) -> DataFrame:
    """Return the records of both frames; a field that one lacks is null there."""
    _same_types(one, other)
    return plain(one).unionByName(plain(other), allowMissingColumns=True)


def merge(data: DataFrame, stage: DataFrame, keys: list[str]) -> DataFrame:
    """Return the staged records, and those of the frame whose keys are not staged."""
    _same_types(data, stage)
    kept = plain(data).join(plain(stage).select(keys).distinct(), keys, "left_anti")
    return kept.select(data.columns).unionByName(plain(stage), allowMissingColumns=True)


def _same_types(one: DataFrame, other: DataFrame) -> None:
    others = {field.name: field.dataType for field in other.schema.fields}
    for field in one.schema.fields:
        if others.get(field.name, field.dataType) != field.dataType:
            raise NotActingHere(
                f"a union of two types of {field.name}",
                "makes a choice of it; here cast it first",
            )


def split_rows(
    data: DataFrame, comparisons: dict[str, dict[str, Any]]
) -> tuple[DataFrame, DataFrame]:
    """Return the records for which all comparisons hold, and the others.

    Args:
        data: The frame.
        comparisons: Of paths: an operator and a value, or several.
    """
    terms = []
    for path, tests in comparisons.items():
        for sign, value in tests.items():
            if sign not in _COMPARISONS:
                raise ValueError(f"split_rows: {sign!r} is no comparison")
            terms.append(_COMPARISONS[sign](f.col(quoted(*parts(path))), value))
    if not terms:
        raise ValueError("split_rows needs a comparison")
    holds: Column = f.coalesce(reduce(operator.and_, terms), f.lit(False))
    return data.where(holds), data.where(~holds)
