"""Types of records that describe themselves: one field may have several.

The types that a value was seen with are a dictionary: a name such as `int` for itself,
`struct` for the same of its fields, `array` for the same of its elements.
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from pyspark import RDD
from pyspark.sql import types as spark

from localaws.glue_runtime.refusing import NotActingHere

Seen = dict[str, Any]
CHOICE = "glue.choice"
NULL = "glue.null"
# AWS Glue's own name of a stream's column whose schema is inferred in each batch
INFERRED = "$json$data_infer_schema$_temporary$"
_ORDER = ("int", "long", "double", "boolean", "timestamp", "date", "binary", "string")
_PLAIN: dict[str, spark.DataType] = {
    "int": spark.IntegerType(),
    "long": spark.LongType(),
    "double": spark.DoubleType(),
    "boolean": spark.BooleanType(),
    "timestamp": spark.TimestampType(),
    "date": spark.DateType(),
    "binary": spark.BinaryType(),
    "string": spark.StringType(),
}
_PYTHON = {
    "bool": "boolean",
    "float": "double",
    "str": "string",
    "datetime": "timestamp",
    "date": "date",
    "bytes": "binary",
    "bytearray": "binary",
    "dict": "struct",
    "DynamicRecord": "struct",
    "list": "array",
    "tuple": "array",
}


def kind(value: Any) -> str:
    """Return the name of a value's type in Glue.

    Raises:
        TypeError: Glue has none for it.
    """
    if type(value) is int:
        return "int" if -(2**31) <= value < 2**31 else "long"
    with contextlib.suppress(KeyError):
        return _PYTHON[type(value).__name__]
    raise TypeError(f"a record cannot hold {value!r}, a {type(value).__name__}")


def look(seen: Seen, value: Any) -> None:
    """Take note of the type of a value, and of what it holds."""
    if value is None:
        return
    name = kind(value)
    if name == "struct":
        fields = seen.setdefault("struct", {})
        for key, item in value.items():
            look(fields.setdefault(key, {}), item)
    elif name == "array":
        for item in value:
            look(seen.setdefault("array", {}), item)
        seen.setdefault("array", {})
    else:
        seen[name] = None


def merge(seen: Seen, other: Seen) -> Seen:
    """Add to what was seen, and return it."""
    for name, inner in other.items():
        if name == "struct":
            fields = seen.setdefault("struct", {})
            for key, item in inner.items():
                merge(fields.setdefault(key, {}), item)
        elif name == "array":
            merge(seen.setdefault("array", {}), inner)
        else:
            seen[name] = None
    return seen


def _looked(records: Iterable[Any]) -> Iterator[Seen]:
    seen: Seen = {}
    for record in records:
        look(seen, record)
    yield seen


def seen_of(records: RDD) -> Seen:
    """Return the fields of an RDD of dictionaries, in a job of its own."""
    found: Seen = {}
    for one in records.mapPartitions(_looked).collect():
        merge(found, one)
    return found.get("struct", {})


def _names(seen: Seen) -> list[str]:
    plain = [name for name in _ORDER if name in seen]
    return plain + [name for name in ("struct", "array") if name in seen]


def has_choice(seen: Seen) -> bool:
    """Whether something was seen with more than one type."""
    inner = [*seen.get("struct", {}).values(), seen.get("array", {})]
    return len(seen) > 1 or any(map(has_choice, filter(None, inner)))


def field(name: str, seen: Seen) -> spark.StructField:
    """Return a column for what was seen; a choice is a struct that says so."""
    names = _names(seen)
    if not names:
        return spark.StructField(name, spark.StringType(), True, {NULL: True})
    if len(names) == 1:
        return spark.StructField(name, _type(names[0], seen))
    parts = [spark.StructField(one, _type(one, seen)) for one in names]
    return spark.StructField(name, spark.StructType(parts), True, {CHOICE: names})


def _type(name: str, seen: Seen) -> spark.DataType:
    if name == "struct":
        return schema(seen["struct"])
    if name == "array":
        element = field("element", seen["array"])
        if element.metadata.get(CHOICE):
            raise NotActingHere("an array of several types", "keeps a choice in it")
        return spark.ArrayType(element.dataType)
    return _PLAIN[name]


def schema(fields: Seen) -> spark.StructType:
    """Return the schema of fields."""
    return spark.StructType([field(name, seen) for name, seen in fields.items()])


def row(fields: Seen, record: Any) -> tuple[Any, ...]:
    """Return a record as a row of `schema(fields)`."""
    return tuple(_value(seen, record.get(name)) for name, seen in fields.items())


def _value(seen: Seen, value: Any) -> Any:
    if value is None:
        return None
    name = kind(value)
    if name == "struct":
        value = row(seen["struct"], value)
    elif name == "array":
        value = [_value(seen["array"], item) for item in value]
    names = _names(seen)
    if len(names) == 1:
        return value
    return tuple(value if one == name else None for one in names)
