"""The built-in k-nearest neighbors on scikit-learn.

The artefact holds the sampled rows, their labels and, with dimension reduction, the
projection. Distances are Euclidean for L2; for INNER_PRODUCT and COSINE they are 1
minus the similarity. Not in the local form: the approximate indexes of FAISS.
"""

from typing import Any

from localaws.algorithms import exchange
from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import HyperparameterError, UserError
from localaws.algorithms.first_party import (
    Arrays,
    FirstParty,
    Tables,
    dense,
    metric,
    report,
)

_INDEX = "FAISS and its approximate indexes are not in it; neighbors are exact"


class KNN(FirstParty):
    """The algorithm `knn`."""

    name = "knn"
    metrics = (metric("test", "accuracy"), metric("test", "mse"))
    labelled = ("train", "test")
    known = (
        hp.required(hp.integer("feature_dim", 1)),
        hp.required(hp.integer("k", 1)),
        hp.required(hp.choice("predictor_type", "classifier", "regressor")),
        hp.required(hp.integer("sample_size", 1)),
        hp.integer("mini_batch_size", 1),
        hp.only(
            "dimension_reduction_type",
            "the Johnson-Lindenstrauss transform is not in it",
            "sign",
        ),
        hp.integer("dimension_reduction_target", 1),
        hp.only("index_type", _INDEX, "faiss.Flat"),
        hp.choice("index_metric", "L2", "INNER_PRODUCT", "COSINE"),
        hp.refused("faiss_index_ivf_nlists", _INDEX),
        hp.refused("faiss_index_pq_m", _INDEX),
    )

    def check_together(self, values: dict[str, Any]) -> None:
        """Refuse half of a dimension reduction."""
        target = values.get("dimension_reduction_target")
        if ("dimension_reduction_type" in values) != (target is not None):
            raise HyperparameterError(
                "dimension_reduction_type and dimension_reduction_target go together"
            )
        if target is not None and target >= values["feature_dim"]:
            raise HyperparameterError(
                f"Hyperparameter dimension_reduction_target: {target} is not in"
                f" (0, {values['feature_dim']})"
            )

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Sample and project the rows."""
        import numpy as np
        from sklearn.random_projection import SparseRandomProjection

        rows, labels = data["train"].features, data["train"].labels
        assert labels is not None
        if values["predictor_type"] == "classifier" and (labels % 1 != 0).any():
            raise UserError("The labels of a classifier must be whole numbers")
        if len(rows) > values["sample_size"]:
            random = np.random.default_rng(0)
            chosen = random.choice(len(rows), values["sample_size"], replace=False)
            rows, labels = rows[np.sort(chosen)], labels[np.sort(chosen)]
        if len(rows) < values["k"]:
            raise UserError(f"k is {values['k']}, the sample has {len(rows)} rows")
        arrays = {
            "labels": labels,
            "k": np.array(values["k"]),
            "classifier": np.array(values["predictor_type"] == "classifier"),
            "metric": np.array(values.get("index_metric", "L2")),
            "feature_dim": np.array(values["feature_dim"]),
        }
        target = values.get("dimension_reduction_target")
        if target is not None:
            signs = SparseRandomProjection(
                target, density=1.0, dense_output=True, random_state=0
            ).fit(rows)
            arrays["projection"] = dense(signs.components_).T.astype(np.float32)
            rows = rows @ arrays["projection"]
        arrays["rows"] = rows.astype(np.float32)
        if "test" in data:
            _score(arrays, data["test"])
        return arrays

    def restore(self, arrays: Arrays) -> Any:
        """Build the index."""
        return _indexed(arrays)

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """The label of each row; with `verbose=true` its neighbors as well."""
        predicted, distances, labels = _query(model, rows)
        answers: list[dict[str, Any]] = [
            {"predicted_label": float(one)} for one in predicted
        ]
        if exchange.media_type(accept or exchange.JSON)[1].get("verbose") == "true":
            for answer, far, near in zip(answers, distances, labels, strict=True):
                answer |= {"distances": far.tolist(), "labels": near.tolist()}
        return answers


def _indexed(arrays: Arrays) -> dict[str, Any]:
    from sklearn.neighbors import NearestNeighbors

    kind = {"L2": "euclidean", "COSINE": "cosine"}.get(str(arrays["metric"]))
    index = None
    if kind:
        index = NearestNeighbors(
            n_neighbors=int(arrays["k"]), algorithm="brute", metric=kind
        ).fit(arrays["rows"])
    return {**arrays, "index": index}


def _query(model: dict[str, Any], rows: Any) -> tuple[Any, Any, Any]:
    import numpy as np

    if "projection" in model:
        rows = rows @ model["projection"]
    if model["index"] is None:
        far = 1 - rows @ model["rows"].T
        near = np.argsort(far, axis=1, kind="stable")[:, : int(model["k"])]
        distances = np.take_along_axis(far, near, axis=1)
    else:
        distances, near = model["index"].kneighbors(rows)
    labels = model["labels"][near]
    if not model["classifier"]:
        return labels.mean(axis=1), distances, labels
    classes = np.unique(model["labels"])
    votes = (labels[:, :, None] == classes).sum(axis=1)
    return classes[votes.argmax(axis=1)], distances, labels


def _score(arrays: Arrays, table: Any) -> None:
    predicted = _query(_indexed(arrays), table.features)[0]
    if arrays["classifier"]:
        right = float((predicted == table.labels).mean())
        report("test", "accuracy", right, "score")
    else:
        error = float(((predicted.astype(float) - table.labels) ** 2).mean())
        report("test", "mse", error, "loss")
