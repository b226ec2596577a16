"""Learn interest rates from the vectors of an encoder, and answer for applications.

Amazon SageMaker runs this file as a program to train; the endpoint imports it to
serve. The encoder comes fitted, as a file of the channel `encoder`, and is never
fitted here: what it has learned from the loans, the endpoint knows too.
"""

import json
import os
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.ensemble import HistGradientBoostingRegressor

TARGET = "interest_rate"
SHOWN = 50


def typed(rows: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Give columns the types that they have where the encoder was fitted.

    A request of one row with a gap does not say what would stand in it.
    """
    return rows.astype({name: kinds.get(name, "str") for name in rows})


def vectors(encoder: Any, rows: pd.DataFrame) -> np.ndarray:
    """Encode rows, each by itself."""
    made = encoder.transform(rows)
    return np.asarray(made.toarray() if issparse(made) else made, dtype=float)


def model_fn(model_dir: str) -> dict[str, Any]:
    """Load encoder, model and types when the endpoint starts."""
    return joblib.load(Path(model_dir, "desk.joblib"))


def input_fn(body: str, content_type: str) -> pd.DataFrame:
    """Read applications: CSV with a header line, a gap is nothing between commas."""
    if content_type != "text/csv":
        raise ValueError(f"this model reads text/csv, not {content_type}")
    return pd.read_csv(StringIO(body), keep_default_na=False, na_values=[""])


def predict_fn(rows: pd.DataFrame, desk: dict[str, Any]) -> dict[str, Any]:
    """Give each application's rate, and the vector from which it was predicted."""
    encoded = vectors(desk["encoder"], typed(rows, desk["kinds"]))
    rates = desk["model"].predict(encoded)
    return {"rates": rates.round(4).tolist(), "vectors": encoded.round(6).tolist()}


def output_fn(answer: dict[str, Any], accept: str) -> tuple[str, str]:
    """Write the answer as JSON."""
    return json.dumps(answer), "application/json"


def main() -> None:
    """Train on the channels `train` and `encoder`; leave desk, script and vectors."""
    files = sorted(Path(os.environ["SM_CHANNEL_TRAIN"]).rglob("*.parquet"))
    loans = pd.concat(map(pd.read_parquet, files))
    encoder = joblib.load(Path(os.environ["SM_CHANNEL_ENCODER"], "encoder.joblib"))
    numbers = loans.select_dtypes("number")
    kinds = dict.fromkeys(numbers, "float64")

    encoded = vectors(encoder, typed(loans.drop(columns=TARGET), kinds))
    model = HistGradientBoostingRegressor(
        max_iter=150, max_leaf_nodes=15, learning_rate=0.08, random_state=0
    ).fit(encoded, loans[TARGET])
    print(f"learned from {len(encoded)} vectors of {encoded.shape[1]} numbers")

    home, said = (
        Path(os.environ["SM_MODEL_DIR"]),
        Path(os.environ["SM_OUTPUT_DATA_DIR"]),
    )
    joblib.dump(
        {"encoder": encoder, "model": model, "kinds": kinds}, home / "desk.joblib"
    )
    (home / "code").mkdir(exist_ok=True)
    shutil.copy(__file__, home / "code" / "rate.py")
    seen = {"least": encoded.min(axis=0), "most": encoded.max(axis=0)}
    seen |= {"vectors": encoded[:SHOWN]}
    text = json.dumps({name: values.tolist() for name, values in seen.items()})
    (said / "vectors.json").write_text(text)


if __name__ == "__main__":
    main()
