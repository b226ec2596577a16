"""Channels, artefacts and failures that Amazon's algorithms share."""

import json

import numpy as np
import pytest

from localaws.algorithms import first_party, recordio
from tests.localaws.algorithms.conftest import RECORDIO, UNLABELLED

PCA = {"feature_dim": "3", "mini_batch_size": "2", "num_components": "1"}
ROWS = "1,2,3\n4,5,7\n7,1,2\n"
KNN = {"feature_dim": "2", "k": "1", "predictor_type": "regressor", "sample_size": "9"}
TREES = {"feature_dim": "3"}


def records(rows: list, labels: list | None = None) -> bytes:
    return recordio.encode(np.array(rows, float), labels)


MISTAKES = {
    "no train": ("pca", PCA, UNLABELLED, {"test": ROWS}, "Missing required channel: t"),
    "other channel": (
        "pca",
        PCA,
        UNLABELLED,
        {"train": ROWS, "validation": ROWS},
        "Extraneous channel found: validation. pca reads the channels train, test",
    ),
    "label by default": (
        "pca",
        PCA,
        "text/csv",
        {"train": ROWS},
        "The train channel has 2 features, the hyperparameter feature_dim is 3. The"
        " first column of text/csv is the label; for data without labels give the"
        " content type text/csv;label_size=0",
    ),
    "wrong width": (
        "pca",
        PCA,
        UNLABELLED,
        {"train": "1,2\n3,4"},
        "The train channel has 2 features, the hyperparameter feature_dim is 3.",
    ),
    "wrong test": (
        "pca",
        PCA,
        UNLABELLED,
        {"train": ROWS, "test": "1,2\n"},
        "The test channel has 2 features",
    ),
    "no labels": (
        "knn",
        KNN,
        UNLABELLED,
        {"train": "1,2\n"},
        "The train channel has no labels, knn needs them",
    ),
    "no labels in records": (
        "randomcutforest",
        TREES,
        RECORDIO,
        {"train": records([[1, 2, 3]]), "test": records([[1, 2, 3]])},
        "The test channel has no labels",
    ),
    "missing value": (
        "pca",
        PCA,
        UNLABELLED,
        {"train": "1,2,3\n1,,3"},
        "Row 2 of the train channel has a missing value",
    ),
    "missing value in records": (
        "pca",
        PCA,
        RECORDIO,
        {"train": records([[1, np.nan, 3]])},
        "A record of the train channel has a missing value",
    ),
    "content type": (
        "pca",
        PCA,
        "application/json",
        {"train": ROWS},
        "application/json is not an accepted ContentType of pca: text/csv, application",
    ),
    "not the default": ("pca", PCA, None, {"train": ROWS}, "is not RecordIO"),
    "label size": ("pca", PCA, "text/csv;label_size=2", {"train": ROWS}, "label_size"),
    "no data": ("pca", PCA, UNLABELLED, {"train": "\n"}, "No data in train channel"),
    "no records": ("pca", PCA, RECORDIO, {"train": b""}, "No data in train channel"),
    "csv for factorization": (
        "factorization-machines",
        {"feature_dim": "3", "num_factors": "2", "predictor_type": "regressor"},
        "text/csv",
        {"train": ROWS},
        "text/csv is not an accepted ContentType of factorization-machines",
    ),
}


@pytest.mark.parametrize(
    ("name", "hyperparameters", "kind", "channels", "reason"),
    MISTAKES.values(),
    ids=MISTAKES,
)
def test_mistakes_are_client_errors(
    learn, capsys, name, hyperparameters, kind, channels, reason
) -> None:
    trained = learn(name, hyperparameters, kind, **channels)
    assert trained.code == 2
    assert trained.failure.startswith("ClientError: ")
    assert reason in trained.failure
    assert trained.failure in capsys.readouterr().out
    assert not (trained.opt / "model").exists()


def test_the_artefact_is_the_same_again_and_numpy_reads_it(learn) -> None:
    contents = []
    for kind, train in (
        (UNLABELLED, ROWS),
        (None, records(json.loads(f"[{_json()}]"))),
    ):
        trained = learn("pca", PCA, kind, train=train)
        path = trained.opt / "model" / "model_algo-1"
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    with np.load(path) as arrays:
        assert set(arrays) == {"mean", "v", "s", "feature_dim"}


def _json() -> str:
    return ",".join(f"[{row}]" for row in ROWS.split())


@pytest.mark.parametrize("content", [None, b"junk", b"PK\x03\x04junk"])
def test_models_that_cannot_be_loaded(tmp_path, content) -> None:
    path = tmp_path / "model_algo-1"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="Unable to load model"):
        first_party.load(path)


def test_objects_in_an_artefact_are_not_run(tmp_path) -> None:
    path = tmp_path / "model_algo-1"
    with path.open("wb") as file:
        np.savez(file, v=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="Unable to load model"):
        first_party.load(path)
