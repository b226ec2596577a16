"""Local forms of the built-in algorithm containers, one file each.

The room knows the `/opt/ml` tree and the maths; nothing of AWS calls. Heavy libraries
are imported when an algorithm is first used. `python -m localaws.algorithms NAME OPT`
is the training entry point of the container.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from localaws.algorithms.blazingtext import BlazingText
from localaws.algorithms.errors import (
    AlgorithmFailure,
    HyperparameterError,
    InferenceError,
    UserError,
)
from localaws.algorithms.factorization_machines import FactorizationMachines
from localaws.algorithms.kmeans import KMeans
from localaws.algorithms.knn import KNN
from localaws.algorithms.linear_learner import LinearLearner
from localaws.algorithms.pca import PCA
from localaws.algorithms.random_cut_forest import RandomCutForest
from localaws.algorithms.xgboost import XGBoost

__all__ = [
    "Algorithm",
    "AlgorithmFailure",
    "HyperparameterError",
    "InferenceError",
    "UserError",
    "absent",
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
    **{
        one.name: one
        for one in (
            LinearLearner(),
            KMeans(),
            PCA(),
            KNN(),
            RandomCutForest(),
            FactorizationMachines(),
            BlazingText(),
        )
    },
}
# what AWS's other built-in algorithms do
_ABSENT = {
    "forecasting-deepar": "trains a recurrent network that forecasts many time series",
    "image-classification": "trains a convolutional network that labels images",
    "ipinsights": "learns which entities use which IPv4 addresses",
    "lda": "learns topics of documents by Latent Dirichlet Allocation",
    "ntm": "learns topics of documents by a neural network",
    "object-detection": "trains a network that finds objects in images",
    "object2vec": "trains embeddings of pairs of objects",
    "semantic-segmentation": "trains a network that labels each pixel of an image",
    "seq2seq": "trains a network that turns one sequence of tokens into another",
}


def of_image(uri: str) -> Algorithm | None:
    """The local form of the built-in algorithm whose container image `uri` names.

    Args:
        uri: for instance
            "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1".

    Returns:
        The algorithm; None when there is no local form.
    """
    return _REPOSITORIES.get(_repository(uri))


def absent(uri: str) -> str | None:
    """What the built-in algorithm of an image does that has no local form.

    Returns:
        For instance "learns topics ..."; None for any other image.
    """
    return _ABSENT.get(_repository(uri))


def by_name(name: str) -> Algorithm:
    """The algorithm of that name; KeyError when there is none."""
    return {one.name: one for one in _REPOSITORIES.values()}[name]


def _repository(uri: str) -> str:
    return uri.rpartition("/")[2].partition("@")[0].partition(":")[0]
