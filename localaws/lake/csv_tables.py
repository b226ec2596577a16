"""CSV of PostgreSQL as Parquet: `python -m localaws.lake.csv_tables FOLDER`.

`plan.json` names each file, and PostgreSQL's type of each column. The types are those
of an RDS export: what Parquet has no type for, times among it, is a string.
"""

import json
import re
import sys
from pathlib import Path

import duckdb

_TYPES = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "boolean": "BOOLEAN",
    "bytea": "BLOB",
}


def main(folder: Path) -> None:
    """Write a Parquet file beside each CSV of the plan."""
    con = duckdb.connect(config={"memory_limit": "1GB"})
    for table in json.loads((folder / "plan.json").read_text()):
        path = Path(table["csv"])
        names = [name for name, _ in table["columns"]]
        if not names:
            continue
        shown = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
        columns = ", ".join(_cast(*column) for column in table["columns"])
        con.execute(
            f"COPY (SELECT {columns} FROM read_csv({_text(str(path))}, "
            f"columns={{{shown}}}, header=false, auto_detect=false, delim=',', "
            "quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, "
            "max_line_size=33554432)) "
            f"TO {_text(str(path.with_suffix('.parquet')))} "
            "(FORMAT parquet, COMPRESSION gzip)"
        )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _cast(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    number = re.fullmatch(r"numeric\((\d+),(\d+)\)", kind)
    if number and int(number[1]) <= 38:
        return f"CAST({column} AS DECIMAL({number[1]},{number[2]})) AS {column}"
    typed = _TYPES.get(kind, "VARCHAR")
    if typed == "BLOB":
        return f"unhex(substr({column}, 3)) AS {column}"
    if typed == "BOOLEAN":
        return f"{column} = 't' AS {column}"
    return f"CAST({column} AS {typed}) AS {column}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
