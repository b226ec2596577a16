"""Reading the channels and requests of tabular algorithms: CSV, libsvm, Parquet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws.algorithms.errors import UserError

if TYPE_CHECKING:
    import numpy as np

_DELIMITERS = (",", "\t", ";", "|", " ")
_SNIPPET = 50


@dataclass(frozen=True)
class Table:
    """Features with their labels.

    Attributes:
        features: float32 matrix, rows by columns; dense, or CSR where the absent is
            missing.
        labels: one a row, or None.
        weights: one a row, or None.
    """

    features: Any
    labels: "np.ndarray | None"
    weights: "np.ndarray | None" = None


def data_files(folder: Path) -> list[Path]:
    """The data files of a channel in the order of their names, hidden ones left out."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_"))
    ]


def read_csv(folder: Path, *, weighted: bool = False) -> Table:
    """Read a CSV channel: label first, no header.

    Args:
        folder: the channel.
        weighted: whether the second column holds the weight of the row.

    Raises:
        UserError: there are no rows, a row is ragged, a cell is not a number.
    """
    return _labelled(read_rows(folder, parse_csv), folder.name, weighted=weighted)


def read_parquet(folder: Path, *, weighted: bool = False) -> Table:
    """Read a Parquet channel: numbers only, the label in the first column.

    Args:
        folder: the channel.
        weighted: whether the second column holds the weight of the row.

    Raises:
        UserError: there are no rows, or a column is not numeric.
    """
    return _labelled(read_rows(folder, parse_parquet), folder.name, weighted=weighted)


def read_rows(
    folder: Path, parse: "Callable[[bytes, str], np.ndarray]"
) -> "np.ndarray":
    """Read all files of a channel as one matrix; UserError if they do not fit."""
    import numpy as np

    pieces = [
        parse(content, path.name)
        for path in data_files(folder)
        if (content := path.read_bytes()).strip()
    ]
    if not pieces:
        raise UserError(f"No data in {folder.name} channel path {folder}")
    widths = {piece.shape[1] for piece in pieces}
    if len(widths) > 1:
        raise UserError(
            f"The files of the {folder.name} channel have different numbers of"
            f" columns: {sorted(widths)}"
        )
    return np.concatenate(pieces)


def _labelled(rows: "np.ndarray", channel: str, *, weighted: bool) -> Table:
    import numpy as np

    first = 2 if weighted else 1
    if rows.shape[1] <= first:
        raise UserError(
            f"The files of the {channel} channel have {rows.shape[1]} column(s):"
            f" expected the label first, then at least one feature"
        )
    labels = rows[:, 0]
    if not np.isfinite(labels).all():
        row = int(np.flatnonzero(~np.isfinite(labels))[0]) + 1
        raise UserError(f"Row {row} of the {channel} channel has no label")
    return Table(rows[:, first:], labels, rows[:, 1] if weighted else None)


def parse_parquet(content: bytes, name: str) -> "np.ndarray":
    """Parse Parquet into a float32 matrix; a null is missing.

    Raises:
        UserError: it is not Parquet, or a column is not numeric.
    """
    import io

    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(io.BytesIO(content))
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"File '{name}' is not Parquet: {error}") from error
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if not any(
            test(kind)
            for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
        ):
            raise UserError(
                f"Column '{field.name}' of file '{name}' is {kind}, not a number"
            )
        plain = column.cast(pa.int8()) if pa.types.is_boolean(kind) else column
        columns.append(plain.to_numpy().astype(np.float32))
    return np.column_stack(columns) if columns else np.empty((0, 0), np.float32)


