"""Similarity encode: names that share three-letter pieces share elements."""

import re
from typing import Any

import pandas as pd

from localaws.wrangler.choices import whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import kind
from localaws.wrangler.hashing import Pair, least, pairs, slot
from localaws.wrangler.trained import Trained, read_model, write_model
from localaws.wrangler.vectors import put, spread

_HALF = (2**31 - 1) / 2
_MOST = 1000


def similarity_encode(
    frame: pd.DataFrame,
    column: str,
    output: str,
    trained: Trained,
    *,
    target_dimension: Any = 30,
    output_style: str = "Vector",
) -> pd.DataFrame:
    """Give each category numbers between -1 and 1 by its pieces' smallest hashes."""
    if kind(frame[column]) != "string":
        raise FlowError(f"The column {column!r} must be a string: cast it first")
    size = whole(target_dimension, "target_dimension")
    if not 1 <= size <= _MOST:
        raise FlowError(f"target_dimension must be 1 to {_MOST}; found {size}")
    learned = trained.recall(column, target_dimension=target_dimension)
    functions = _functions(learned, size)
    trained.keep(column, learned)
    codes = {name: _code(name, functions) for name in frame[column].unique()}
    rows = [codes[name] for name in frame[column]]
    if output_style == "Columns":
        names = [f"{output}_{number}" for number in range(size)]
        return spread(frame, pd.DataFrame(rows, columns=names, index=frame.index))
    kept = frame.drop(columns=column) if output == column else frame
    return put(kept, output, rows)


def _functions(learned: dict[str, Any], size: int) -> list[Pair]:
    for row in read_model(learned.get("minhash_model", "")):
        flat = [int(number) for number in row["randCoefficients"]]
        if len(flat) == 2 * size:
            return list(zip(flat[::2], flat[1::2], strict=True))
    found = pairs(size)
    row = {"randCoefficients": [number for pair in found for number in pair]}
    learned["minhash_model"] = write_model("MinHashLSHModel", row)
    return found


def _code(name: str | None, functions: list[Pair]) -> list[float]:
    padded = " " + (re.sub(r"\s+", " ", (name or " ").lower()) or " ")
    pieces = {padded[i : i + 3] for i in range(len(padded) - 2)}
    if not pieces:
        raise FlowError(f"the category {name!r} has no three letters to encode")
    # Spark's NGram puts spaces between the letters of a piece
    slots = {slot(" ".join(piece)) for piece in pieces}
    return [(least(slots, pair) - _HALF) / _HALF for pair in functions]
