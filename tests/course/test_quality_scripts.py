"""The scripts of lesson 1.3d: broken files, and a model for each channel."""

import io
import os
import subprocess
import sys
import tarfile
from runpy import run_path

import numpy as np
import pytest

from helpers.samples import sample, table
from localaws.quality.grammar import parse

DESK = run_path(str(sample("scripts/quality/desk.py")))
FORM = run_path(str(sample("scripts/quality/brew_rules.py")))
TRAIN = sample("scripts/quality/train.py")


@pytest.fixture(scope="module")
def nights():
    return DESK["nights"](table("flights"))


def test_the_nights_are_those_of_february(nights):
    assert len(nights) == 28
    storm = [nights[f"2013-02-0{day}"]["dep_time"].isna().mean() for day in (8, 9)]
    assert [round(100 * share, 1) for share in storm] == [50.8, 57.5]


def test_six_files_are_broken_each_in_its_way(nights):
    broken = {date: rows for date, (_, rows) in DESK["broken"](nights).items()}
    assert len(broken) == 6
    assert "origin" not in broken["2013-02-05"]
    assert broken["2013-02-13"].duplicated().sum() == len(nights["2013-02-13"])
    assert len(broken["2013-02-15"]) < len(nights["2013-02-15"]) / 2
    assert broken["2013-02-19"]["dep_delay"].max() > 24 * 60
    assert broken["2013-02-22"]["carrier"].isna().all()
    assert set(broken["2013-02-26"]["day"]) == {25}


def test_the_gate_is_dqdl_and_the_form_has_the_same_bounds():
    rules = parse(sample("scripts/quality/gate.dqdl").read_text()).rules
    assert [rule.kind for rule in rules] == [
        "RowCount",
        "IsPrimaryKey",
        "ColumnValues",
        "CustomSql",
        "ColumnValues",
        "IsComplete",
    ]
    form = {rule["Name"]: rule["SubstitutionMap"] for rule in FORM["rules"](9)}
    assert (form["plan"][":a"], form["plan"][":b"]) == ("601", "999")
    assert form["date"][":n"] == "9"


def test_each_channel_gets_a_model_of_its_own(nights, tmp_path):
    env = {**os.environ, "SM_MODEL_DIR": str(tmp_path), "OMP_NUM_THREADS": "1"}
    for name, days in (("a", ("01", "02")), ("b", ("01", "02")), ("code", ())):
        folder = tmp_path / name
        folder.mkdir()
        env[f"SM_CHANNEL_{name.upper()}"] = str(folder)
        for day in days:
            nights[f"2013-02-{day}"].to_parquet(folder / f"{day}.parquet")
    command = [sys.executable, str(TRAIN)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    lines = [line.split()[:2] for line in done.stdout.splitlines()]
    assert lines == [["channel=a", "files=2"], ["channel=b", "files=2"]]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in sorted(tmp_path.glob("*.joblib")):
            archive.add(path, path.name)
    models = run_path(str(TRAIN))["unpack"](packed.getvalue())
    rows = table("flights").query("month == 3 and day == 1")
    first, second = (model.predict_proba(rows)[:, 1] for model in models.values())
    assert np.array_equal(first, second)
    assert 0.05 < first.mean() < 0.5
