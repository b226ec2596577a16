"""Flights that were cancelled: what is known two hours before, trees, and a judge."""

from pathlib import Path
from runpy import run_path

import pandas as pd
import xgboost
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

LABEL = "cancelled"
CODES = ["carrier", "origin", "dest"]
CLOCK = ["weekday", "hour", "minute", "distance"]
TREES = {
    "objective": "binary:logistic",
    "eta": "0.2",
    "max_depth": "5",
    "subsample": "0.8",
    "min_child_weight": "10",
    "nthread": "1",
}
ROUNDS = 50
SCRIPTS = Path(__file__).parents[1]


def build(
    flights: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame
) -> pd.DataFrame:
    """Give a row for each flight of the schedule: label, month, day, features.

    It takes no column of the aircraft: no flight that left lacks a tail number, and
    many that did not leave do. Codes are numbers, the most frequent 1.
    """
    clean = run_path(str(SCRIPTS / "cleaning" / "clean.py"))
    recent = run_path(str(SCRIPTS / "very_late" / "features.py"))["recent"]
    rows = clean["combine"](flights, clean["clean_weather"](weather), planes)
    rows[LABEL] = rows["dep_time"].isna().astype(int)
    rows["departs"] = rows["time_hour"]
    rows["weekday"] = rows["departs"].dt.day_of_week
    rows["origin_delay"] = recent(rows, ["origin"], "origin_delay")
    for name in CODES:
        order = rows[name].value_counts().rank(ascending=False, method="first")
        rows[name] = rows[name].map(order)
    sky = [*clean["MEASURED"], "storm", "origin_delay"]
    return rows[[LABEL, "month", "day", *CLOCK, *CODES, *sky]]


def matrix(part: pd.DataFrame) -> xgboost.DMatrix:
    """Give features and label as XGBoost wants them, without the calendar."""
    features = part.drop(columns=[LABEL, "month", "day"], errors="ignore")
    return xgboost.DMatrix(features.to_numpy(), part[LABEL])


def fit(train: pd.DataFrame) -> xgboost.Booster:
    """Fit the trees that the lesson uses throughout."""
    return xgboost.train(TREES, matrix(train), ROUNDS)


def measure(
    truth: pd.Series, scores: pd.Series, threshold: float = 0.5
) -> dict[str, float]:
    """Judge scores: at a threshold, over all thresholds, and as probabilities."""
    said = scores > threshold
    return {
        "accuracy": accuracy_score(truth, said),
        "recall": recall_score(truth, said),
        "precision": precision_score(truth, said, zero_division=0),
        "AUC": roc_auc_score(truth, scores),
        "AP": average_precision_score(truth, scores),
        "mean score": float(scores.mean()),
    }
