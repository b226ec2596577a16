"""The built-in k-nearest neighbors against scikit-learn."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from localaws.algorithms import HyperparameterError, by_name, recordio
from tests.localaws.algorithms.conftest import RECORDIO, as_csv

DIGITS, DIGIT = load_digits(return_X_y=True)
DIABETES, PROGRESS = load_diabetes(return_X_y=True)
CLASSIFY = {"feature_dim": "64", "k": "5", "sample_size": "2000"}
CLASSIFY |= {"predictor_type": "classifier"}


def table(features: np.ndarray, labels: np.ndarray) -> str:
    return as_csv(np.c_[labels, features])


@pytest.mark.parametrize(("metric", "own"), [("L2", "euclidean"), ("COSINE", "cosine")])
def test_a_classifier_is_the_librarys_own(learn, capsys, metric, own) -> None:
    trained = learn(
        "knn",
        CLASSIFY | {"index_metric": metric, "index_type": "faiss.Flat"},
        train=table(DIGITS[:1400], DIGIT[:1400]),
        test=table(DIGITS[1400:], DIGIT[1400:]),
    )
    reference = KNeighborsClassifier(5, algorithm="brute", metric=own)
    reference.fit(DIGITS[:1400], DIGIT[:1400])
    answer = trained.ask(as_csv(DIGITS[1400:]))["predictions"]
    labels = [one["predicted_label"] for one in answer]
    assert np.mean(labels == reference.predict(DIGITS[1400:])) > 0.995
    log = capsys.readouterr().out
    regex = dict(trained.algorithm.metrics)["test:accuracy"]
    accuracy = float(re.search(regex, log).group(1))
    assert accuracy == pytest.approx(np.mean(labels == DIGIT[1400:]))
    assert accuracy > 0.94
    assert f"#test_score (algo-1) : ('accuracy', {accuracy})" in log


def test_a_regressor_is_the_librarys_own(learn, capsys) -> None:
    rows = DIABETES.astype(np.float32)
    trained = learn(
        "knn",
        {"feature_dim": "10", "k": "7", "predictor_type": "regressor"}
        | {"sample_size": "1000"},
        RECORDIO,
        train=recordio.encode(rows[:350], PROGRESS[:350]),
        test=recordio.encode(rows[350:], PROGRESS[350:]),
    )
    own = KNeighborsRegressor(7, algorithm="brute").fit(rows[:350], PROGRESS[:350])
    answer = trained.ask(recordio.encode(rows[350:]), RECORDIO)["predictions"]
    found = np.array([one["predicted_label"] for one in answer])
    assert np.allclose(found, own.predict(rows[350:]))
    regex = dict(trained.algorithm.metrics)["test:mse"]
    mse = float(re.search(regex, capsys.readouterr().out).group(1))
    assert mse == pytest.approx(np.mean((found - PROGRESS[350:]) ** 2), rel=1e-4)


def test_the_largest_inner_products_are_near(learn) -> None:
    options = {"feature_dim": "2", "k": "2", "predictor_type": "classifier"}
    options |= {"sample_size": "9", "index_metric": "INNER_PRODUCT"}
    trained = learn("knn", options, train="0,1,0\n1,9,0\n1,8,0\n2,0,9\n")
    (one,) = trained.ask("1,0", accept="application/json; verbose=true")["predictions"]
    assert one == {"predicted_label": 1, "distances": [-8, -7], "labels": [1, 1]}


def test_neighbors_are_told_when_asked_for(learn) -> None:
    trained = learn("knn", CLASSIFY, train=table(DIGITS[:100], DIGIT[:100]))
    (one,) = trained.ask(as_csv(DIGITS[:1]), accept="application/json; verbose=true")[
        "predictions"
    ]
    assert one["distances"] == sorted(one["distances"])
    assert one["distances"][0] == pytest.approx(0, abs=1e-3)
    assert one["labels"][0] == DIGIT[0]
    assert len(one["labels"]) == 5
    (plain,) = trained.ask(as_csv(DIGITS[:1]))["predictions"]
    assert plain == {"predicted_label": one["predicted_label"]}


def test_a_sample_in_fewer_dimensions_still_classifies(learn) -> None:
    options = {"sample_size": "500", "dimension_reduction_type": "sign"}
    options |= {"dimension_reduction_target": "30"}
    trained = learn("knn", CLASSIFY | options, train=table(DIGITS[:1400], DIGIT[:1400]))
    model = trained.load()
    assert model["rows"].shape == (500, 30)
    assert len(np.unique(np.abs(model["projection"]))) == 1
    answer = trained.ask(as_csv(DIGITS[1400:]))["predictions"]
    right = [one["predicted_label"] for one in answer] == DIGIT[1400:]
    assert right.mean() > 0.85


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"index_type": "faiss.IVFPQ"},
            "index_type=faiss.IVFPQ is not honoured .*exact",
        ),
        ({"dimension_reduction_type": "fjlt"}, "=fjlt is not honoured"),
        (
            {"dimension_reduction_type": "sign"},
            "dimension_reduction_target go together",
        ),
        (
            {"dimension_reduction_type": "sign", "dimension_reduction_target": "64"},
            r"dimension_reduction_target: 64 is not in \(0, 64\)",
        ),
        ({"index_metric": "L1"}, "index_metric: L1 is not in"),
        ({"predictor_type": "binary_classifier"}, "predictor_type: binary_classifier"),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("knn").check(CLASSIFY | given)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ("0.5,1,2\n", "The labels of a classifier must be whole numbers"),
        ("1,1,2\n", "k is 5, the sample has 1 rows"),
    ],
)
def test_mistakes_in_the_data(learn, train, message) -> None:
    trained = learn("knn", CLASSIFY | {"feature_dim": "2"}, train=train)
    assert trained.code == 2
    assert message in trained.failure
