"""Choices in a schema: where they are, and what becomes of them."""

from collections.abc import Iterator
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as spark

from localaws.glue_runtime.inference import CHOICE, NULL
from localaws.glue_runtime.refusing import NotActingHere

_GLUE = {
    "integer": "int",
    "bigint": "long",
    "smallint": "short",
    "tinyint": "byte",
    "bool": "boolean",
}
_SPARK = {"long": "bigint", "short": "smallint", "byte": "tinyint", "bool": "boolean"}
_SHAPES = ("struct", "array", "map", "set", "null", "choice", "object")


def parts(path: str) -> list[str]:
    """Return the names of a path; one in backticks may have dots in it."""
    found, name, quoted = [], "", False
    for letter in path:
        if letter == "`":
            quoted = not quoted
        elif letter == "." and not quoted:
            found.append(name)
            name = ""
        else:
            name += letter
    return [*found, name]


def quoted(*names: str) -> str:
    """Return a path that Spark reads."""
    return ".".join(f"`{name}`" for name in names)


def is_choice(field: spark.StructField) -> bool:
    """Whether a column holds values of several types."""
    return bool(field.metadata.get(CHOICE))


def at(schema: spark.StructType, path: str) -> spark.StructField | None:
    """Return the field at a path, or None."""
    found: spark.StructField | None = None
    inner: Any = schema
    for name in parts(path):
        if name.endswith("[]"):
            raise NotActingHere(f"the path {path}", "reaches into the array")
        if not isinstance(inner, spark.StructType) or name not in inner.names:
            return None
        found = inner[name]
        inner = found.dataType
    return found


def choices(schema: spark.StructType, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the path of each choice, with backticks."""
    for field in schema.fields:
        if is_choice(field):
            yield quoted(*above, field.name)
        elif isinstance(field.dataType, spark.StructType):
            yield from choices(field.dataType, (*above, field.name))


def spark_type(name: str) -> str:
    """Return Spark's name of a type of Glue."""
    return _SPARK.get(name.lower(), name)


def glue_type(kind: spark.DataType) -> str:
    """Return Glue's name of a type of Spark."""
    name = kind.typeName()
    return _GLUE.get(name, name)


def cast(column: Column, field: spark.StructField, kind: str) -> Column:
    """Return a column as one type; a value that does not fit is null."""
    if kind.partition("<")[0].lower() in _SHAPES:
        return column
    if not is_choice(field):
        if isinstance(field.dataType, spark.StructType | spark.ArrayType):
            column = f.to_json(column)
        return column.cast(spark_type(kind))
    assert isinstance(field.dataType, spark.StructType)
    branches = [
        cast(column.getField(one.name), one, kind) for one in field.dataType.fields
    ]
    return f.coalesce(*branches)


def plain(data: DataFrame) -> DataFrame:
    """Return a frame whose choices are mere structs."""
    marked = [one for one in data.schema.fields if one.metadata]
    if not marked:
        return data
    return data.select(
        [
            f.col(quoted(one.name)).alias(one.name, metadata={CHOICE: []})
            if one in marked
            else f.col(quoted(one.name))
            for one in data.schema.fields
        ]
    )


def resolve(data: DataFrame, path: str, action: str) -> DataFrame:
    """Return a frame in which a field is resolved.

    Args:
        data: The frame.
        path: The field; one that is not there changes nothing.
        action: `cast:T`, `project:T`, `make_cols` or `make_struct`.
    """
    found = at(data.schema, path)
    if found is None:
        return data
    name, _, kind = action.partition(":")
    top, *below = parts(path)
    column = f.col(quoted(top, *below))
    if name in ("cast", "project") and kind:
        return put(data, top, below, cast(column, found, kind))
    if name == "make_struct":
        return put(data, top, below, column)
    if name != "make_cols":
        raise ValueError(f"ResolveChoice: {action!r} is no action")
    if not is_choice(found):
        return data
    assert isinstance(found.dataType, spark.StructType)
    if below:
        outer = f.col(quoted(top))
        for one in found.dataType.names:
            made = quoted(*below[:-1], f"{below[-1]}_{one}")
            outer = outer.withField(made, column.getField(one))
        return put(data, top, [], outer.dropFields(quoted(*below)))
    made = [column.getField(one).alias(f"{top}_{one}") for one in found.dataType.names]
    kept = [(one, f.col(quoted(one))) for one in data.columns]
    return data.select(
        [new for one, same in kept for new in (made if one == top else [same])]
    )


def put(data: DataFrame, top: str, below: list[str], column: Column) -> DataFrame:
    """Return a frame with a column in place of a field."""
    if below:
        column = f.col(quoted(top)).withField(quoted(*below), column)
    marked = column.alias(top, metadata={CHOICE: []})
    return data.select(
        [marked if one == top else f.col(quoted(one)) for one in data.columns]
    )


def tree(schema: spark.StructType) -> str:
    """Return a schema as DynamicFrame.printSchema shows it."""
    return "\n".join(["root", *_lines(schema, "")])


def _lines(kind: spark.DataType, indent: str) -> Iterator[str]:
    if isinstance(kind, spark.StructType):
        for field in kind.fields:
            yield from _field(field, indent)
    elif isinstance(kind, spark.ArrayType):
        element = spark.StructField("element", kind.elementType)
        yield from _field(element, indent)


def _field(field: spark.StructField, indent: str) -> Iterator[str]:
    name = "null" if field.metadata.get(NULL) else glue_type(field.dataType)
    if not is_choice(field):
        yield f"{indent}|-- {field.name}: {name}"
        yield from _lines(field.dataType, f"{indent}|    ")
        return
    yield f"{indent}|-- {field.name}: choice"
    for one in field.dataType.fields:
        yield f"{indent}|    |-- {one.name}"
        yield from _lines(one.dataType, f"{indent}|    |    ")