def parse_csv(content: bytes, name: str) -> "np.ndarray":
    """Parse CSV without a header into a float32 matrix; an empty cell is missing.

    Args:
        content: the text, UTF-8.
        name: how to call it in an error.

    Raises:
        UserError: a row is ragged, or a cell is not a number.
    """
    import numpy as np

    try:
        lines = content.decode().strip().splitlines()
    except UnicodeDecodeError as error:
        raise UserError(f"File '{name}' is not UTF-8 text: {error}") from error
    delimiter = next((one for one in _DELIMITERS if one in lines[0]), ",")
    width = lines[0].count(delimiter) + 1
    cells: list[str] = []
    for number, line in enumerate(lines, 1):
        row = line.split(delimiter)
        if len(row) != width:
            raise UserError(
                f"Line {number} of file '{name}' has {len(row)} columns,"
                f" line 1 has {width}"
            )
        cells += row
    try:
        values = np.array(
            [cell if cell.strip() else "nan" for cell in cells], dtype=float
        )
    except ValueError:
        raise UserError(_not_numbers(lines, delimiter, name)) from None
    if np.isinf(values).any():
        line = int(np.flatnonzero(np.isinf(values))[0]) // width + 1
        raise UserError(f"Line {line} of file '{name}' holds an infinite value")
    return values.astype(np.float32).reshape(len(lines), width)


def _not_numbers(lines: list[str], delimiter: str, name: str) -> str:
    for number, line in enumerate(lines, 1):
        for column, cell in enumerate(line.split(delimiter), 1):
            if not _is_number(cell):
                snippet = line[:_SNIPPET]
                if number == 1:
                    return (
                        f"First line '{snippet}...' of file '{name}' is not 'CSV'"
                        " format: it looks like a header. Write the file without a"
                        " header, numbers only, the label in the first column"
                    )
                return (
                    f"Line {number} of file '{name}' is not numeric: column {column}"
                    f" holds {cell!r}"
                )
    return f"File '{name}' is not numeric"


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip() or "nan")
    except ValueError:
        return False
    return True


def read_libsvm(folder: Path) -> Table:
    """Read a libsvm channel: `label[:weight] index:value ...`.

    Args:
        folder: the channel.

    Raises:
        UserError: there are no rows, or a line is not libsvm.
    """
    import numpy as np

    rows = [
        _parse_line(line, path.name)
        for path in data_files(folder)
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.strip()
    ]
    if not rows:
        raise UserError(f"No data in {folder.name} channel path {folder}")
    labels = np.array([label for label, _, _ in rows], dtype=np.float32)
    weights = np.array([weight for _, weight, _ in rows], dtype=np.float32)
    unweighted = bool((weights == 1).all())
    features = _sparse([pairs for _, _, pairs in rows])
    return Table(features, labels, None if unweighted else weights)


def _parse_line(line: str, name: str) -> tuple[float, float, list[tuple[int, float]]]:
    head, *items = line.split()
    label, _, weight = head.partition(":")
    try:
        return float(label), float(weight or 1), [_pair(item) for item in items]
    except ValueError as error:
        raise UserError(
            f"Line '{line[:_SNIPPET]}...' of file '{name}' is not 'LIBSVM' format:"
            f" {error}. Write '<label> <index>:<value> <index>:<value> ...'"
        ) from error


def _pair(item: str) -> tuple[int, float]:
    index, colon, value = item.partition(":")
    if not colon:
        raise ValueError(f"{item!r} is not <index>:<value>")
    if int(index) < 0:
        raise ValueError(f"the index of {item!r} is negative")
    return int(index), float(value)


def parse_libsvm(content: bytes) -> Any:
    """Parse libsvm rows of a request; labels are allowed and ignored.

    Returns:
        A CSR matrix.

    Raises:
        ValueError: a line is not libsvm.
    """
    lines = content.decode().strip().splitlines()
    return _sparse(
        [[_pair(item) for item in line.split() if ":" in item] for line in lines]
    )


def _sparse(rows: list[list[tuple[int, float]]]) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0] + [len(row) for row in rows])
    columns = np.array([index for row in rows for index, _ in row], dtype=np.int64)
    values = np.array([value for row in rows for _, value in row], dtype=np.float32)
    width = int(columns.max()) + 1 if len(columns) else 1
    return csr_matrix((values, columns, ends), shape=(len(rows), width))
