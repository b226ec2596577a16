"""Teach the scikit-learn container to serve a model that it did not train."""

from io import StringIO
from pathlib import Path

import joblib
import pandas as pd
from sklearn.pipeline import Pipeline


def model_fn(model_dir: str) -> Pipeline:
    """Load the model when the container starts."""
    return joblib.load(Path(model_dir, "delays.joblib"))


def input_fn(body: str, content_type: str) -> pd.DataFrame:
    """Read a request: CSV with a header line."""
    if content_type != "text/csv":
        raise ValueError(f"this model reads text/csv, not {content_type}")
    return pd.read_csv(StringIO(body))


def predict_fn(flights: pd.DataFrame, model: Pipeline) -> list[float]:
    """Give the probability of the positive class, not the class."""
    return model.predict_proba(flights)[:, 1].tolist()
