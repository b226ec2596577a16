"""The built-in PCA on scikit-learn.

The artefact holds `mean`, the components `v` (features by components) and the singular
values `s`. As on AWS they stand from the smallest to the largest: the last column of a
projection is the first principal component.
"""

from typing import Any

from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.errors import HyperparameterError, UserError
from localaws.algorithms.first_party import Arrays, FirstParty, Tables, report


class PCA(FirstParty):
    """The algorithm `pca`."""

    name = "pca"
    envelope = "projections"
    known = (
        hp.required(hp.integer("feature_dim", 1)),
        hp.required(hp.integer("mini_batch_size", 1)),
        hp.required(hp.integer("num_components", 1)),
        hp.choice("algorithm_mode", "regular", "randomized"),
        hp.integer("extra_components", -1),
        hp.flag("subtract_mean"),
    )

    def check_together(self, values: dict[str, Any]) -> None:
        """Refuse more components than features."""
        if values["num_components"] > values["feature_dim"]:
            raise HyperparameterError(
                f"Hyperparameter num_components: {values['num_components']} is more"
                f" than feature_dim, {values['feature_dim']}"
            )

    def fit(self, values: dict[str, Any], data: Tables) -> Arrays:
        """Learn the components."""
        import numpy as np

        rows, count = data["train"].features.astype(float), values["num_components"]
        if count > len(rows):
            raise UserError(
                f"The train channel has {len(rows)} rows, num_components is {count}"
            )
        centered = values.get("subtract_mean", True)
        mean = rows.mean(axis=0) if centered else np.zeros(rows.shape[1])
        components, strengths = _decompose(rows, count, centered, _oversampling(values))
        v = components[::-1].T.astype(np.float32)
        if "test" in data:
            test = data["test"].features - mean
            error = float(np.square(test - test @ v @ v.T).sum(axis=1).mean())
            report("test", "reconstruction_error", error, "loss")
        return {
            "mean": mean.astype(np.float32)[None],
            "v": v,
            "s": strengths[::-1].astype(np.float32),
            "feature_dim": np.array(rows.shape[1]),
        }

    def answer(self, model: Any, rows: Any, accept: str) -> list[dict[str, Any]]:
        """Project each row."""
        projections = (rows - model["mean"]) @ model["v"]
        return [{"projection": one} for one in projections.tolist()]


def _oversampling(values: dict[str, Any]) -> int | None:
    """How many components more the randomized mode draws; None in regular mode."""
    if values.get("algorithm_mode", "regular") == "regular":
        return None
    extra = values.get("extra_components", -1)
    return max(10, values["num_components"]) if extra == -1 else extra


def _decompose(
    rows: Any, count: int, centered: bool, extra: int | None
) -> tuple[Any, Any]:
    """The components and singular values, largest first."""
    import numpy as np
    from sklearn import decomposition
    from sklearn.utils.extmath import randomized_svd, svd_flip

    if centered:
        found = decomposition.PCA(
            count,
            svd_solver="full" if extra is None else "randomized",
            n_oversamples=extra or 10,
            random_state=0,
        ).fit(rows)
        return found.components_, found.singular_values_
    if extra is None:
        _, strengths, components = np.linalg.svd(rows, full_matrices=False)
    else:
        _, strengths, components = randomized_svd(
            rows, count, n_oversamples=extra, random_state=0, flip_sign=False
        )
    _, components = svd_flip(None, components, u_based_decision=False)
    return components[:count], strengths[:count]
