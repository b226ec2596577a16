"""Hyperparameters: converted, ranged, refused."""

import pytest

from localaws.algorithms import HyperparameterError, by_name
from localaws.algorithms import hyperparameters as hp

ROUND = {"num_round": "10"}


def check(**given: str) -> dict:
    return by_name("xgboost").check(ROUND | given)


def test_strings_become_values() -> None:
    assert check(
        objective="multi:softprob",
        num_class="3",
        eta="0.1",
        max_depth="5",
        subsample="1",
        eval_metric="merror, mlogloss",
        tree_method="hist",
        seed="-5",
        monotone_constraints="(1, 0, -1)",
    ) == {
        "num_round": 10,
        "objective": "multi:softprob",
        "num_class": 3,
        "eta": 0.1,
        "max_depth": 5,
        "subsample": 1.0,
        "eval_metric": ["merror", "mlogloss"],
        "tree_method": "hist",
        "seed": -5,
        "monotone_constraints": "(1, 0, -1)",
    }


def test_aliases() -> None:
    assert check(learning_rate="0.5", reg_lambda="2") == {
        "num_round": 10,
        "eta": 0.5,
        "lambda": 2.0,
    }


def test_num_round_is_required() -> None:
    with pytest.raises(
        HyperparameterError, match="Missing required hyperparameter: num_round"
    ):
        by_name("xgboost").check({"eta": "0.1"})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_depht", "3", r"Extraneous hyperparameter found: max_depht \(did you"),
        ("colour", "red", "Extraneous hyperparameter found: colour$"),
        ("max_depth", "3.5", "Hyperparameter max_depth: could not parse value '3.5'"),
        ("eta", "fast", "Hyperparameter eta: could not parse value 'fast'"),
        ("eta", "nan", "Hyperparameter eta: could not parse value 'nan'"),
        ("eta", "1.5", r"Hyperparameter eta: 1.5 is not in \[0, 1\]"),
        ("subsample", "0", r"Hyperparameter subsample: 0.0 is not in \(0, 1\]"),
        ("gamma", "-1", r"Hyperparameter gamma: -1.0 is not in \[0, \+inf\)"),
        ("num_round", "0", r"Hyperparameter num_round: 0 is not in \[1, \+inf\)"),
        ("booster", "tree", "Hyperparameter booster: tree is not in"),
        ("objective", "binary", "Hyperparameter objective: binary is not in"),
        ("monotone_constraints", "__import__('os')", "could not parse"),
        ("tree_method", "gpu_hist", "tree_method: gpu_hist is not in"),
        ("predictor", "gpu_predictor", "predictor is not honoured by the local form"),
        ("_kfold", "5", "_kfold is not honoured by the local form"),
        ("eval_metric", "rmse,speed", "Hyperparameter eval_metric: speed is not in"),
        ("eval_metric", "rmse@1", "customized threshold should be one of these"),
        ("eval_metric", "error@x", "customized threshold should be one of these"),
        ("eval_metric", "auc", "'auc' can only be applied for classification"),
        ("objective", "multi:softmax", "Require input for parameter 'num_class'"),
        ("num_class", "3", "Do not need to setup parameter 'num_class'"),
    ],
)
def test_refusals(name, value, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        check(**{name: value})


def test_a_threshold_of_a_metric() -> None:
    given = {"objective": "binary:logistic", "eval_metric": "error@0.7"}
    assert check(**given)["eval_metric"] == ["error@0.7"]


@pytest.mark.parametrize(
    ("one", "text", "value"),
    [
        (hp.flag("x"), "True", True),
        (hp.flag("x"), "false", False),
        (hp.auto(hp.integer("x", 1)), "auto", None),
        (hp.auto(hp.integer("x", 1)), "2", 2),
        (hp.names("x", "msd", "ssd"), '["msd", "ssd"]', ["msd", "ssd"]),
        (hp.names("x", "msd", "ssd"), "msd", ["msd"]),
        (hp.only("x", "why", "adam"), "adam", "adam"),
    ],
)
def test_kinds_of_values(one, text, value) -> None:
    assert one.convert(text) == value


@pytest.mark.parametrize(
    ("one", "text", "message"),
    [
        (hp.flag("x"), "1", "Hyperparameter x: could not parse value '1'"),
        (hp.auto(hp.integer("x", 1)), "0", r"Hyperparameter x: 0 is not in \[1, "),
        (hp.names("x", "msd"), '["rmse"]', "Hyperparameter x: rmse is not in"),
        (hp.names("x", "msd"), "[", "Hyperparameter x: could not parse"),
        (hp.only("x", "slow", "sgd"), "lbfgs", "x=lbfgs is not honoured .*: slow"),
    ],
)
def test_kinds_of_refusals(one, text, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        one.convert(text)
