"""What a node has learned: its `trained_parameters`.

They hold a hash of the parameters that they were learned with, and count only while it
fits. Those of Spark's models are a zip of the saved model, in base 85.
"""

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

import pandas as pd

Members = dict[str, Any]
_PARQUET = "part-00000-localaws-c000.snappy.parquet"


class Trained:
    """What the transform of one node has learned, by column.

    Args:
        node: The node's trained parameters, which this changes.
        path: The members that lead to those of the transform.
    """

    def __init__(self, node: Members, *path: str) -> None:
        self._holder, self._member = node, path[-1]
        for name in path[:-1]:
            inner = self._holder.get(name)
            if not isinstance(inner, dict):
                inner = self._holder[name] = {}
            self._holder = inner
        found = self._holder.get(self._member) or {}
        self._known = found if isinstance(found, list) else [found]
        self._kept: list[Members] = []

    def recall(self, column: str, *listed: Any, **parameters: Any) -> Members:
        """Return what was learned of a column with these parameters, or a new start."""
        key = digest(list(listed) or parameters)
        for known in self._known:
            if (
                known.get("input_column", column) == column
                and known.get("_hash") == key
            ):
                return dict(known)
        return {"_hash": key}

    def keep(self, column: str, learned: Members) -> None:
        """Store what was learned of a column."""
        self._kept.append(learned | {"input_column": column})
        one = {k: v for k, v in self._kept[0].items() if k != "input_column"}
        self._holder[self._member] = self._kept if len(self._kept) > 1 else one


def digest(parameters: Members | list[Any]) -> str:
    """Return Data Wrangler's hash of parameters."""
    text = json.dumps(parameters, sort_keys=True)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def read_model(blob: str) -> list[Members]:
    """Return the rows that a model of Spark ML holds; none if it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b85decode(blob))) as archive:
            return [
                row
                for name in archive.namelist()
                if name.removeprefix("./").startswith("data/")
                and name.endswith(".parquet")
                for row in _rows(archive.read(name))
            ]
    except (ValueError, zipfile.BadZipFile, OSError):
        return []


def _rows(content: bytes) -> list[Members]:
    return pd.read_parquet(io.BytesIO(content)).to_dict("records")


def write_model(name: str, row: Members) -> str:
    """Return a model with one row of data, in the form of Spark ML's.

    Spark does not load it, whereupon Data Wrangler fits the node anew.

    Args:
        name: Of its class, such as `StringIndexerModel`.
        row: What it has learned; a vector is a list of floats.
    """
    fixed = {k: _vector(v) if _is_vector(v) else v for k, v in row.items()}
    metadata = {
        "class": f"localaws.wrangler.{name}",
        "timestamp": 0,
        "uid": f"{name}_localaws",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, content in (
            ("metadata/part-00000", json.dumps(metadata).encode()),
            (f"data/{_PARQUET}", pd.DataFrame([fixed]).to_parquet(index=False)),
        ):
            # a fixed time: the same model has the same text
            archive.writestr(zipfile.ZipInfo(path), content)
    return base64.b85encode(buffer.getvalue()).decode()


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, float) for item in value)


def _vector(values: list[float]) -> Members:
    return {"type": 1, "size": None, "indices": None, "values": values}


def scalar(value: Any) -> float:
    """Return the first element of a vector that was read, or a plain number."""
    return float(value["values"][0]) if isinstance(value, dict) else float(value)
