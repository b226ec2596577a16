"""The built-in Factorization Machines.

S. Rendle: "Factorization Machines", ICDM 2010. The second-order model is learned by
Adam in mini-batches on SciPy's sparse matrices, with the learning rates, weight decays
and first values that AWS documents. The artefact holds `w0`, `w1` and `v`.
"""

from typing import Any

from localaws.algorithms import exchange, factorization
from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import UserError
from localaws.algorithms.first_party import Arrays, FirstParty, Tables, metric, report
from localaws.algorithms.tables import Table

_TERMS = ("bias", "linear", "factors")


class FactorizationMachines(FirstParty):
    """The algorithm `factorization-machines`."""

    name = "factorization-machines"
    content_types = (exchange.RECORDIO,)
    requests = (exchange.JSON, exchange.LINES, exchange.RECORDIO)
    labelled = ("train", "test")
    sparse = True
    metrics = tuple(
        metric("test", name)
        for name in (
            "rmse",
            "binary_classification_accuracy",
            "binary_classification_cross_entropy",
            "binary_f_beta",
        )
    )
    known = (
        hp.required(hp.integer("feature_dim", 1)),
        hp.required(hp.integer("num_factors", 1)),
        hp.required(hp.choice("predictor_type", "binary_classifier", "regressor")),
        hp.integer("mini_batch_size", 1),
        hp.integer("epochs", 1),
        hp.number("clip_gradient", 0, opened="("),
        hp.number("eps", 0, opened="("),
        hp.number("rescale_grad", 0, opened="("),
        *(hp.number(f"{term}_lr", 0) for term in _TERMS),
        *(hp.number(f"{term}_wd", 0) for term in _TERMS),
        *(
            hp.choice(f"{term}_init_method", "normal", "uniform", "constant")
            for term in _TERMS
        ),
        *(hp.number(f"{term}_init_scale", 0) for term in _TERMS),
        *(hp.number(f"{term}_init_sigma", 0) for term in _TERMS),
        *(hp.number(f"{term}_init_value") for term in _TERMS),
    )

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Learn the bias, the weights and the factors."""
        import numpy as np

        classify = values["predictor_type"] == "binary_classifier"
        for name, table in data.items():
            if classify and not np.isin(table.labels, (0, 1)).all():
                raise UserError(f"The labels of the {name} channel must be 0 or 1")
        train = data["train"]
        model = factorization.start(values, train.features.shape[1])
        for epoch, loss in enumerate(factorization.learn(model, train, values)):
            name = "binary_classification_cross_entropy" if classify else "rmse"
            print(
                f"[INFO] #quality_metric: host=algo-1, epoch={epoch}, train"
                f" {name} <loss>={loss if classify else loss**0.5}",
                flush=True,
            )
        model |= {
            "classifier": np.array(classify),
            "feature_dim": np.array(train.features.shape[1]),
        }
        if not np.isfinite(model["v"]).all():
            raise UserError("The training diverged: the learning rates are too large")
        if "test" in data:
            _score(model, data["test"])
        return model

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """The score of each row and, for a classifier, its label."""
        values = _predict(model, rows).tolist()
        if not model["classifier"]:
            return [{"score": one} for one in values]
        return [{"score": one, "predicted_label": int(one >= 0.5)} for one in values]


def _predict(model: Any, rows: Any) -> Any:
    from scipy.special import expit

    raw = factorization.evaluate(model, rows)
    return expit(raw) if model["classifier"] else raw


def _score(model: Arrays, table: Table) -> None:
    from sklearn import metrics

    found, labels = _predict(model, table.features), table.labels
    if not model["classifier"]:
        error = float(metrics.mean_squared_error(labels, found)) ** 0.5
        report("test", "rmse", error, "loss")
        return
    chosen = found >= 0.5
    entropy = float(metrics.log_loss(labels, found, labels=[0, 1]))
    report("test", "binary_classification_cross_entropy", entropy, "loss")
    accuracy = float((chosen == labels).mean())
    report("test", "binary_classification_accuracy", accuracy, "score")
    f_beta = float(metrics.f1_score(labels, chosen, zero_division=0))
    report("test", "binary_f_beta", f_beta, "score")
