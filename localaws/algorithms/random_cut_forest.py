"""The built-in Random Cut Forest.

After S. Guha, N. Mishra, G. Roy, O. Schrijvers: "Robust Random Cut Forest Based Anomaly
Detection on Streams", ICML 2016, the reference of AWS's own page; see `cut_tree`.
"""

from typing import Any

from localaws.algorithms import cut_tree
from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import UserError
from localaws.algorithms.first_party import Arrays, FirstParty, Tables, metric, report


class RandomCutForest(FirstParty):
    """The algorithm `randomcutforest`."""

    name = "randomcutforest"
    envelope = "scores"
    labelled = ("test",)
    metrics = (metric("test", "f1"),)
    known = (
        hp.required(hp.integer("feature_dim", 1, 10_000)),
        hp.names("eval_metrics", "accuracy", "precision_recall_fscore"),
        hp.integer("num_samples_per_tree", 1, 2048),
        hp.integer("num_trees", 50, 1000),
        hp.integer("mini_batch_size", 1),
    )

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Grow the trees, each on a random sample of the rows."""
        import numpy as np

        rows = data["train"].features
        trees = values.get("num_trees", 100)
        size = min(values.get("num_samples_per_tree", 256), len(rows))
        forest = cut_tree.grow_forest(rows, trees, size, np.random.default_rng(0))
        if "test" in data:
            labels = data["test"].labels
            assert labels is not None
            if not np.isin(labels, (0, 1)).all():
                raise UserError("The labels of the test channel must be 0 or 1")
            scores = cut_tree.score(forest, data["test"].features)
            both = ["accuracy", "precision_recall_fscore"]
            _report(scores, labels, values.get("eval_metrics", both))
        return {**forest, "feature_dim": np.array(rows.shape[1])}

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """The anomaly score of each row."""
        return [{"score": one} for one in cut_tree.score(model, rows).tolist()]


def _report(scores: Any, labels: Any, wanted: list[str]) -> None:
    """Score with the three-sigma rule, as AWS does."""
    from sklearn import metrics

    found = scores > scores.mean() + 3 * scores.std()
    if "accuracy" in wanted:
        accuracy = float(metrics.accuracy_score(labels, found))
        report("test", "accuracy", accuracy, "score")
    if "precision_recall_fscore" in wanted:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            labels, found, average="binary", zero_division=0
        )
        for name, value in (("precision", precision), ("recall", recall), ("f1", f1)):
            report("test", name, float(value), "score")
