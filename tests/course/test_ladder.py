"""The ladder of lesson 1.2b, rung by rung, on other seeds than the lesson's."""

import os
from runpy import run_path

import pandas as pd
import pytest
import xgboost
from sklearn.metrics import roc_auc_score

from helpers.samples import sample, table

SEEDS = (1, 2, 3) if os.environ.get("MLA_NIGHTLY") == "1" else (1,)
HOUR = ["origin", "time_hour"]
CLOCK = ["month", "weekday", "hour", "minute", "distance", "carrier", "origin", "dest"]
RECENT = ["origin_delay", "carrier_delay"]
TREES = {
    "objective": "binary:logistic",
    "eta": 0.2,
    "max_depth": 5,
    "subsample": 0.8,
    "min_child_weight": 10,
    "nthread": 1,
}
# Measured before the lesson was written, with other trees; see the issue.
REFERENCE = {"clock": 0.614, "weather": 0.696, "aircraft": 0.699, "recent": 0.720}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    clean = run_path(str(sample("scripts/cleaning/clean.py")))
    recent = run_path(str(sample("scripts/very_late/features.py")))["recent"]
    wind = table("weather")[[*HOUR, "wind_dir", "wind_gust"]]
    hours = clean["clean_weather"](table("weather")).merge(wind, on=HOUR)
    rows = clean["combine"](table("flights"), hours, table("planes"))
    rows["departs"] = pd.to_datetime(rows["time_hour"])
    rows["weekday"] = rows["departs"].dt.day_of_week
    for name, keys in zip(RECENT, (["origin"], ["origin", "carrier"]), strict=True):
        rows[name] = recent(rows, keys, name)
    for name in ("carrier", "origin", "dest"):
        order = {code: n for n, code in enumerate(rows[name].value_counts().index)}
        rows[name] = rows[name].map(order)
    rows.attrs["rungs"] = {
        "clock": CLOCK,
        "weather": [*clean["MEASURED"], "wind_dir", "wind_gust"],
        "aircraft": clean["AIRCRAFT"],
        "recent": RECENT,
    }
    return rows.dropna(subset="arr_delay")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ladder(rows: pd.DataFrame, seed: int) -> None:
    train, test = rows[rows["month"] <= 8], rows[rows["month"] >= 10]
    features: list[str] = []
    for rung, columns in rows.attrs["rungs"].items():
        features += columns
        learned = xgboost.DMatrix(train[features], train["late"])
        model = xgboost.train({**TREES, "seed": seed}, learned, 50)
        scores = model.predict(xgboost.DMatrix(test[features]))
        found = roc_auc_score(test["late"], scores)
        assert found == pytest.approx(REFERENCE[rung], abs=0.01)
