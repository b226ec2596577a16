"""Learns which flights leave late, once from the files of each channel."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

WORDS = ["carrier", "origin", "dest"]
FEATURES = [*WORDS, "hour"]
LATE = 15


def read(files: list[Path]) -> pd.DataFrame:
    """Read files of flights, without those that never left."""
    rows = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    rows["hour"] = rows["sched_dep_time"] // 100
    return rows.dropna(subset=["dep_delay"])


def fit(rows: pd.DataFrame) -> Pipeline:
    """Fit the chance of leaving late."""
    encode = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer((encode, WORDS), remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression(max_iter=2000))
    return model.fit(rows[FEATURES], rows["dep_delay"] > LATE)


def channels() -> Iterator[tuple[str, Path, list[Path]]]:
    """Find the channels that hold data, and the folder of each."""
    known = {name: os.environ[name] for name in os.environ if "SM_CHANNEL_" in name}
    for name, folder in sorted(known.items()):
        files = sorted(Path(folder).rglob("*.parquet"))
        if files:
            yield name.removeprefix("SM_CHANNEL_").lower(), Path(folder), files


def unpack(body: bytes) -> dict[str, Pipeline]:
    """Open the models of an artefact, by the channel that each was trained on."""
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        names = [name for name in archive.getnames() if name.endswith(".joblib")]
        files = {Path(name).stem: archive.extractfile(name).read() for name in names}
    return {name: joblib.load(io.BytesIO(raw)) for name, raw in sorted(files.items())}


def main() -> None:
    """Train one model for each channel."""
    for name, folder, files in channels():
        rows = read(files)
        found = {
            "files": len(files),
            "bytes": sum(path.stat().st_size for path in files),
            "rows": len(rows),
            "read_only": bool(os.statvfs(folder).f_flag & os.ST_RDONLY),
        }
        print(f"channel={name}", *(f"{key}={found[key]}" for key in found))
        target = Path(os.environ["SM_MODEL_DIR"], f"{name}.joblib")
        joblib.dump(fit(rows), target)


if __name__ == "__main__":
    main()
