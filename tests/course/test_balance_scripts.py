"""The scripts with which lesson 1.3b splits, resamples and varies."""

import json
import random
import sys
from pathlib import Path
from runpy import run_path

import joblib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.complaints import complaints
from helpers.samples import sample, table

SCRIPT = sample("scripts/balance/balance.py")
LETTERS = sample("scripts/balance/letters.py")
BALANCE = run_path(str(SCRIPT))
WORDS = run_path(str(LETTERS))
CANCELLED = run_path(str(sample("scripts/balance/cancelled.py")))
PICTURES = run_path(str(sample("scripts/balance/pictures.py")))
WAYS = ("over", "under", "smotenc")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Give 200 flights a month, of which 6 are cancelled, with gaps."""
    rng = np.random.default_rng(0)
    count = 200 * 12
    rows = pd.DataFrame({"cancelled": (np.arange(count) % 200 < 6).astype(int)})
    rows["month"] = np.arange(count) // 200 + 1
    for name, kinds in zip(BALANCE["CATEGORIES"], (7, 4, 3, 9), strict=True):
        rows[name] = rng.integers(kinds, size=count)
    rows["distance"] = rng.uniform(100, 2500, size=count).round(1)
    rows["wind"] = rng.normal(10, 3, size=count) + rows["month"]
    rows.loc[rows.index % 9 == 0, "wind"] = None
    return rows


@pytest.fixture(scope="module")
def train(rows: pd.DataFrame) -> pd.DataFrame:
    return BALANCE["split"](rows)["train"]


def plain(part: pd.DataFrame) -> set[tuple[float, ...]]:
    return set(part.itertuples(index=False, name=None))


def test_a_flight_is_in_one_part_and_the_parts_follow_in_time(
    rows: pd.DataFrame,
) -> None:
    parts = BALANCE["split"](rows)
    assert [len(part) for part in parts.values()] == [1600, 200, 600]
    assert sorted(index for part in parts.values() for index in part.index) == [
        *rows.index
    ]
    assert rows.loc[parts["train"].index, "month"].max() == 8
    assert rows.loc[parts["test"].index, "month"].min() == 10


def test_gaps_are_filled_with_what_the_training_part_knows(rows: pd.DataFrame) -> None:
    parts = BALANCE["split"](rows)
    gap = rows["wind"].isna()
    known = rows.loc[(rows["month"] <= 8) & ~gap, "wind"].median()
    for part in parts.values():
        assert (part.loc[gap.reindex(part.index), "wind"] == known).all()
        assert not part.isna().any(axis=None)


@pytest.mark.parametrize("how", WAYS)
def test_the_rare_class_gets_its_share(train: pd.DataFrame, how: str) -> None:
    treated = BALANCE["resample"](train, how, 0.2)
    assert list(treated.columns) == list(train.columns)
    assert treated["cancelled"].mean() == pytest.approx(0.2, abs=0.002)
    half = len(treated) // 2
    assert treated["cancelled"][:half].mean() == pytest.approx(0.2, abs=0.05)
    pd.testing.assert_frame_equal(treated, BALANCE["resample"](train, how, 0.2))


def test_repeated_and_dropped_rows_are_rows_of_the_training_part(
    train: pd.DataFrame,
) -> None:
    over, under = (BALANCE["resample"](train, how, 0.2) for how in ("over", "under"))
    assert plain(over) == plain(train)
    assert plain(under) < plain(train)
    assert under["cancelled"].sum() == train["cancelled"].sum()


def test_invented_rows_are_new_rare_and_of_known_codes(train: pd.DataFrame) -> None:
    made = BALANCE["resample"](train, "smotenc", 0.2)
    known = plain(train)
    new = made[[row not in known for row in made.itertuples(index=False)]]
    assert len(new) > train["cancelled"].sum()
    assert new["cancelled"].eq(1).all()
    rare = train[train["cancelled"] == 1]
    for name in BALANCE["CATEGORIES"]:
        assert set(new[name]) <= set(rare[name])
    assert new["distance"].between(rare["distance"].min(), rare["distance"].max()).all()
    assert made["cancelled"].sum() == BALANCE["INVENTED"] * train["cancelled"].sum()


def test_a_share_that_is_there_already_is_refused(train: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"not below 0\.02"):
        BALANCE["resample"](train, "over", 0.02)


def test_the_job_treats_the_training_part_alone(
    rows: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "input" / "flights"
    folder.mkdir(parents=True)
    rows.to_parquet(folder / "flights.parquet")
    monkeypatch.setitem(BALANCE["main"].__globals__, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["balance.py", "--share", "0.3"])
    BALANCE["main"]()
    out = tmp_path / "output"
    report = json.loads((out / "report.json").read_text())
    assert report["validation"] == {"flights": 200, "cancelled": 6}
    assert report["test"] == {"flights": 600, "cancelled": 18}
    found = {path.parent.name: pd.read_parquet(path) for path in out.rglob("*.parquet")}
    assert set(found) == {"as-is", "validation", "test", *WAYS} == set(report)
    parts = BALANCE["split"](rows)
    for name in ("validation", "test"):
        assert plain(found[name]) == plain(parts[name])
    for how in WAYS:
        assert not plain(found[how]) & (plain(parts["test"]) - plain(parts["train"]))
        assert found[how]["cancelled"].mean() == pytest.approx(0.3, abs=0.002)


def test_a_varied_letter_has_fewer_words_and_none_of_its_own() -> None:
    text = "My bag went to another airport and came back wet."
    made = {WORDS["vary"](text, 0.3, random.Random(n)) for n in range(20)}
    assert len(made) > 15
    assert all(set(each.split()) < set(text.split()) for each in made)
    assert WORDS["vary"](text, 0.0, random.Random(0)) == text
    assert WORDS["vary"]("wet", 1.0, random.Random(0)) == "wet"


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    letters, others = complaints(400, 13, slips=0.2), complaints(300, 14, slips=0.2)
    rare = letters["topic"] == "seat"
    parts = {
        "TRAIN": pd.concat([letters[~rare], letters[rare].head(6)]),
        "VALIDATION": others,
    }
    folders = {name: tmp_path_factory.mktemp(name.lower()) for name in parts}
    for name, part in parts.items():
        part[["text", "topic"]].to_csv(folders[name] / "letters.csv", index=False)
    return folders


def learn(
    channels: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
) -> dict[str, float]:
    """Run the script as a training job does, and give what it printed."""
    for name, path in channels.items():
        monkeypatch.setenv(f"SM_CHANNEL_{name}", str(path))
    monkeypatch.setenv("SM_MODEL_DIR", str(channels["TRAIN"]))
    monkeypatch.setattr(sys, "argv", ["letters.py", *arguments])
    run_path(str(LETTERS), run_name="__main__")
    lines = [line.rstrip(";").split("=") for line in capsys.readouterr().out.split()]
    return {name: float(value) for name, value in lines}


def test_weights_and_varied_copies_find_more_of_the_rare_letters(
    channels: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    none = learn(channels, monkeypatch, capsys)
    both = ("--copies", "10", "--dropout", "0.3", "--weigh", "balanced")
    treated = learn(channels, monkeypatch, capsys, *both)
    assert none["recall_of_the_rare"] < 0.1
    assert treated["recall_of_the_rare"] > none["recall_of_the_rare"] + 0.3
    assert treated["macro_f1"] > none["macro_f1"]
    assert "seat" in joblib.load(channels["TRAIN"] / "model.joblib").classes_


def test_flights_that_were_cancelled_are_kept_and_not_given_away() -> None:
    march = table("flights").query("month == 3 and day <= 9").reset_index(drop=True)
    rows = CANCELLED["build"](march, table("weather"), table("planes"))
    assert rows["cancelled"].tolist() == march["dep_time"].isna().astype(int).tolist()
    assert all(kind.kind in "if" for kind in rows.dtypes)
    assert not {"tailnum", "seats", "dep_delay"} & set(rows.columns)
    model = CANCELLED["fit"](rows)
    assert model.num_features() == rows.shape[1] - 3
    scores = model.predict(CANCELLED["matrix"](rows.drop(columns="day")))
    assert CANCELLED["measure"](rows["cancelled"], scores)["AUC"] > 0.7


def test_measures_follow_the_threshold() -> None:
    truth, scores = pd.Series([0, 0, 0, 1, 1]), pd.Series([0.1, 0.2, 0.6, 0.4, 0.9])
    half, low = (CANCELLED["measure"](truth, scores, at) for at in (0.5, 0.3))
    assert (half["recall"], half["precision"], half["accuracy"]) == (0.5, 0.5, 0.6)
    assert (low["recall"], low["precision"]) == (1.0, pytest.approx(2 / 3))
    assert half["AUC"] == low["AUC"] == pytest.approx(5 / 6)
    assert half["mean score"] == pytest.approx(0.44)


def test_eights_are_thinned_in_the_half_to_learn_from_alone() -> None:
    _, said, test, truth = PICTURES["thinned"](3, left=5)
    counts = pd.Series(said).value_counts()
    assert counts[8] == 5
    assert counts.drop(8).min() > 85
    assert pd.Series(truth).value_counts()[8] > 80
    assert len(test) == len(truth) == 899


def test_augmented_eights_are_new_and_the_rest_stays() -> None:
    learn, said, test, _ = PICTURES["thinned"](0)
    more, labels = PICTURES["augment"](learn, said, count=12)
    assert len(more) == len(labels) == len(said) + 12
    assert (more[: len(said)] == learn).all()
    assert (labels[len(said) :] == 8).all()
    known = {picture.tobytes() for picture in [*learn, *test]}
    assert not {picture.tobytes() for picture in more[len(said) :]} & known


def test_the_sheet_shows_the_real_eights_above_the_made_ones() -> None:
    axes = Figure().subplots()
    PICTURES["sheet"](axes)
    learn, said, _, _ = PICTURES["thinned"](0)
    (image,) = axes.images
    real, made = np.vsplit(image.get_array(), 2)
    assert (real == np.hstack(list(learn[said == 8].reshape(-1, 8, 8)))).all()
    assert made.shape == real.shape
    assert (made != real).any()
