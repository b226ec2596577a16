"""Nested fields made flat: unnest, relationalize, and fields that hold JSON."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from pyspark import RDD
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as spark

from localaws.glue_runtime import records
from localaws.glue_runtime.choices import is_choice, parts, quoted
from localaws.glue_runtime.refusing import NotActingHere


def flat(data: DataFrame) -> DataFrame:
    """Return a frame whose structs are columns with dots in their names."""
    return data.select([*_leaves(data.schema, ())])


def _leaves(schema: spark.StructType, above: tuple[str, ...]) -> Iterator[Column]:
    for field in schema.fields:
        path = (*above, field.name)
        if is_choice(field):
            raise NotActingHere(
                f"nested fields of {'.'.join(path)}, which is a choice,",
                "makes a column of each type; here resolve the choice first",
            )
        if isinstance(field.dataType, spark.StructType):
            yield from _leaves(field.dataType, path)
        else:
            yield f.col(quoted(*path)).alias(".".join(path))


def relationalize(data: DataFrame, root: str) -> dict[str, DataFrame]:
    """Return flat frames: the root, and one for each array, joined by its `id`.

    Args:
        data: The frame.
        root: Name of its own frame, with which the others' names begin.
    """
    made = flat(data)
    kinds = {field.name: field.dataType for field in made.schema.fields}
    arrays = [name for name, kind in kinds.items() if isinstance(kind, spark.ArrayType)]
    for name, kind in kinds.items():
        if isinstance(kind, spark.MapType):
            raise NotActingHere(f"relationalize of the map {name}", "flattens it")
    if not arrays:
        return {root: made}
    key = "\x1did"
    numbered = made.withColumn(key, f.monotonically_increasing_id() + 1).persist()
    columns = [
        f.when(f.col(quoted(name)).isNotNull(), f.col(key)).alias(name)
        if name in arrays
        else f.col(quoted(name))
        for name in kinds
    ]
    found = {root: numbered.select(columns)}
    for name in arrays:
        below = numbered.select(
            f.col(key).alias("id"),
            f.posexplode(quoted(name)).alias("index", f"{name}.val"),
        )
        found |= relationalize(below, f"{root}_{name}")
    return found


def unbox(data: DataFrame, path: str) -> tuple[DataFrame, RDD]:
    """Return a frame in which a field of JSON is what the JSON holds.

    Args:
        data: The frame.
        path: The field.
    """
    names = parts(path)
    if len(names) > 1:
        raise NotActingHere(f"unbox({path!r})", "parses a nested field")

    def parsed(found: Any) -> Any:
        text = found[names[0]]
        return found | {names[0]: None if text is None else json.loads(text)}

    act: Callable[[Any], Any] = parsed
    return records.mapped(data, act)
