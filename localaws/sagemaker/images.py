"""Container images that have a local form, named by their repository."""

import importlib.util
from dataclasses import dataclass

from localaws.algorithms import Algorithm, absent, of_image
from localaws.errors import NotImplementedHere

# Repository of each framework image, and the module that it needs here.
_FRAMEWORKS = {
    "sagemaker-scikit-learn": "sklearn",
    "sagemaker-xgboost": "xgboost",
    "pytorch-training": "torch",
    "pytorch-inference": "torch",
}
_INSTALL = {
    "torch": "pip install torch --index-url https://download.pytorch.org/whl/cpu"
}


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


def image(uri: str, operation: str, *, command: bool = False) -> Image:
    """Return the local form of an image.

    Args:
        uri: Registry, repository and tag.
        operation: Who asks, such as `CreateModel`.
        command: Whether the request says what to run; then any image does, since
            the command runs in this environment.

    Raises:
        NotImplementedHere: It has none, or its library is not installed.
    """
    repository = uri.rpartition("/")[2].partition("@")[0].partition(":")[0]
    library = _FRAMEWORKS.get(repository)
    if library and importlib.util.find_spec(library) is None:
        install = _INSTALL.get(library, f"pip install {library}")
        raise NotImplementedHere(
            f"sagemaker:{operation} with the image {uri!r} (needs {library}, which is "
            f"not installed here: {install})",
            "runs a container that has the library",
        )
    found = Image(uri, library is not None, of_image(uri))
    if not (found.framework or found.algorithm or command):
        raise NotImplementedHere(
            f"sagemaker:{operation} with the image {uri!r}",
            absent(uri)
            or "pulls and runs that container; here these have a local form: "
            f"{', '.join(_FRAMEWORKS)}, the built-in algorithms, and any image whose "
            "job names a ContainerEntrypoint",
        )
    return found
