"""The built-in Linear Learner against scikit-learn and its documentation."""

import json
import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from localaws.algorithms import recordio
from tests.localaws.algorithms.conftest import RECORDIO, as_csv

ONE = {"learning_rate": "0.005", "epochs": "20", "early_stopping_patience": "50"}
BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": "50"}


def shuffled(loader) -> tuple[np.ndarray, np.ndarray]:
    features, labels = loader(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return features[order].astype(np.float32), labels[order]


def table(features: np.ndarray, labels: np.ndarray) -> str:
    return as_csv(np.c_[labels, features])


CANCER, SICK = shuffled(load_breast_cancer)
DIGITS, DIGIT = shuffled(load_digits)
DIABETES, PROGRESS = shuffled(load_diabetes)
TRAIN, REST = slice(None, 400), slice(400, None)


def epochs_of(network, features, labels, count: int, **options):
    scaler = StandardScaler().fit(features)
    rows = scaler.transform(features.astype(float))
    for _ in range(count):
        network.partial_fit(rows, labels, **options)
    return make_pipeline(scaler, network)


def test_a_binary_classifier_is_the_librarys_own(learn) -> None:
    train = recordio.encode(CANCER[TRAIN], SICK[TRAIN])
    trained = learn(
        "linear-learner", BINARY | ONE | {"wd": "0.01"}, RECORDIO, train=train
    )
    network = MLPClassifier(
        hidden_layer_sizes=(),
        batch_size=50,
        alpha=0.01 * 50,
        learning_rate_init=0.005,
        random_state=np.random.RandomState(0),
    )
    own = epochs_of(network, CANCER[TRAIN], SICK[TRAIN], 20, classes=[0, 1])
    answer = trained.ask(recordio.encode(CANCER[REST]), RECORDIO)["predictions"]
    expected = own.predict_proba(CANCER[REST])[:, 1]
    assert np.allclose([one["score"] for one in answer], expected, atol=1e-4)
    right = [one["predicted_label"] for one in answer] == SICK[REST]
    assert right.mean() > 0.93


def test_a_multiclass_classifier_is_the_librarys_own(learn) -> None:
    options = {"predictor_type": "multiclass_classifier", "num_classes": "10"}
    options |= {"mini_batch_size": "50", "optimizer": "sgd", "normalize_data": "false"}
    train = recordio.encode(DIGITS[TRAIN], DIGIT[TRAIN])
    trained = learn(
        "linear-learner",
        options | ONE | {"learning_rate": "0.001", "unbias_data": "false"},
        RECORDIO,
        train=train,
    )
    network = MLPClassifier(
        hidden_layer_sizes=(),
        solver="sgd",
        batch_size=50,
        alpha=0,
        learning_rate_init=0.001,
        random_state=np.random.RandomState(0),
    )
    for _ in range(20):
        network.partial_fit(
            DIGITS[TRAIN].astype(float), DIGIT[TRAIN], classes=range(10)
        )
    answer = trained.ask(recordio.encode(DIGITS[REST]), RECORDIO)["predictions"]
    scores = np.array([one["score"] for one in answer])
    assert np.allclose(scores, network.predict_proba(DIGITS[REST]), atol=1e-4)
    labels = np.array([one["predicted_label"] for one in answer])
    assert np.array_equal(labels, scores.argmax(axis=1))
    assert (labels == DIGIT[REST]).mean() > 0.88


def test_a_regressor_is_the_librarys_own(learn) -> None:
    options = {"predictor_type": "regressor", "mini_batch_size": "50"} | ONE
    train = recordio.encode(DIABETES[TRAIN], PROGRESS[TRAIN])
    trained = learn("linear-learner", options, RECORDIO, train=train)
    network = MLPRegressor(
        hidden_layer_sizes=(),
        batch_size=50,
        alpha=0,
        learning_rate_init=0.005,
        random_state=np.random.RandomState(0),
    )
    middle, spread = PROGRESS[TRAIN].mean(), PROGRESS[TRAIN].std()
    own = epochs_of(network, DIABETES[TRAIN], (PROGRESS[TRAIN] - middle) / spread, 20)
    answer = trained.ask(recordio.encode(DIABETES[REST]), RECORDIO)["predictions"]
    expected = own.predict(DIABETES[REST]) * spread + middle
    assert list(answer[0]) == ["score"]
    assert np.allclose([one["score"] for one in answer], expected, rtol=1e-3)


def test_the_defaults_try_several_models_and_log_the_metrics(learn, capsys) -> None:
    trained = learn(
        "linear-learner",
        BINARY,
        train=table(CANCER[TRAIN], SICK[TRAIN]),
        validation=table(CANCER[REST], SICK[REST]),
        test=table(CANCER[REST], SICK[REST]),
    )
    assert trained.code == 0
    log = capsys.readouterr().out
    assert re.search(r"Best model found for hyperparameters: learning_rate 0\.\d+", log)
    assert "completed 100 % of epochs" in log
    found = {
        name: [float(one) for one in re.findall(regex, log)]
        for name, regex in trained.algorithm.metrics
        if re.search(regex, log)
    }
    assert found.pop("train:objective_loss")
    assert sorted(found) == sorted(
        f"{channel}:{name}"
        for channel in ("validation", "test")
        for name in (
            "binary_classification_accuracy",
            "binary_f_beta",
            "objective_loss",
            "precision",
            "recall",
            "roc_auc_score",
        )
    )
    assert len(found["validation:objective_loss"]) == 16
    assert (
        found["validation:binary_classification_accuracy"]
        == found["test:binary_classification_accuracy"]
    )
    assert found["validation:binary_classification_accuracy"][0] > 0.96


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (
            {"predictor_type": "multiclass_classifier", "num_classes": "10"},
            [
                "dcg",
                "macro_f_beta",
                "macro_precision",
                "macro_recall",
                "multiclass_accuracy",
                "multiclass_top_k_accuracy",
                "objective_loss",
            ],
        ),
        ({"predictor_type": "regressor"}, ["absolute_loss", "mse", "objective_loss"]),
    ],
)
def test_metrics_of_the_other_predictors(learn, capsys, options, names) -> None:
    trained = learn(
        "linear-learner",
        options | {"mini_batch_size": "50", "epochs": "2"},
        train=table(DIGITS[TRAIN], DIGIT[TRAIN]),
        test=table(DIGITS[REST], DIGIT[REST]),
    )
    assert trained.code == 0
    log = capsys.readouterr().out
    found = [name for name, regex in trained.algorithm.metrics if re.search(regex, log)]
    assert sorted(found) == [
        *(f"test:{name}" for name in names),
        "train:objective_loss",
    ]


