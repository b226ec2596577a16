"""Values as DuckDB's SQL."""

from pathlib import Path


def listed(files: list[Path]) -> str:
    """Return paths as a list."""
    return "[" + ", ".join(quoted(str(path)) for path in files) + "]"


def quoted(text: str) -> str:
    """Return a text as a literal."""
    return "'" + text.replace("'", "''") + "'"
