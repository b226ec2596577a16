"""What a linear model predicts, and how well."""

from collections.abc import Mapping
from typing import Any

from localaws.algorithms.linear_learner_parameters import OBJECTIVES
from localaws.algorithms.tables import Table

Model = dict[str, Any]
Values = Mapping[str, Any]


def predict(model: Model, rows: Any) -> Any:
    """Probabilities of a classifier (of label 1, or of each class), else values."""
    from scipy.special import expit, softmax

    raw = rows.astype(float) @ model["weights"].astype(float) + model["bias"]
    kind = str(model["predictor_type"])
    if kind == "multiclass_classifier":
        return softmax(raw, axis=1)
    return expit(raw[:, 0]) if kind == "binary_classifier" else raw[:, 0]


def objective(model: Model, table: Table) -> float:
    """The loss that the training makes small."""
    import numpy as np
    from sklearn.metrics import log_loss, mean_squared_error

    found = predict(model, table.features)
    kind = str(model["predictor_type"])
    if kind == "regressor":
        return float(mean_squared_error(table.labels, found))
    classes = np.arange(2 if found.ndim == 1 else found.shape[1])
    return float(log_loss(table.labels, found, labels=classes))


def calibrate(model: Model, table: Table, values: Values) -> None:
    """Set the threshold that serves the selection criterion best on a table."""
    import numpy as np

    criterion = values.get("binary_classifier_model_selection_criteria", "accuracy")
    threshold = 0.5
    if criterion not in ("cross_entropy_loss", "loss_function"):
        many = values.get("num_calibration_samples") or len(table.features)
        found = predict(model, table.features[:many])
        labels = table.labels[:many]
        # one half first: it stays where nothing is better
        candidates = [0.5, *np.unique(found.round(4))[:: max(1, len(found) // 1000)]]
        threshold = max(
            candidates, key=lambda one: _value(criterion, labels, found >= one, values)
        )
    model["threshold"] = np.array(threshold)


def rank(model: Model, table: Table, values: Values) -> tuple[float, float]:
    """How good a model is among its kind; the larger is the better."""
    loss = objective(model, table)
    if "threshold" not in model:
        return 0.0, -loss
    criterion = values.get("binary_classifier_model_selection_criteria", "accuracy")
    if criterion in ("cross_entropy_loss", "loss_function"):
        return 0.0, -loss
    found = predict(model, table.features) >= model["threshold"]
    value = _value(criterion, table.labels, found, values)
    return (sum(value) if isinstance(value, tuple) else value), -loss


def _value(criterion: str, labels: Any, found: Any, values: Values) -> Any:
    from sklearn import metrics

    if criterion == "accuracy":
        return float((labels == found).mean())
    if criterion in ("f1", "f_beta"):
        beta = values.get("f_beta", 1.0) if criterion == "f_beta" else 1.0
        return float(metrics.fbeta_score(labels, found, beta=beta, zero_division=0))
    precision = float(metrics.precision_score(labels, found, zero_division=0))
    recall = float(metrics.recall_score(labels, found, zero_division=0))
    if criterion == "precision_at_target_recall":
        reached = min(recall, values.get("target_recall", 0.8))
        return reached, precision
    reached = min(precision, values.get("target_precision", 0.8))
    return reached, recall


def of(model: Model, table: Table, values: Values) -> dict[str, tuple[float, str]]:
    """The documented metrics on a table, each with its mark in the log."""
    import numpy as np
    from sklearn import metrics

    found, labels = predict(model, table.features), table.labels
    kind = str(model["predictor_type"])
    result = {OBJECTIVES[kind]: (objective(model, table), "loss")}
    if kind == "regressor":
        error = labels.astype(float) - found
        result["mse"] = (float(np.square(error).mean()), "loss")
        result["absolute_loss"] = (float(np.abs(error).mean()), "loss")
        return result
    beta = values.get("f_beta", 1.0)
    if kind == "binary_classifier":
        chosen = found >= model["threshold"]
        prefix, average = "", "binary"
        result["binary_classification_accuracy"] = (
            float((chosen == labels).mean()),
            "score",
        )
        if len(np.unique(labels)) == 2:
            area = float(metrics.roc_auc_score(labels, found))
            result["roc_auc_score"] = (area, "score")
    else:
        chosen = found.argmax(axis=1)
        prefix, average = "macro_", "macro"
        result["multiclass_accuracy"] = (float((chosen == labels).mean()), "score")
        top = np.argsort(-found, axis=1)[:, : values.get("accuracy_top_k", 3)]
        held = float((top == labels[:, None]).any(axis=1).mean())
        result["multiclass_top_k_accuracy"] = (held, "score")
        true = np.arange(found.shape[1]) == labels[:, None]
        result["dcg"] = (float(metrics.dcg_score(true, found)), "score")
    precision, recall, f_beta, _ = metrics.precision_recall_fscore_support(
        labels, chosen, beta=beta, average=average, zero_division=0
    )
    result[f"{prefix}precision"] = (float(precision), "score")
    result[f"{prefix}recall"] = (float(recall), "score")
    result["binary_f_beta" if prefix == "" else "macro_f_beta"] = (
        float(f_beta),
        "score",
    )
    return result
