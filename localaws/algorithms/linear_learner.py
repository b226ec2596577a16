"""The built-in Linear Learner on scikit-learn.

A linear model is a perceptron without hidden layers, so that scikit-learn's optimizers
(Adam, SGD) learn it in mini-batches and epochs, as AWS describes. The artefact holds
`weights`, `bias` and, for a binary classifier, the calibrated `threshold`.
"""

from typing import Any

from localaws.algorithms import hyperparameters as hp
from localaws.algorithms import linear_learner_parameters as parameters
from localaws.algorithms import linear_learner_scores as scores
from localaws.algorithms.errors import UserError
from localaws.algorithms.first_party import Arrays, FirstParty, Tables, report
from localaws.algorithms.tables import Table

# learning rates of the parallel models, as factors of the given or the default one
_CLOSE = (1.0, 10.0, 0.1, 3.0, 0.3, 30.0, 0.03)
_RATE = {"adam": 0.01, "sgd": 0.01}


class LinearLearner(FirstParty):
    """The algorithm `linear-learner`."""

    name = "linear-learner"
    channels = ("validation", "test")
    labelled = ("train", "validation", "test")
    metrics = parameters.METRICS
    known: tuple[hp.Hyperparameter, ...] = parameters.KNOWN

    def check_together(self, values: dict[str, Any]) -> None:
        """Refuse a loss or classes that do not go with the predictor."""
        parameters.check_together(values)

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Train models of several learning rates and keep the best one."""
        for name, table in data.items():
            _check_labels(name, table.labels, values)
        train = data["train"]
        if values.get("mini_batch_size", 1000) > len(train.features):
            raise UserError(
                "No training data processed. Either the training channel is empty or"
                " the mini-batch size is too high. Verify that training data contains"
                " non-empty files and the mini-batch size is less than the number of"
                " records per training host."
            )
        held_out = data.get("validation", train)
        found = []
        for number, rate in enumerate(_rates(values)):
            model = _learn(values, data, rate, loud=number == 0)
            if values["predictor_type"] == "binary_classifier":
                scores.calibrate(model, held_out, values)
            found.append((scores.rank(model, held_out, values), -number, rate, model))
        _, _, rate, best = max(found, key=lambda one: one[:2])
        print(f"[INFO] Best model found for hyperparameters: learning_rate {rate:g}")
        for channel, table in data.items():
            for name, (value, mark) in scores.of(best, table, values).items():
                report(channel, name, value, mark)
        return best

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """The score of each row and, for a classifier, its label."""
        values = scores.predict(model, rows)
        kind = str(model["predictor_type"])
        if kind == "regressor":
            return [{"score": float(one)} for one in values]
        if kind == "binary_classifier":
            return [
                {"score": float(one), "predicted_label": int(one >= model["threshold"])}
                for one in values
            ]
        return [
            {"score": one.tolist(), "predicted_label": int(one.argmax())}
            for one in values
        ]


def _check_labels(channel: str, labels: Any, values: dict[str, Any]) -> None:
    import numpy as np

    kind = values["predictor_type"]
    if kind == "regressor":
        return
    many = 2 if kind == "binary_classifier" else values["num_classes"]
    bad = (labels < 0) | (labels >= many) | (labels % 1 != 0)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise UserError(
            f"The labels of a {kind} must be whole numbers from 0 to {many - 1}; row"
            f" {row + 1} of the {channel} channel has {labels[row]:g}"
        )


def _rates(values: dict[str, Any]) -> list[float]:
    optimizer = values.get("optimizer", "auto")
    default = _RATE["sgd" if optimizer == "sgd" else "adam"]
    rate, many = values.get("learning_rate"), values.get("num_models")
    # automatic tuning switches the models beside the first off
    if "_tuning_objective_metric" in values:
        many = 1
    if many is None:
        many = 4 if rate is None else 1
    return [(rate or default) * factor for factor in _CLOSE[:many]]


def _learn(values: dict[str, Any], data: Tables, rate: float, *, loud: bool) -> Arrays:
    """Train one model; the weights of its best epoch, without the normalization."""
    import numpy as np

    kind, train = values["predictor_type"], data["train"]
    rows = train.features.astype(float)
    shift, scale = _normalization(rows, values)
    offset, unit = _label_normalization(train.labels, values)
    network = _network(values, rate)
    options = _options(kind, train, values)
    target = train.labels if kind != "regressor" else (train.labels - offset) / unit
    watched = "validation" if "validation" in data else "train"
    best, losses, waited = None, [], 0
    for epoch in range(values.get("epochs", 15)):
        try:
            network.partial_fit((rows - shift) / scale, target, **options)
        except ValueError:
            # the library's weights have left the numbers
            break
        weights = network.coefs_[0] / scale[:, None] * unit
        bias = network.intercepts_[0] * unit + offset - shift @ weights
        model = {
            "weights": weights.astype(np.float32),
            "bias": bias.astype(np.float32),
            "predictor_type": np.array(kind),
            "feature_dim": np.array(rows.shape[1]),
        }
        if not all(np.isfinite(model[key]).all() for key in ("weights", "bias")):
            break
        loss = {name: scores.objective(model, table) for name, table in data.items()}
        if loud:
            _tell(epoch, loss, values)
        smallest = min(losses, default=np.inf)
        if loss[watched] < smallest:
            best = model
        enough = smallest * (1 - values.get("early_stopping_tolerance", 1e-3))
        waited = 0 if loss[watched] < enough else waited + 1
        losses.append(loss[watched])
        if waited >= values.get("early_stopping_patience", 3):
            break
    if best is None:
        raise UserError(f"The training diverged with the learning rate {rate:g}")
    return best


def _network(values: dict[str, Any], rate: float) -> Any:
    import numpy as np
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    regress = values["predictor_type"] == "regressor"
    batch = values.get("mini_batch_size", 1000)
    return (MLPRegressor if regress else MLPClassifier)(
        hidden_layer_sizes=(),
        solver="sgd" if values.get("optimizer") == "sgd" else "adam",
        # the library divides its penalty by the rows of the batch
        alpha=(values.get("wd") or 0.0) * batch,
        batch_size=batch,
        learning_rate_init=rate,
        momentum=values["momentum"] if values.get("momentum") is not None else 0.9,
        beta_1=values["beta_1"] if values.get("beta_1") is not None else 0.9,
        beta_2=values["beta_2"] if values.get("beta_2") is not None else 0.999,
        random_state=np.random.RandomState(0),
    )


def _options(kind: str, train: Table, values: dict[str, Any]) -> dict[str, Any]:
    import numpy as np
    from sklearn.utils.class_weight import compute_sample_weight

    labels = train.labels
    if kind == "regressor":
        return {}
    classes = values["num_classes"] if kind == "multiclass_classifier" else 2
    options: dict[str, Any] = {"classes": np.arange(classes, dtype=float)}
    mult = values.get("positive_example_weight_mult", 1.0)
    if kind == "binary_classifier" and mult == "balanced":
        options["sample_weight"] = compute_sample_weight("balanced", labels)
    elif kind == "binary_classifier" and mult != 1:
        options["sample_weight"] = np.where(labels == 1, mult, 1.0)
    elif kind != "binary_classifier" and values.get("balance_multiclass_weights"):
        options["sample_weight"] = compute_sample_weight("balanced", labels)
    return options


def _normalization(rows: Any, values: dict[str, Any]) -> tuple[Any, Any]:
    import numpy as np

    sample = rows[: values.get("num_point_for_scaler", 10_000)]
    # auto, which reads as None, is true for both
    normalize = values.get("normalize_data", True) is not False
    unbias = values.get("unbias_data", True) is not False
    scale = sample.std(axis=0)
    width = rows.shape[1]
    return (
        sample.mean(axis=0) if unbias else np.zeros(width),
        np.where(scale > 0, scale, 1) if normalize else np.ones(width),
    )


def _label_normalization(labels: Any, values: dict[str, Any]) -> tuple[float, float]:
    if values["predictor_type"] != "regressor":
        return 0.0, 1.0
    normalize = values.get("normalize_label", True) is not False
    unbias = normalize or values.get("unbias_label", True) is not False
    spread = float(labels.std()) if normalize else 1.0
    return float(labels.mean()) if unbias else 0.0, spread or 1.0


def _tell(epoch: int, losses: dict[str, float], values: dict[str, Any]) -> None:
    name = parameters.OBJECTIVES[values["predictor_type"]]
    for channel, loss in losses.items():
        if channel != "test":
            print(
                f"[INFO] #quality_metric: host=algo-1, epoch={epoch}, {channel}"
                f" {name} <loss>={loss}"
            )
    done = 100 * (epoch + 1) // values.get("epochs", 15)
    print(
        f"[INFO] #progress_metric: host=algo-1, completed {done} % of epochs",
        flush=True,
    )
