"""The desk's script: as a training job runs it, and as an endpoint asks it."""

import json
import os
import subprocess
import sys
from runpy import run_path

import joblib
import pytest
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import OneHotEncoder

from helpers.loans import desk
from helpers.samples import sample

RATE = sample("scripts/loans/rate.py")


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """The folders of a job that has run on a few loans."""
    home = tmp_path_factory.mktemp("job")
    for name in ("train", "encoder", "model", "output"):
        (home / name).mkdir()
    loans = desk.draw(13).train[:400]
    loans.to_parquet(home / "train" / "loans.parquet")
    # Sparse, which the script makes dense.
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=True)
    parts = (words, ["loan_purpose"]), ("passthrough", ["term", "emp_length"])
    encoder = make_column_transformer(*parts, sparse_threshold=1).fit(loans)
    joblib.dump(encoder, home / "encoder" / "encoder.joblib")
    variables = {
        "SM_CHANNEL_TRAIN": "train",
        "SM_CHANNEL_ENCODER": "encoder",
        "SM_MODEL_DIR": "model",
        "SM_OUTPUT_DATA_DIR": "output",
    }
    folders = {name: str(home / folder) for name, folder in variables.items()}
    done = subprocess.run(
        [sys.executable, str(RATE)],
        env={**os.environ, **folders, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "learned from 400 vectors of" in done.stdout
    return home


@pytest.fixture
def serving(job):
    return run_path(str(job / "model" / "code" / "rate.py"))


def test_what_the_job_saw_is_what_the_endpoint_answers(job, serving):
    seen = json.loads((job / "output" / "vectors.json").read_text())
    rows = desk.arriving(desk.draw(13).train)[: serving["SHOWN"]]
    loaded = serving["model_fn"](str(job / "model"))
    asked = serving["input_fn"](rows.to_csv(index=False), "text/csv")
    text, kind = serving["output_fn"](serving["predict_fn"](asked, loaded), "*/*")
    answer = json.loads(text)
    assert kind == "application/json"
    assert str(answer["vectors"]) == str(seen["vectors"])
    assert len(answer["rates"]) == len(rows)
    assert all(5 < rate < 31 for rate in answer["rates"])
    assert seen["least"][-2:] == [36, pytest.approx(float("nan"), nan_ok=True)]


def test_one_row_with_gaps_has_the_types_of_all(job, serving):
    odd = desk.arriving(desk.draw(13).train)[:1].assign(emp_length=None, state=None)
    asked = serving["input_fn"](odd.to_csv(index=False), "text/csv")
    typed = serving["typed"](asked, serving["model_fn"](str(job / "model"))["kinds"])
    assert typed["emp_length"].dtype == float
    assert typed["state"].dtype == "str"
    assert typed["state"].isna().all()


def test_only_csv_is_read(serving):
    with pytest.raises(ValueError, match="reads text/csv, not application/json"):
        serving["input_fn"]("[]", "application/json")
