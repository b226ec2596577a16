"""The built-in K-Means on scikit-learn.

As AWS describes it: mini-batches move `k * extra_center_factor` centers over the data,
then a weighted Lloyd's K-Means of these centers leaves `k`. The artefact holds the
array `centroids`.
"""

from typing import Any

from localaws.algorithms import exchange
from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import UserError
from localaws.algorithms.first_party import Arrays, FirstParty, Tables, metric, report

_MOST = 10
_TRIALS = 10


class KMeans(FirstParty):
    """The algorithm `kmeans`."""

    name = "kmeans"
    metrics = (metric("test", "msd"), metric("test", "ssd"))
    answers = (*FirstParty.answers, exchange.CSV)
    known = (
        hp.required(hp.integer("k", 1)),
        hp.required(hp.integer("feature_dim", 1)),
        hp.integer("mini_batch_size", 1),
        hp.choice("init_method", "random", "kmeans++"),
        hp.auto(hp.integer("extra_center_factor", 1)),
        hp.integer("local_lloyd_max_iter", 1),
        hp.number("local_lloyd_tol", 0, 1),
        hp.choice("local_lloyd_init_method", "random", "kmeans++"),
        hp.auto(hp.integer("local_lloyd_num_trials", 1)),
        hp.only("half_life_time_size", "weights do not decay", "0"),
        hp.integer("epochs", 1),
        hp.names("eval_metrics", "msd", "ssd"),
    )

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Learn the centers."""
        import numpy as np
        from sklearn import cluster

        rows, k = data["train"].features, values["k"]
        if len(rows) < k:
            raise UserError(f"The train channel has {len(rows)} rows, k is {k}")
        many = min(k * (values.get("extra_center_factor") or _MOST), len(rows))
        coarse = cluster.MiniBatchKMeans(
            many,
            init=_method(values.get("init_method", "random")),
            n_init=1,
            batch_size=values.get("mini_batch_size", 5000),
            max_iter=values.get("epochs", 1),
            random_state=0,
        ).fit(rows)
        counts = np.bincount(coarse.predict(rows), minlength=many)
        fine = cluster.KMeans(
            k,
            init=_method(values.get("local_lloyd_init_method", "kmeans++")),
            n_init=values.get("local_lloyd_num_trials") or _TRIALS,
            max_iter=values.get("local_lloyd_max_iter", 300),
            tol=values.get("local_lloyd_tol", 1e-4),
            random_state=0,
        ).fit(coarse.cluster_centers_, sample_weight=counts + 1e-9)
        centroids = fine.cluster_centers_.astype(np.float32)
        _score("train", rows, centroids, ["msd"])
        if "test" in data:
            wanted = values.get("eval_metrics", ["msd"])
            _score("test", data["test"].features, centroids, wanted)
        return {"centroids": centroids, "feature_dim": np.array(rows.shape[1])}

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """The closest center of each row, and the Euclidean distance to it."""
        clusters, distances = _closest(rows, model["centroids"])
        return [
            {"closest_cluster": float(one), "distance_to_cluster": float(far)}
            for one, far in zip(clusters, distances, strict=True)
        ]


def _method(name: str) -> str:
    return "k-means++" if name == "kmeans++" else name


def _closest(rows: Any, centroids: Any) -> tuple[Any, Any]:
    from sklearn.metrics import pairwise_distances_argmin_min

    return pairwise_distances_argmin_min(rows, centroids)


def _score(channel: str, rows: Any, centroids: Any, wanted: list[str]) -> None:
    squares = _closest(rows, centroids)[1].astype(float) ** 2
    for name in wanted:
        value = squares.mean() if name == "msd" else squares.sum()
        report(channel, name, float(value), "loss")
