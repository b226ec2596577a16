"""DuckDB as queries and rules use it: one folder, no network, nothing installed."""

from pathlib import Path

import duckdb

from localaws.lake import columnar_files, dialect, writer


def connect(folder: Path, avro: bool) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that reads and writes below a folder alone.

    Args:
        folder: For files.
        avro: Whether files of Avro are read.
    """
    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": writer.MEMORY,
            "temp_directory": str(folder / "spill"),
            "threads": 2,
        }
    )
    for macro in dialect.MACROS:
        con.execute(macro)
    con.execute("SET TimeZone = 'UTC'")
    if avro:
        columnar_files.load_avro(con)
    con.execute(f"SET allowed_directories = ['{folder}']")
    con.execute("SET enable_external_access = false")
    return con
