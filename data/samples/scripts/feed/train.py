"""Learns what a garment is from the photographs in its one channel of data."""

import os
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

CHANNEL = "garments"
BLOCK = 4


def read(folder: Path) -> pd.DataFrame:
    """Read the files of a folder, however deep, in the order of the photographs."""
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise FileNotFoundError(f"no Parquet in {folder}")
    rows = pd.concat([pd.read_parquet(path) for path in files])
    return rows.sort_values("number", ignore_index=True)


def coarse(pixels: pd.Series) -> np.ndarray:
    """Give the mean grey of each block of 4 by 4 pixels, from 0 to 1."""
    images = np.stack([np.frombuffer(each, np.uint8) for each in pixels])
    blocks = images.reshape(len(images), 28 // BLOCK, BLOCK, 28 // BLOCK, BLOCK)
    return blocks.mean(axis=(2, 4)).reshape(len(images), -1) / 255


def fit(rows: pd.DataFrame) -> LogisticRegression:
    """Fit the kind of garment."""
    return LogisticRegression(max_iter=500).fit(coarse(rows["pixels"]), rows["garment"])


def model_fn(folder: str) -> LogisticRegression:
    """Open the model."""
    return joblib.load(Path(folder) / "model.joblib")


def predict_fn(rows: pd.DataFrame, model: LogisticRegression) -> list[str]:
    """Say what garments are."""
    return model.predict(coarse(rows["pixels"])).tolist()


def main() -> None:
    """Train on what the channel shows."""
    rows = read(Path(os.environ[f"SM_CHANNEL_{CHANNEL.upper()}"]))
    print(f"{len(rows)} photographs of {rows['garment'].nunique()} kinds")
    joblib.dump(fit(rows), Path(os.environ["SM_MODEL_DIR"]) / "model.joblib")


if __name__ == "__main__":
    main()
