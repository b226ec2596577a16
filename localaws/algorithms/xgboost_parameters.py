"""The hyperparameters and metrics of the built-in XGBoost, as AWS documents them."""

from collections.abc import Mapping
from typing import Any

from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import HyperparameterError

_SCORED = (
    "accuracy",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "mse",
    "precision",
    "precision_macro",
    "precision_micro",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
)
MAXIMIZED = (
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "map",
    "ndcg",
    "precision",
    "precision_macro",
    "precision_micro",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
)
_MINIMIZED = (
    "aft-nloglik",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "interval-regression-accuracy",
    "logloss",
    "mae",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "mse",
    "poisson-nloglik",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
)
METRICS = MAXIMIZED + _MINIMIZED
_THRESHOLDED = ("error", "map", "ndcg")
_GPU = "it is for GPUs"
_RESUME = "training does not go on from a model"

_KNOWN = (
    hp.Hyperparameter("num_round", int, hp.Interval(1), required=True),
    hp.integer("csv_weights", 0, 1),
    hp.integer("early_stopping_rounds", 1),
    hp.choice("booster", "gbtree", "gblinear", "dart"),
    hp.integer("verbosity", 0, 3),
    hp.integer("silent", 0, 1),
    hp.integer("nthread", 1),
    hp.number("eta", 0, 1),
    hp.number("gamma", 0),
    hp.integer("max_depth", 0),
    hp.number("min_child_weight", 0),
    hp.number("max_delta_step", 0),
    hp.number("subsample", 0, 1, opened="("),
    hp.number("colsample_bytree", 0, 1, opened="("),
    hp.number("colsample_bylevel", 0, 1, opened="("),
    hp.number("colsample_bynode", 0, 1, opened="("),
    hp.number("lambda", 0),
    hp.number("alpha", 0),
    hp.choice("tree_method", "auto", "exact", "approx", "hist"),
    hp.number("scale_pos_weight", 0, opened="("),
    hp.choice("grow_policy", "depthwise", "lossguide"),
    hp.integer("max_leaves", 0),
    hp.integer("max_bin", 2),
    hp.literal("monotone_constraints"),
    hp.literal("interaction_constraints"),
    hp.choice("sample_type", "uniform", "weighted"),
    hp.choice("normalize_type", "tree", "forest"),
    hp.number("rate_drop", 0, 1),
    hp.integer("one_drop", 0, 1),
    hp.number("skip_drop", 0, 1),
    hp.number("tweedie_variance_power", 1, 2, opened="()"),
    hp.number("huber_slope", 0, opened="("),
    hp.choice(
        "objective",
        "binary:logistic",
        "binary:logitraw",
        "binary:hinge",
        "count:poisson",
        "multi:softmax",
        "multi:softprob",
        "rank:pairwise",
        "rank:ndcg",
        "rank:map",
        "reg:linear",
        "reg:squarederror",
        "reg:logistic",
        "reg:gamma",
        "reg:pseudohubererror",
        "reg:squaredlogerror",
        "reg:absoluteerror",
        "reg:tweedie",
        "survival:cox",
    ),
    hp.integer("num_class", 2),
    hp.number("base_score", 0),
    hp.words("eval_metric"),
    hp.integer("seed", -(2**31) + 1, 2**31 - 2),
    hp.integer("num_parallel_tree", 1),
    hp.choice("_tuning_objective_metric", *(f"validation:{one}" for one in METRICS)),
    hp.refused("updater", "choose with booster and tree_method"),
    hp.refused("sketch_eps", "the library has dropped it"),
    hp.refused("lambda_bias", "the library has dropped it"),
    hp.refused("dsplit", "it is for several hosts"),
    hp.refused("predictor", _GPU),
    hp.refused("single_precision_histogram", _GPU),
    hp.refused("deterministic_histogram", _GPU),
    hp.refused("sampling_method", _GPU),
    hp.refused("prob_buffer_row", _GPU),
    hp.refused("use_dask_gpu_training", _GPU),
    hp.refused("process_type", _RESUME),
    hp.refused("refresh_leaf", _RESUME),
    hp.refused("save_model_on_termination", _RESUME),
    hp.refused("_kfold", "k-fold training is not in it"),
    hp.refused("_num_cv_round", "k-fold training is not in it"),
    hp.refused("aft_loss_distribution", "survival:aft is not in it"),
    hp.refused("aft_loss_distribution_scale", "survival:aft is not in it"),
)
_ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}


def check(given: Mapping[str, str]) -> dict[str, Any]:
    """Convert hyperparameters from strings.

    Raises:
        HyperparameterError: one is missing, unknown, unreadable, out of its range, or
            does not go with the others.
    """
    values = hp.check(_KNOWN, _ALIASES, given)
    objective = values.get("objective", "reg:squarederror")
    multi = objective.startswith("multi:")
    if multi and "num_class" not in values:
        raise HyperparameterError(
            "Require input for parameter 'num_class' for multi-classification"
        )
    if not multi and "num_class" in values:
        raise HyperparameterError(
            "Do not need to setup parameter 'num_class' for learning task other than"
            " multi-classification."
        )
    for metric in values.get("eval_metric", []):
        _check_metric(metric, objective)
    return values


def is_scored(metric: str) -> bool:
    """Whether the container, not the library, computes the metric."""
    return metric in _SCORED


def _check_metric(metric: str, objective: str) -> None:
    name, at, threshold = metric.partition("@")
    if name not in METRICS:
        known = ", ".join(METRICS)
        raise HyperparameterError(
            f"Hyperparameter eval_metric: {metric} is not in [{known}]"
        )
    if at and (name not in _THRESHOLDED or not threshold.replace(".", "", 1).isdigit()):
        raise HyperparameterError(
            f"Metric '{metric}' is not supported. Parameter 'eval_metric' with"
            " customized threshold should be one of these options: 'error', 'ndcg',"
            " 'map', with a number after the @."
        )
    ranks = ("binary:", "rank:", "reg:logistic", "multi:softprob")
    if name == "auc" and not objective.startswith(ranks):
        raise HyperparameterError(
            "Metric 'auc' can only be applied for classification and ranking problems."
        )
