"""The scripts that lessons show: real files, run here as SageMaker runs them."""

import os
import subprocess
import sys
from runpy import run_path

import joblib
import numpy as np
import pandas as pd
import pytest

from helpers.samples import sample, table
from localaws.algorithms import recordio

FIRST = sample("scripts/first_model/train.py")
FEATURES = sample("scripts/very_late/features.py")
TRAIN = sample("scripts/very_late/train.py")
FIT = sample("scripts/outside/fit.py")
SERVE = sample("scripts/outside/code/inference.py")
RECORDIO = sample("scripts/formats/recordio.py")


@pytest.fixture(scope="module")
def flights():
    return pd.read_parquet(sample("flights_feb.parquet"))


@pytest.fixture(scope="module")
def rows():
    """Features of the desk for three weeks in March, cut before the lags begin."""
    march = table("flights").query("month == 3 and day <= 21").reset_index(drop=True)
    return run_path(str(FEATURES))["build"](march, table("weather"), table("planes"))


@pytest.fixture
def train(tmp_path):
    """Run a script as a training job does: channels, arguments, model folder."""

    def run(script, channels, *arguments):
        home = tmp_path / "model"
        home.mkdir()
        variables = {"SM_MODEL_DIR": str(home), "OMP_NUM_THREADS": "1"}
        for name, text in channels.items():
            folder = tmp_path / name
            folder.mkdir()
            (folder / "part.csv").write_text(text)
            variables[f"SM_CHANNEL_{name.upper()}"] = str(folder)
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        return home, done

    return run


def test_first_model_learns_serves_and_carries_its_code(flights, train):
    home, done = train(
        FIRST, {"train": flights.to_csv(index=False)}, "--before-day", "15"
    )
    assert done.returncode == 0, done.stderr
    past = flights.query("day < 15").dropna(subset="arr_delay")
    assert f"learned from {len(past)} flights" in done.stdout

    serving = run_path(str(home / "code" / "train.py"))
    model = serving["model_fn"](str(home))
    later = flights.query("day >= 15")
    asked = serving["input_fn"](later.to_csv(index=False), "text/csv")
    scores = serving["predict_fn"](asked, model)
    assert len(scores) == len(later)
    assert all(0 <= score <= 1 for score in scores)
    assert len(set(scores)) > 10


def test_first_model_learns_only_from_the_columns_it_is_given(flights, train):
    home, _ = train(
        FIRST, {"train": flights.to_csv(index=False)}, "--features", "hour,distance"
    )
    model = joblib.load(home / "model.joblib")
    assert list(model.feature_names_in_) == ["hour", "distance"]


def test_first_model_fails_loudly_on_a_column_that_is_not_there(flights, train):
    _, done = train(
        FIRST, {"train": flights.to_csv(index=False)}, "--features", "hour,snow"
    )
    assert done.returncode != 0
    assert "snow" in done.stderr


@pytest.mark.parametrize("script", [FIRST, SERVE])
def test_serving_refuses_what_it_cannot_read(script):
    with pytest.raises(ValueError, match="application/json"):
        run_path(str(script))["input_fn"]("{}", "application/json")


def test_features_are_numbers_for_each_flight_that_arrived(rows):
    march = table("flights").query("month == 3 and day <= 21")
    assert len(rows) == march["arr_delay"].notna().sum()
    assert list(rows.columns[:2]) == ["month", "very_late"]
    assert all(kind.kind in "if" for kind in rows.dtypes)
    assert rows["very_late"].mean() == (march["arr_delay"].dropna() > 60).mean()


def test_features_know_nothing_of_the_last_two_hours():
    def flight(hour, late, carrier="AA"):
        return {
            "time_hour": pd.Timestamp("2013-03-01", tz="UTC")
            + pd.Timedelta(hours=hour),
            "minute": 0,
            "dep_delay": late,
            "origin": "JFK",
            "carrier": carrier,
        }

    recent = run_path(str(FEATURES))["recent"]
    day = pd.DataFrame(
        [flight(6, 10), flight(7, 30), flight(8, 59), flight(9, 500), flight(11, 0)]
    ).rename(columns={"time_hour": "departs"})
    known = recent(day, ["origin"], "delay")
    # At 11 the hours 6, 7 and 8 are known; what left at 9 or later is not.
    assert known[4] == pytest.approx((10 + 30 + 59) / 3, abs=0.01)
    # The flight of 8 left at 8:59; a flight that left after 9 would not count.
    day.loc[2, "dep_delay"] = 61
    assert recent(day, ["origin"], "delay")[4] == pytest.approx(20)
    assert known[:3].isna().all()


def test_script_mode_prints_what_the_metric_looks_for(rows, train):
    channels = {"train": rows.iloc[::2], "validation": rows.iloc[1::2]}
    texts = {
        name: part.drop(columns="month").to_csv(header=False, index=False)
        for name, part in channels.items()
    }
    home, done = train(TRAIN, texts, "--rounds", "10", "--alarms", "0.05")
    assert done.returncode == 0, done.stderr
    printed = dict(line.rstrip(";").split("=") for line in done.stdout.splitlines())
    assert 0.5 < float(printed["validation_auc"]) <= 1
    assert (
        float(printed["validation_hits"]) > channels["validation"]["very_late"].mean()
    )
    model = joblib.load(home / "model.joblib")
    assert model.n_features_in_ == rows.shape[1] - 2


def test_the_stranger_answers_the_same_after_it_has_moved(rows, tmp_path):
    hers, ours = run_path(str(FIT)), run_path(str(SERVE))
    features = rows.drop(columns=["month", "very_late"])
    model = hers["fit"](features, rows["very_late"])
    assert hers["save"](model, tmp_path).name == "delays.joblib"

    moved = ours["model_fn"](str(tmp_path))
    asked = ours["input_fn"](features.to_csv(index=False), "text/csv")
    answers = ours["predict_fn"](asked, moved)
    assert answers == model.predict_proba(features)[:, 1].tolist()


@pytest.mark.parametrize("columns", [1, 3, 18, 40])
def test_recordio_is_read_by_the_algorithms(columns):
    rows = np.random.default_rng(columns).normal(size=(7, columns))
    labels = np.arange(7.0)
    written = run_path(str(RECORDIO))["write"](rows, labels)
    features, found = recordio.decode(written, "flights")
    assert np.array_equal(features, rows.astype("float32"))
    assert np.array_equal(found, labels)