def test_a_target_recall_moves_the_threshold(learn) -> None:
    labels = {}
    for criterion in ("loss_function", "precision_at_target_recall"):
        options = {"binary_classifier_model_selection_criteria": criterion}
        trained = learn(
            "linear-learner",
            BINARY | ONE | options | {"target_recall": "0.5"},
            train=table(CANCER[TRAIN], SICK[TRAIN]),
        )
        answer = trained.ask(as_csv(CANCER[TRAIN]))["predictions"]
        labels[criterion] = np.array([one["predicted_label"] for one in answer])
    recall = labels["precision_at_target_recall"][SICK[TRAIN] == 1].mean()
    assert 0.5 <= recall < labels["loss_function"][SICK[TRAIN] == 1].mean()


def test_weights_of_classes(learn) -> None:
    few = np.flatnonzero(SICK[TRAIN] == 1)[:20]
    chosen = np.sort(np.r_[few, np.flatnonzero(SICK[TRAIN] == 0)])
    means = []
    for weight in ("0.01", "1", "100"):
        trained = learn(
            "linear-learner",
            BINARY | ONE | {"positive_example_weight_mult": weight, "wd": "0.1"},
            train=table(CANCER[chosen], SICK[chosen]),
        )
        answer = trained.ask(as_csv(CANCER[REST]))["predictions"]
        means.append(np.mean([one["score"] for one in answer]))
    assert means == sorted(means)
    assert means[2] > means[0] + 0.1


def test_training_stops_early(learn, capsys) -> None:
    options = {"epochs": "500", "learning_rate": "0.1", "mini_batch_size": "50"}
    trained = learn(
        "linear-learner",
        BINARY | options,
        train=table(CANCER[TRAIN], SICK[TRAIN]),
        validation=table(CANCER[REST], SICK[REST]),
    )
    assert trained.code == 0
    losses = re.findall(
        r"epoch=\d+, validation \S+ <loss>=(\S+)", capsys.readouterr().out
    )
    assert len(losses) < 100


def test_the_documented_answers(learn) -> None:
    trained = learn(
        "linear-learner", BINARY | ONE, train=table(CANCER[TRAIN], SICK[TRAIN])
    )
    (one,) = trained.ask(as_csv(CANCER[:1]))["predictions"]
    assert list(one) == ["score", "predicted_label"]
    body, kind = trained.algorithm.predict(
        trained.load(),
        json.dumps({"features": CANCER[0].tolist()}).encode(),
        "application/jsonlines",
        RECORDIO,
    )
    assert kind == RECORDIO
    (record,) = recordio.decode_answers(body)
    assert record["score"][0] == pytest.approx(one["score"], abs=1e-5)
