"""A colleague's model, fitted on her laptop: she has never heard of SageMaker."""

from pathlib import Path

import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CODES = ["carrier", "origin", "dest"]


def fit(features: pd.DataFrame, label: pd.Series) -> Pipeline:
    """Fit a logistic regression on one-hot codes and scaled numbers."""
    numbers = [name for name in features if name not in CODES]
    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", min_frequency=500), CODES),
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
    )
    return make_pipeline(prepare, LogisticRegression(max_iter=300)).fit(features, label)


def save(model: Pipeline, folder: Path) -> Path:
    """Keep the model as one file in the folder, and give its path."""
    path = folder / "delays.joblib"
    joblib.dump(model, path)
    return path
