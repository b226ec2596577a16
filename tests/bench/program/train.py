"""The work of the benchmark: a training script that also serves its model."""

import time

BEGUN = time.time()

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
from io import StringIO  # noqa: E402
from pathlib import Path  # noqa: E402

import joblib  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402

IMPORTED = time.time()


def model_fn(model_dir):
    """Load the model."""
    return joblib.load(Path(model_dir, "model.joblib"))


def input_fn(body, content_type):
    """Read rows of CSV without a header."""
    text = body.decode() if isinstance(body, bytes) else body
    return pd.read_csv(StringIO(text), header=None).to_numpy()


def predict_fn(rows, model):
    """Give the probability of each row."""
    return model.predict_proba(rows)[:, 1]


def output_fn(prediction, accept):
    """Write the probabilities as JSON."""
    return json.dumps(prediction.round(9).tolist())


def main():
    """Fit on the channel `train`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-iter", type=int, default=60)
    options = parser.parse_args()
    [path] = Path(os.environ["SM_CHANNEL_TRAIN"]).glob("*.csv")
    table = np.loadtxt(path, delimiter=",")
    trees = HistGradientBoostingClassifier(
        max_iter=options.max_iter, random_state=0, early_stopping=False
    )
    trees.fit(table[:, 1:], table[:, 0])
    home = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(trees, home / "model.joblib")
    times = {"begun": BEGUN, "imported": IMPORTED, "ended": time.time()}
    (home / "times.json").write_text(json.dumps(times))


if __name__ == "__main__":
    main()
