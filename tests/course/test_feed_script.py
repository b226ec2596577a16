"""The script that lab 1.3 feeds from three stores."""

from pathlib import Path
from runpy import run_path

import pandas as pd
import pytest

from helpers.samples import sample

SCRIPT = sample("scripts/feed/train.py")


def test_it_learns_the_same_whatever_the_files_and_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pd.read_parquet(sample("garments.parquet"))
    hidden = rows.sample(100, random_state=1)
    train = rows.drop(hidden.index)
    parts = {"one/all": train, "two/b": train.iloc[::2], "two/deep/a": train.iloc[1::2]}
    for name, part in parts.items():
        path = tmp_path / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        part.to_parquet(path, index=False)
    said = []
    for folder in ("one", "two"):
        monkeypatch.setenv("SM_CHANNEL_GARMENTS", str(tmp_path / folder))
        monkeypatch.setenv("SM_MODEL_DIR", str(tmp_path))
        script = run_path(str(SCRIPT))
        script["main"]()
        model = script["model_fn"](str(tmp_path))
        said.append(script["predict_fn"](hidden, model))
    assert said[0] == said[1]
    right = [a == b for a, b in zip(said[0], hidden["garment"], strict=True)]
    assert sum(right) > 70


def test_an_empty_channel_is_said_to_be_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SM_CHANNEL_GARMENTS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no Parquet"):
        run_path(str(SCRIPT))["main"]()
