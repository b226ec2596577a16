"""Local forms of the built-in algorithm containers, one file each.

The room knows the `/opt/ml` tree and the maths; nothing of AWS calls. Heavy libraries
are imported when an algorithm is first used. `python -m localaws.algorithms NAME OPT`
is the training entry point of the container.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from localaws.algorithms.errors import (
    AlgorithmFailure,
    HyperparameterError,
    InferenceError,
    UserError,
)
from localaws.algorithms.xgboost import XGBoost

__all__ = [
    "Algorithm",
    "AlgorithmFailure",
    "HyperparameterError",
    "InferenceError",
    "UserError",
    "by_name",
    "of_image",
]


class Algorithm(Protocol):
    """What a built-in algorithm offers.

    Attributes:
        name: for instance "xgboost".
        metrics: (name, regex) of each metric that its log lines carry.
        content_types: content types of its training channels.
    """

    name: str
    metrics: tuple[tuple[str, str], ...]
    content_types: tuple[str, ...]

    def check(self, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
        """Convert hyperparameters from strings; HyperparameterError if refused."""
        ...

    def train(self, opt: Path) -> int:
        """Train in the tree `opt`, which plays `/opt/ml`.

        Returns:
            The exit code: 0, 1 for a failure of the algorithm, 2 for one of the user.
            `output/failure` then holds the reason, with AWS's prefix.
        """
        ...

    def load(self, model_dir: Path) -> Any:
        """Load what `train` wrote; ValueError if there is nothing to load."""
        ...

    def predict(
        self, model: Any, body: bytes, content_type: str, accept: str
    ) -> tuple[bytes, str]:
        """Answer one request: (body, content type); InferenceError if it cannot."""
        ...


_REPOSITORIES: dict[str, Algorithm] = {
    "sagemaker-xgboost": XGBoost(),
    "xgboost": XGBoost(),
}


def of_image(uri: str) -> Algorithm | None:
    """The local form of the built-in algorithm whose container image `uri` names.

    Args:
        uri: for instance
            "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1".

    Returns:
        The algorithm; None when there is no local form.
    """
    repository = uri.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return _REPOSITORIES.get(repository)


def by_name(name: str) -> Algorithm:
    """The algorithm of that name; KeyError when there is none."""
    return {one.name: one for one in _REPOSITORIES.values()}[name]
