"""Learn which flights will arrive more than 15 minutes late, and answer for them.

Amazon SageMaker runs this file as a program to train; the endpoint imports it to
serve. It knows nothing of AWS: folders come in by environment variables.
"""

import argparse
import os
import shutil
from io import StringIO
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier


def learn(flights: pd.DataFrame, features: list[str]) -> HistGradientBoostingClassifier:
    """Fit trees on columns that are known before departure.

    Args:
        flights: past flights, with `arr_delay` in minutes.
        features: columns to learn from; text counts as categories.
    """
    late = flights["arr_delay"] > 15
    trees = HistGradientBoostingClassifier(
        max_leaf_nodes=8,
        min_samples_leaf=200,
        categorical_features="from_dtype",
        random_state=0,
    )
    return trees.fit(prepared(flights[features]), late)


def prepared(table: pd.DataFrame) -> pd.DataFrame:
    """Give the table with its text columns as categories."""
    text = table.select_dtypes(exclude="number").columns
    return table.astype(dict.fromkeys(text, "category"))


def model_fn(model_dir: str) -> HistGradientBoostingClassifier:
    """Load the model when the endpoint starts."""
    return joblib.load(Path(model_dir, "model.joblib"))


def input_fn(body: str, content_type: str) -> pd.DataFrame:
    """Read the flights of a request: CSV with a header line."""
    if content_type != "text/csv":
        raise ValueError(f"this model reads text/csv, not {content_type}")
    return pd.read_csv(StringIO(body))


def predict_fn(
    flights: pd.DataFrame, model: HistGradientBoostingClassifier
) -> list[float]:
    """Give each flight's probability of being late, in the order they came."""
    known = prepared(flights[list(model.feature_names_in_)])
    return model.predict_proba(known)[:, 1].round(6).tolist()


def main() -> None:
    """Train on the channel `train` and leave the model where SageMaker takes it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--features", default="carrier,origin,hour,distance")
    parser.add_argument("--before-day", type=int, default=32)
    args = parser.parse_args()

    files = sorted(Path(os.environ["SM_CHANNEL_TRAIN"]).rglob("*.csv"))
    flights = pd.concat(map(pd.read_csv, files)).dropna(subset="arr_delay")
    past = flights[flights["day"] < args.before_day]
    model = learn(past, args.features.split(","))
    late = (past["arr_delay"] > 15).mean()
    print(f"learned from {len(past)} flights, {late:.1%} late")

    home = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(model, home / "model.joblib")
    (home / "code").mkdir(exist_ok=True)
    shutil.copy(__file__, home / "code" / "train.py")


if __name__ == "__main__":
    main()
