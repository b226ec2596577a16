"""The data set as one frame: CSV, JSON Lines, JSON and Parquet."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jmespath
import pandas as pd

from localaws.clarify.configuration import Configuration, Place
from localaws.clarify.errors import ClarifyError


def read(files: Sequence[Path], config: Configuration) -> tuple[pd.DataFrame, str]:
    """Read the data set.

    Args:
        files: Its files, in the order of their names.
        config: What the analysis is asked for.

    Returns:
        The rows, and the name of the column that holds the label.
    """
    with readable("the data set"):
        if config.form.startswith("application/json"):
            return _read_json(files, config)
        if config.form == "text/csv":
            frame = read_csv(files, config.headers, named(config))
        else:
            frame = pd.concat(map(pd.read_parquet, files), ignore_index=True)
    return frame, locate(frame, config.label, "label")


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Turn what a file's content raises into a `ClarifyError`."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise ClarifyError(f"{what} cannot be read: {error}") from error


def named(config: Configuration) -> list[str]:
    """Return the names that the columns of a CSV file are called by."""
    places: list[Place | None] = [config.label, config.strata, config.identifier]
    if not config.facet_uri:
        places += [facet.column for facet in config.facets]
    return [place for place in places if isinstance(place, str)]


def locate(frame: pd.DataFrame, place: Place, what: str) -> str:
    """Return the name of a column that is given by name or index.

    Raises:
        ClarifyError: There is no such column.
    """
    names = list(frame.columns)
    if isinstance(place, int):
        if 0 <= place < len(names):
            return names[place]
        raise ClarifyError(
            f"{what}: there is no column of index {place}; there are {len(names)}"
        )
    if place not in names:
        raise ClarifyError(
            f"{what}: there is no column {place!r}; there are {', '.join(names)}"
        )
    return place


def read_csv(
    files: Sequence[Path], headers: Sequence[str] | None, used: Sequence[str]
) -> pd.DataFrame:
    """Read CSV files of the same columns, with a header line or without.

    Args:
        files: Each has the header line, or none has.
        headers: The columns' names, if they are given; a first line that repeats them
            is a header line.
        used: Names that a header line would have to hold.
    """
    first = _first_line(files[0])
    if headers is not None and len(headers) != len(first):
        raise ClarifyError(
            f"headers has {len(headers)} names; {files[0].name} has {len(first)} "
            "columns"
        )
    header = list(headers) == first if headers else _is_header(files[0], first, used)
    names = list(headers or (first if header else _placeholders(len(first))))
    frames = []
    for path in files:
        found = len(_first_line(path))
        if found != len(names):
            raise ClarifyError(
                f"{path.name} has {found} columns; {files[0].name} has {len(names)}"
            )
        frames.append(
            pd.read_csv(
                path,
                header=0 if header else None,
                names=names,
                index_col=False,
                low_memory=False,
            )
        )
    return pd.concat(frames, ignore_index=True)


def _first_line(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = next(csv.reader(file), None)
    if not line:
        raise ClarifyError(f"{path.name} begins with an empty line")
    return line


def _is_header(path: Path, first: list[str], used: Sequence[str]) -> bool:
    """Whether a first line names the columns.

    It does where it has every name that the configuration uses. Where it has not, or
    where indices alone are used, it does if it has no number and no gap, and the row
    below has.
    """
    if used and set(used) <= set(first):
        return True
    if len(set(first)) < len(first) or any(map(_is_number_or_gap, first)):
        return False
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        second = next(rows, [])
    return any(map(_is_number_or_gap, second))


def _is_number_or_gap(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def _placeholders(count: int) -> list[str]:
    return [f"column_{index}" for index in range(count)]


def _read_json(
    files: Sequence[Path], config: Configuration
) -> tuple[pd.DataFrame, str]:
    """Read records of features and a label, which JMESPath expressions find."""
    features, labels = [], []
    for path in files:
        text = path.read_text(encoding="utf-8")
        if config.form == "application/json":
            document = json.loads(text)
            rows = _found(config.features, document, "features")
            found = _found(config.label, document, "label")
            if not isinstance(rows, list) or not isinstance(found, list):
                raise ClarifyError(
                    "features must give a list of lists, and label a list, one a record"
                )
            if len(rows) != len(found):
                raise ClarifyError(
                    f"features gives {len(rows)} records, label {len(found)}"
                )
            features += rows
            labels += found
            continue
        for line in filter(str.strip, text.splitlines()):
            record = json.loads(line)
            features.append(_found(config.features, record, "features"))
            labels.append(_found(config.label, record, "label"))
    return _framed(features, labels, config)


def _found(expression: Any, document: Any, what: str) -> Any:
    if not isinstance(expression, str):
        raise ClarifyError(f"{what} must be a JMESPath expression for JSON")
    try:
        found = jmespath.search(expression, document)
    except jmespath.exceptions.JMESPathError as error:
        raise ClarifyError(f"{what}: {error}") from error
    if found is None:
        raise ClarifyError(f"{what}: {expression!r} finds nothing in a record")
    return found


def _framed(
    features: list[Any], labels: list[Any], config: Configuration
) -> tuple[pd.DataFrame, str]:
    widths = {len(row) if isinstance(row, list) else -1 for row in features}
    if len(widths) != 1 or -1 in widths:
        raise ClarifyError("features must give a list of the same length a record")
    if any(isinstance(label, list | dict) for label in labels):
        raise ClarifyError("label must give one value a record")
    width = widths.pop() + 1
    # a predicted label's name may come last; nothing is read there before training
    names = list(config.headers or _placeholders(width))[:width]
    if len(names) < width:
        raise ClarifyError(
            f"headers must name the {width - 1} features, then the label; found "
            f"{len(names)} names"
        )
    rows = [[*row, label] for row, label in zip(features, labels, strict=True)]
    return pd.DataFrame(rows, columns=names), names[-1]
