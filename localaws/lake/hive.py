"""Types as the Data Catalog spells them, and what they are in DuckDB and Athena."""

import re
from collections.abc import Iterator

_SIMPLE = {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "binary": "BLOB",
}
_ATHENA = {
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "VARCHAR": "varchar",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIME": "time",
    "BLOB": "varbinary",
    "INTERVAL": "interval day to second",
    "JSON": "json",
    # an untyped NULL
    '"NULL"': "unknown",
}
_HIVE = {
    "INTEGER": "int",
    "VARCHAR": "string",
    "BLOB": "binary",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}
# SUM of integers is one in DuckDB, and a bigint in Athena
WIDE = "HUGEINT"


def duckdb_type(hive: str) -> str:
    """Return DuckDB's type for a type of the catalog.

    Raises:
        ValueError: The type is not known.
    """
    name, inner = _split(hive)
    if name in _SIMPLE and not inner:
        return _SIMPLE[name]
    if name in ("varchar", "char"):
        return "VARCHAR"
    if name == "decimal":
        return f"DECIMAL({inner or '10,0'})"
    if name == "array" and inner:
        return f"{duckdb_type(inner)}[]"
    if name == "map" and inner:
        key, value = _parts(inner)
        return f"MAP({duckdb_type(key)}, {duckdb_type(value)})"
    if name == "struct" and inner:
        fields = (part.partition(":") for part in _parts(inner))
        shown = (f'"{name.strip()}" {duckdb_type(kind)}' for name, _, kind in fields)
        return f"STRUCT({', '.join(shown)})"
    raise ValueError(f"Unknown type {hive}")


def athena_type(duckdb: str) -> str:
    """Return the name that Athena's result metadata has for a type of DuckDB."""
    duckdb = re.sub(r"^TIMESTAMP_(S|MS|NS)$", "TIMESTAMP", duckdb)
    if duckdb.endswith("]"):
        return "array"
    for start, name in (("STRUCT", "row"), ("MAP", "map"), ("DECIMAL", "decimal")):
        if duckdb.startswith(start):
            return name
    return "bigint" if duckdb == WIDE else _ATHENA.get(duckdb, "varchar")


def hive_type(duckdb: str) -> str:
    """Return the catalog's type for a type of DuckDB."""
    if duckdb.endswith("[]"):
        return f"array<{hive_type(duckdb[:-2])}>"
    if duckdb.startswith(("STRUCT(", "MAP(")):
        name, inner = duckdb[:-1].split("(", 1)
        parts = list(_parts(inner))
        if name == "MAP":
            return f"map<{','.join(map(hive_type, parts))}>"
        fields = (part.strip().split(" ", 1) for part in parts)
        shown = (f"{name.strip(chr(34))}:{hive_type(kind)}" for name, kind in fields)
        return f"struct<{','.join(shown)}>"
    if duckdb.startswith("DECIMAL"):
        return duckdb.lower()
    duckdb = re.sub(r"^TIMESTAMP_(S|MS|NS)$", "TIMESTAMP", duckdb)
    if duckdb == WIDE:
        return "bigint"
    return _HIVE.get(duckdb) or _ATHENA.get(duckdb, "string")


def _split(hive: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s*(\w+)\s*(?:[<(](.*)[>)])?\s*", hive.lower(), re.DOTALL)
    if found is None:
        raise ValueError(f"Unknown type {hive}")
    return found[1], (found[2] or "").strip()


def _parts(inner: str) -> Iterator[str]:
    """Yield what commas part that no bracket holds."""
    depth, start = 0, 0
    for place, letter in enumerate(inner):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            yield inner[start:place].strip()
            start = place + 1
    yield inner[start:].strip()
