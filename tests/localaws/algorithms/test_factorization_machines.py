"""The built-in Factorization Machines: gradients, accuracy, formats."""

import json
import re

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits

from localaws.algorithms import HyperparameterError, by_name, factorization, recordio
from localaws.algorithms.tables import Table
from tests.localaws.algorithms.conftest import RECORDIO

GIVEN = {"feature_dim": "64", "num_factors": "8", "predictor_type": "binary_classifier"}
FAST = {"epochs": "20", "mini_batch_size": "100", "linear_lr": "0.02"}
FAST |= {"factors_lr": "0.02", "factors_init_sigma": "0.05"}
DIGITS, DIGIT = load_digits(return_X_y=True)
DIGITS = csr_matrix(DIGITS / 16, dtype=np.float32)
ODD = DIGIT % 2


def test_it_learns_what_a_linear_model_cannot(learn, capsys) -> None:
    """Whether a digit is odd: 0.90 by logistic regression."""
    trained = learn(
        "factorization-machines",
        GIVEN | FAST,
        RECORDIO,
        train=recordio.encode(DIGITS[:1400], ODD[:1400]),
        test=recordio.encode(DIGITS[1400:], ODD[1400:]),
    )
    answer = trained.ask(recordio.encode(DIGITS[1400:]), RECORDIO)["predictions"]
    labels = np.array([one["predicted_label"] for one in answer])
    scores = np.array([one["score"] for one in answer])
    assert np.array_equal(labels, scores >= 0.5)
    assert (labels == ODD[1400:]).mean() > 0.93
    log = capsys.readouterr().out
    found = {
        name: float(re.search(regex, log).group(1))
        for name, regex in trained.algorithm.metrics
        if re.search(regex, log)
    }
    assert found["test:binary_classification_accuracy"] == pytest.approx(
        (labels == ODD[1400:]).mean()
    )
    assert sorted(found) == [
        "test:binary_classification_accuracy",
        "test:binary_classification_cross_entropy",
        "test:binary_f_beta",
    ]


def test_it_recommends(learn, capsys) -> None:
    """Ratings that are a product of a user's and an item's taste."""
    random = np.random.default_rng(0)
    users, items = random.normal(size=(30, 1)), random.normal(size=(20, 1))
    pairs = random.permutation(30 * 20)
    user, item = pairs // 20, pairs % 20
    rows = csr_matrix(
        (np.ones(1200), (np.repeat(range(600), 2), _interleaved(user, item)))
    )
    ratings = 3 + users[user, 0] * items[item, 0]
    options = {"feature_dim": "50", "predictor_type": "regressor", "epochs": "100"}
    trained = learn(
        "factorization-machines",
        GIVEN | FAST | options,
        RECORDIO,
        train=recordio.encode(rows[:500], ratings[:500]),
        test=recordio.encode(rows[500:], ratings[500:]),
    )
    assert trained.code == 0
    regex = dict(trained.algorithm.metrics)["test:rmse"]
    rmse = float(re.search(regex, capsys.readouterr().out).group(1))
    assert rmse < 0.5 * ratings[500:].std()
    instance = {
        "data": {"features": {"keys": [0, 30], "values": [1, 1], "shape": [50]}}
    }
    (one,) = trained.ask(json.dumps({"instances": [instance]}), "application/json")[
        "predictions"
    ]
    assert one["score"] == pytest.approx(3 + users[0, 0] * items[0, 0], abs=0.8)


def _interleaved(user: np.ndarray, item: np.ndarray) -> np.ndarray:
    return np.c_[user, 30 + item].ravel()


@pytest.mark.parametrize("kind", ["binary_classifier", "regressor"])
def test_the_slopes_are_those_of_the_loss(kind, monkeypatch) -> None:
    random = np.random.default_rng(0)
    rows = csr_matrix(random.normal(size=(6, 4)) * (random.random((6, 4)) < 0.7))
    labels = (random.random(6) < 0.5).astype(float)
    values = {"predictor_type": kind, "num_factors": 3, "factors_init_sigma": 1.0}
    model = factorization.start(values, 4)
    shapes = {key: part.shape for key, part in model.items()}
    flat = np.concatenate([part.ravel() for part in model.values()])

    def loss(point: np.ndarray) -> float:
        parts, at = {}, 0
        for key, shape in shapes.items():
            size = int(np.prod(shape))
            parts[key] = point[at : at + size].reshape(shape)
            at += size
        raw = factorization.evaluate(parts, rows)
        if kind == "regressor":
            return float(np.square(raw - labels).mean())
        return float((np.logaddexp(0, raw) - labels * raw).mean())

    slopes = {}

    def keep(self, key, used, slope) -> None:
        whole = np.zeros(shapes[key])
        whole[used] = slope
        slopes[key] = whole

    monkeypatch.setattr(factorization._Adam, "move", keep)
    (found,) = factorization.learn(model, Table(rows, labels), values)
    assert found == pytest.approx(loss(flat))
    expected = approx_fprime(flat, loss, 1e-6)
    assert np.allclose(
        np.concatenate([slopes[key].ravel() for key in shapes]), expected, atol=1e-4
    )


def test_the_first_values(learn) -> None:
    options = {"bias_init_method": "constant", "bias_init_value": "7"}
    options |= {"linear_init_method": "uniform", "linear_init_scale": "0.5"}
    options |= {f"{term}_lr": "0" for term in ("bias", "linear", "factors")}
    options |= {"clip_gradient": "1", "rescale_grad": "0.1", "eps": "0.001"}
    train = recordio.encode(DIGITS[:200], ODD[:200])
    trained = learn("factorization-machines", GIVEN | options, RECORDIO, train=train)
    model = trained.load()
    assert model["w0"].tolist() == [7]
    assert 0.3 < np.abs(model["w1"]).max() <= 0.5
    assert model["v"].std() == pytest.approx(0.001, rel=0.2)
    again = learn("factorization-machines", GIVEN | options, RECORDIO, train=train)
    assert np.array_equal(model["v"], again.load()["v"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"predictor_type": "classifier"}, "predictor_type: classifier is not in"),
        ({"num_factors": "0"}, "num_factors: 0 is not in"),
        ({"bias_lr": "-1"}, "bias_lr: -1.0 is not in"),
        ({"linear_init_method": "zeros"}, "linear_init_method: zeros is not in"),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("factorization-machines").check(GIVEN | given)


def test_other_labels_than_0_and_1(learn) -> None:
    train = recordio.encode(DIGITS[:50], DIGIT[:50])
    trained = learn("factorization-machines", GIVEN, RECORDIO, train=train)
    assert trained.code == 2
    assert "The labels of the train channel must be 0 or 1" in trained.failure


def test_csv_is_not_read_at_inference(learn) -> None:
    train = recordio.encode(DIGITS[:50], ODD[:50])
    trained = learn("factorization-machines", GIVEN, RECORDIO, train=train)
    with pytest.raises(ValueError, match="Content-type text/csv not supported"):
        trained.ask(",".join(["0"] * 64))
