"""The hyperparameters and metrics of the built-in Linear Learner."""

from typing import Any

from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import HyperparameterError
from localaws.algorithms.first_party import metric

_LOSSES = {
    "binary_classifier": ("auto", "logistic"),
    "multiclass_classifier": ("auto", "softmax_loss"),
    "regressor": ("auto", "squared_loss"),
}
OBJECTIVES = {
    "binary_classifier": "binary_classification_cross_entropy_objective",
    "multiclass_classifier": "multiclass_cross_entropy_objective",
    "regressor": "mse_objective",
}
_SCORED = (
    "absolute_loss",
    "binary_classification_accuracy",
    "binary_f_beta",
    "dcg",
    "macro_f_beta",
    "macro_precision",
    "macro_recall",
    "mse",
    "multiclass_accuracy",
    "multiclass_top_k_accuracy",
    "precision",
    "recall",
    "roc_auc_score",
)
METRICS = (
    *(metric(at, name) for at in ("validation", "test") for name in _SCORED),
    *(
        metric(at, "objective_loss", r"\S+_objective")
        for at in ("train", "validation", "test")
    ),
)
_DRAWN = "the library draws the first weights"
_LOSS = "the other losses are not in it"
_RATE = "the learning rate does not fall"


_positive = hp.number("", 0, opened="(")


def _weight(text: str) -> float | str:
    return text if text == "balanced" else _positive.parse(text)


KNOWN = (
    hp.required(
        hp.choice(
            "predictor_type", "binary_classifier", "multiclass_classifier", "regressor"
        )
    ),
    hp.integer("num_classes", 3, 1_000_000),
    hp.auto(hp.integer("feature_dim", 1)),
    hp.integer("accuracy_top_k", 1),
    hp.flag("balance_multiclass_weights"),
    hp.auto(hp.number("beta_1", 0, 1, opened=")")),
    hp.auto(hp.number("beta_2", 0, 1, opened=")")),
    hp.choice(
        "binary_classifier_model_selection_criteria",
        "accuracy",
        "f1",
        "f_beta",
        "precision_at_target_recall",
        "recall_at_target_precision",
        "cross_entropy_loss",
        "loss_function",
    ),
    hp.integer("early_stopping_patience", 1),
    hp.number("early_stopping_tolerance", 0, opened="("),
    hp.integer("epochs", 1),
    hp.number("f_beta", 0, opened="("),
    hp.auto(hp.number("learning_rate", 0, opened="(")),
    hp.only("l1", "L1 regularization is not in it", "auto", "0", "0.0"),
    hp.only("loss", _LOSS, "auto", "logistic", "softmax_loss", "squared_loss"),
    hp.integer("mini_batch_size", 1),
    hp.auto(hp.number("momentum", 0, 1, opened=")")),
    hp.auto(hp.flag("normalize_data")),
    hp.auto(hp.flag("normalize_label")),
    hp.auto(hp.integer("num_calibration_samples", 1)),
    hp.auto(hp.integer("num_models", 1)),
    hp.integer("num_point_for_scaler", 1),
    hp.only("optimizer", "rmsprop is not in it", "auto", "adam", "sgd"),
    hp.Hyperparameter(
        "positive_example_weight_mult",
        _weight,
        hp.Either("balanced", hp.Interval(0, low_open=True)),
    ),
    hp.number("target_precision", 0, 1),
    hp.number("target_recall", 0, 1),
    hp.auto(hp.flag("unbias_data")),
    hp.auto(hp.flag("unbias_label")),
    hp.only("use_bias", "the model always has a bias", "true", "True"),
    hp.only("use_lr_scheduler", _RATE, "false", "False"),
    hp.auto(hp.number("wd", 0)),
    hp.refused("bias_lr_mult", "the bias learns at the rate of the weights"),
    hp.refused("bias_wd_mult", "the bias is not regularized"),
    hp.refused("huber_delta", _LOSS),
    hp.refused("loss_insensitivity", _LOSS),
    hp.refused("margin", _LOSS),
    hp.refused("quantile", _LOSS),
    hp.refused("init_bias", _DRAWN),
    hp.refused("init_method", _DRAWN),
    hp.refused("init_scale", _DRAWN),
    hp.refused("init_sigma", _DRAWN),
    hp.refused("lr_scheduler_step", _RATE),
    hp.refused("lr_scheduler_factor", _RATE),
    hp.refused("lr_scheduler_minimum_lr", _RATE),
)


def check_together(values: dict[str, Any]) -> None:
    """Refuse a loss or classes that do not go with the predictor."""
    kind, loss = values["predictor_type"], values.get("loss", "auto")
    if loss not in _LOSSES[kind]:
        raise HyperparameterError(
            f"Hyperparameter loss: {loss} is not in {list(_LOSSES[kind])} for {kind}"
        )
    if kind == "multiclass_classifier" and "num_classes" not in values:
        raise HyperparameterError(
            "Hyperparameter num_classes is required for multiclass_classifier"
        )
