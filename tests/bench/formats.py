"""The full flights table in five formats: what it takes, and three ways to read it.

DuckDB reads them all, ORC through Arrow; Athena's writer of the endpoint wrote them.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
from pyarrow import dataset

from helpers.samples import table
from localaws.lake import writer
from localaws.lake.columnar_files import load_avro
from localaws.lake.sql_text import quoted
from tests.bench.ratio import Plan, Row, alternate, ratios

COMPRESSION = {"json": "GZIP", "avro": "GZIP", "orc": "ZLIB", "parquet": "GZIP"}
READERS = {"csv": "read_csv", "json": "read_json", "avro": "read_avro"}
READERS |= {"parquet": "read_parquet"}
QUESTIONS = {
    "full read": "SELECT * FROM {}",
    "two columns": "SELECT carrier, avg(arr_delay) FROM {} GROUP BY ALL",
    "predicate": "SELECT flight, arr_delay FROM {} "
    "WHERE origin = 'JFK' AND month = 2 AND arr_delay > 120",
}


def measure(plan: Plan) -> list[Row]:
    """Measure each format against CSV."""
    con = duckdb.connect(config={"threads": 1})
    load_avro(con)
    with tempfile.TemporaryDirectory() as folder:
        files = written(con, Path(folder))
        csv = files.pop("csv")
        rows = []
        for name, path in files.items():
            size = path.stat().st_size / csv.stat().st_size
            rows.append(Row(f"{name}: stored bytes", "CSV", [size]))
            for question, sql in QUESTIONS.items():
                sides = [asked(con, name, path, sql), asked(con, "csv", csv, sql)]
                assert sides[0]() == sides[1]()
                pairs = alternate(plan.rounds, *(partial(timed, s) for s in sides))
                rows.append(Row(f"{name}: {question}", "CSV", ratios(pairs)))
    return rows


def written(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Path]:
    """Write the flights in each format, and return the files."""
    flights = table("flights")
    flights["time_hour"] = flights["time_hour"].astype(str)
    relation = con.from_df(flights)
    files = {"csv": folder / "flights.csv"}
    relation.to_csv(str(files["csv"]))
    rows, types = relation.to_arrow_table(), [str(kind) for kind in relation.types]
    for name, codec in COMPRESSION.items():
        order = {"format": name, "compression": codec}
        made = writer.write(rows, types, order, folder / name)
        files[name] = folder / name / made["files"][0]["path"]
    return files


def asked(
    con: duckdb.DuckDBPyConnection, name: str, path: Path, sql: str
) -> Callable[[], int]:
    """Return what asks a question of a file, and counts the rows of the answer."""
    if name == "orc":
        source = "orc_flights"
        con.register(source, dataset.dataset(path, format="orc"))
    else:
        more = ", compression = 'gzip'" if name == "json" else ""
        source = f"{READERS[name]}({quoted(str(path))}{more})"
    return lambda: con.sql(sql.format(source)).to_arrow_table().num_rows


def timed(call: Callable[[], int]) -> float:
    """Return the seconds that a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
