"""Training of the built-in XGBoost; imports the library."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from localaws.algorithms import recordio, tables
from localaws.algorithms.errors import AlgorithmFailure, UserError
from localaws.algorithms.xgboost_parameters import MAXIMIZED, check, is_scored

# what the container reads itself; the rest goes to the library
_OURS = (
    "num_round",
    "csv_weights",
    "early_stopping_rounds",
    "eval_metric",
    "silent",
    "_tuning_objective_metric",
)
# failures of the library that the container blames on the data or the settings
_OF_THE_USER = (
    "base_score must be in (0,1)",
    "feature_names mismatch",
    "Target is multiclass but average='binary'",
    "label must be",
)


def train(
    hyperparameters: Mapping[str, str], channels: Mapping[str, tuple[Path, str]]
) -> xgboost.Booster:
    """Train and print the log of the container.

    Args:
        hyperparameters: strings, as in CreateTrainingJob.
        channels: folder and format ("csv", "libsvm", "parquet", "recordio") of "train"
            and "validation".

    Returns:
        The booster; the best one where training stops early.

    Raises:
        UserError: the hyperparameters or the data are refused.
        AlgorithmFailure: the library failed.
    """
    values = check(hyperparameters)
    _log("Running XGBoost Sagemaker in algorithm mode")
    tables_of = {
        name: _read(folder, form, weighted=_is_weighted(name, values))
        for name, (folder, form) in channels.items()
    }
    _check_widths(tables_of)
    for name, table in tables_of.items():
        _check_labels(name, table.labels, values)
    _log("Single node training.")
    matrices = {name: _matrix(table, values) for name, table in tables_of.items()}
    rows, columns = tables_of["train"].features.shape
    _log(f"Train matrix has {rows} rows and {columns} columns")
    if "validation" in matrices:
        _log(f"Validation matrix has {matrices['validation'].num_row()} rows")
    return _boost(values, matrices)


def _log(text: str) -> None:
    print(f"[INFO] {text}", flush=True)


def _is_weighted(channel: str, values: Mapping[str, Any]) -> bool:
    return channel == "train" and values.get("csv_weights") == 1


def _read(folder: Path, form: str, *, weighted: bool) -> tables.Table:
    if form == "libsvm":
        return tables.read_libsvm(folder)
    if form == "parquet":
        return tables.read_parquet(folder, weighted=weighted)
    if form == "recordio":
        return recordio.read(folder)
    return tables.read_csv(folder, weighted=weighted)


def _check_widths(tables_of: Mapping[str, tables.Table]) -> None:
    widths = {name: table.features.shape[1] for name, table in tables_of.items()}
    train, other = widths["train"], widths.get("validation", widths["train"])
    sparse = not isinstance(tables_of["train"].features, np.ndarray)
    if other > train or (other < train and not sparse):
        raise UserError(
            f"feature_names mismatch: the train channel has {train} features, the"
            f" validation channel {other}"
        )
    if other < train:
        tables_of["validation"].features.resize(
            tables_of["validation"].features.shape[0], train
        )


def _check_labels(name: str, labels: np.ndarray, values: Mapping[str, Any]) -> None:
    objective = values.get("objective", "reg:squarederror")
    wrong: str | None = None
    bad = np.zeros(len(labels), dtype=bool)
    if objective.startswith("binary:") or objective == "reg:logistic":
        bad = (labels < 0) | (labels > 1)
        wrong = "label must be in [0,1] for logistic regression"
    elif objective.startswith("multi:"):
        bad = (labels < 0) | (labels >= values["num_class"]) | (labels % 1 != 0)
        wrong = f"label must be in [0, num_class): num_class is {values['num_class']}"
    elif objective in ("count:poisson", "reg:tweedie"):
        bad = labels < 0
        wrong = f"label must be nonnegative for {objective}"
    elif objective == "reg:gamma":
        bad = labels <= 0
        wrong = "label must be positive for gamma regression"
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise UserError(
            f"{wrong}. Row {row + 1} of the {name} channel has the label"
            f" {labels[row]:g}; the label is the first column"
        )
    if "auc" in values.get("eval_metric", ()) and len(np.unique(labels)) < 2:
        raise UserError(
            f"AUC: the dataset only contains pos or neg samples: all labels of the"
            f" {name} channel are {labels[0]:g}"
        )


def _matrix(table: tables.Table, values: Mapping[str, Any]) -> xgboost.DMatrix:
    return xgboost.DMatrix(
        table.features,
        label=table.labels,
        weight=table.weights,
        nthread=values.get("nthread", 1),
    )


class _Print(xgboost.callback.TrainingCallback):
    def after_iteration(
        self, model: xgboost.Booster, epoch: int, evals_log: dict[str, dict[str, list]]
    ) -> bool:
        metrics = [
            f"{channel}-{metric}:{series[-1]:.5f}"
            for channel, of_metric in evals_log.items()
            for metric, series in of_metric.items()
        ]
        # the log agent of the container writes a tab as #011
        print("#011".join([f"[{epoch}]", *metrics]), flush=True)
        return False


def _boost(
    values: Mapping[str, Any], matrices: Mapping[str, xgboost.DMatrix]
) -> xgboost.Booster:
    parameters = {key: value for key, value in values.items() if key not in _OURS}
    parameters.setdefault("nthread", 1)
    parameters.setdefault("seed", 0)
    if parameters.get("objective") == "reg:linear":
        parameters["objective"] = "reg:squarederror"
    metrics = list(values.get("eval_metric", []))
    tuned = values.get("_tuning_objective_metric", "").partition(":")[2]
    if tuned and tuned not in metrics:
        metrics.append(tuned)
    scored = [metric for metric in metrics if is_scored(metric)]
    native = [metric for metric in metrics if not is_scored(metric)]
    if native:
        parameters["eval_metric"] = native
    elif scored:
        parameters["disable_default_eval_metric"] = 1
    callbacks: list[xgboost.callback.TrainingCallback] = [_Print()]
    rounds = values.get("early_stopping_rounds")
    if rounds is not None:
        last = (native + scored)[-1] if metrics else None
        callbacks.append(
            xgboost.callback.EarlyStopping(
                rounds=rounds,
                metric_name=last,
                data_name="validation" if "validation" in matrices else "train",
                maximize=last.partition("@")[0] in MAXIMIZED if last else None,
                save_best=parameters.get("booster") != "gblinear",
            )
        )
    try:
        return xgboost.train(
            parameters,
            matrices["train"],
            num_boost_round=values["num_round"],
            evals=[(matrix, name) for name, matrix in matrices.items()],
            custom_metric=_scorer(scored, parameters) if scored else None,
            callbacks=callbacks,
            verbose_eval=False,
        )
    except (xgboost.core.XGBoostError, ValueError) as error:
        reason = str(error).partition("Stack trace:")[0].strip()
        if any(text in reason for text in _OF_THE_USER):
            raise UserError(reason) from error
        raise AlgorithmFailure(
            f"XGB train call failed with exception:\n {reason}"
        ) from error


def _scorer(
    names: list[str], parameters: Mapping[str, Any]
) -> Callable[[np.ndarray, xgboost.DMatrix], list[tuple[str, float]]]:
    from sklearn import metrics

    binary, macro = {"average": "binary"}, {"average": "macro"}
    micro = {"average": "micro"}
    labelled: dict[str, tuple[Callable[..., float], dict[str, str]]] = {
        "accuracy": (metrics.accuracy_score, {}),
        "balanced_accuracy": (metrics.balanced_accuracy_score, {}),
        "f1": (metrics.f1_score, macro),
        "f1_binary": (metrics.f1_score, binary),
        "f1_macro": (metrics.f1_score, macro),
        "precision": (metrics.precision_score, binary),
        "precision_macro": (metrics.precision_score, macro),
        "precision_micro": (metrics.precision_score, micro),
        "recall": (metrics.recall_score, binary),
        "recall_macro": (metrics.recall_score, macro),
        "recall_micro": (metrics.recall_score, micro),
    }
    valued = {"mse": metrics.mean_squared_error, "r2": metrics.r2_score}

    def score(
        predictions: np.ndarray, matrix: xgboost.DMatrix
    ) -> list[tuple[str, float]]:
        truth = matrix.get_label()
        classes = _classes(predictions, parameters)
        results = []
        for name in names:
            if name in valued:
                results.append((name, float(valued[name](truth, predictions))))
            else:
                function, options = labelled[name]
                results.append((name, float(function(truth, classes, **options))))
        return results

    return score


def _classes(predictions: np.ndarray, parameters: Mapping[str, Any]) -> np.ndarray:
    if predictions.ndim > 1:
        return predictions.argmax(axis=1)
    if parameters.get("objective") == "multi:softmax":
        return predictions
    threshold = 0.0 if parameters.get("objective") == "binary:logitraw" else 0.5
    return predictions > threshold
