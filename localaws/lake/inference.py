"""Types of the catalog for values that are read, and the wider of two."""

import re
from typing import Any

import pyarrow as pa

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_REAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?|[+-]?\d{19,}")
_WIDER = {
    frozenset(pair): kind
    for *pair, kind in (
        ("int", "bigint", "bigint"),
        ("int", "double", "double"),
        ("bigint", "double", "double"),
        ("float", "double", "double"),
        ("smallint", "int", "int"),
        ("date", "timestamp", "timestamp"),
    )
}
_ARROW = [
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int8, "tinyint"),
    (pa.types.is_int16, "smallint"),
    (pa.types.is_int32, "int"),
    (pa.types.is_integer, "bigint"),
    (pa.types.is_float32, "float"),
    (pa.types.is_floating, "double"),
    (pa.types.is_string, "string"),
    (pa.types.is_large_string, "string"),
    (pa.types.is_timestamp, "timestamp"),
    (pa.types.is_date, "date"),
    (pa.types.is_binary, "binary"),
    (pa.types.is_dictionary, "string"),
]
_AVRO = {
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
    "string": "string",
    "bytes": "binary",
    "enum": "string",
}


def value_type(text: str) -> str:
    """Return the type of a value of a CSV file: `bigint`, `double` or `string`."""
    if _WHOLE.fullmatch(text):
        return "bigint"
    return "double" if _REAL.fullmatch(text) else "string"


def json_type(value: Any) -> str:
    """Return the type of a value of JSON, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -(2**31) <= value < 2**31 else "bigint"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        kind = ""
        for item in value:
            kind = merge(kind, json_type(item))
        return f"array<{kind or 'string'}>"
    if isinstance(value, dict):
        fields = ",".join(
            f"{name.lower()}:{json_type(item) or 'string'}"
            for name, item in value.items()
        )
        return f"struct<{fields}>"
    return "string"


def arrow_type(kind: pa.DataType) -> str:
    """Return the catalog's type of a column of Parquet or ORC."""
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_map(kind):
        return f"map<{arrow_type(kind.key_type)},{arrow_type(kind.item_type)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{arrow_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        fields = ",".join(f"{one.name.lower()}:{arrow_type(one.type)}" for one in kind)
        return f"struct<{fields}>"
    return next((name for test, name in _ARROW if test(kind)), "string")


def avro_type(kind: Any) -> str:
    """Return the catalog's type of a field of Avro."""
    if isinstance(kind, list):
        return avro_type(next((one for one in kind if one != "null"), "string"))
    if isinstance(kind, str):
        return _AVRO.get(kind, "string")
    logical = kind.get("logicalType", "")
    if logical == "date":
        return "date"
    if logical.startswith("timestamp"):
        return "timestamp"
    if logical == "decimal":
        return f"decimal({kind['precision']},{kind.get('scale', 0)})"
    if kind["type"] == "array":
        return f"array<{avro_type(kind['items'])}>"
    if kind["type"] == "map":
        return f"map<string,{avro_type(kind['values'])}>"
    if kind["type"] == "record":
        fields = (
            f"{one['name'].lower()}:{avro_type(one['type'])}" for one in kind["fields"]
        )
        return f"struct<{','.join(fields)}>"
    return avro_type(kind["type"])


def merge(one: str, other: str) -> str:
    """Return the type that holds the values of two: string, if nothing else does."""
    if not one or not other or one == other:
        return one or other
    return _WIDER.get(frozenset((one, other)), "string")
