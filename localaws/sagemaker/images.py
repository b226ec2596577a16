"""Container images that have a local form, named by their repository."""

from dataclasses import dataclass

from localaws.algorithms import Algorithm, of_image
from localaws.errors import NotImplementedHere

_FRAMEWORKS = ("sagemaker-scikit-learn", "sagemaker-xgboost")


@dataclass(frozen=True)
class Image:
    """What a container image is here.

    Attributes:
        uri: As it was given.
        framework: Whether it runs the user's scripts.
        algorithm: The built-in algorithm that it holds, or None.
    """

    uri: str
    framework: bool
    algorithm: Algorithm | None


def image(uri: str, operation: str) -> Image:
    """Return the local form of an image.

    Raises:
        NotImplementedHere: It has none.
    """
    repository = uri.rpartition("/")[2].partition(":")[0].partition("@")[0]
    found = Image(uri, repository in _FRAMEWORKS, of_image(uri))
    if not found.framework and found.algorithm is None:
        raise NotImplementedHere(
            f"sagemaker:{operation} with the image {uri!r}",
            "pulls and runs that container; here these have a local form: "
            "sagemaker-scikit-learn (script mode) and sagemaker-xgboost "
            "(script mode and built-in)",
        )
    return found
