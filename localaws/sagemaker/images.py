"""Container images that have a local form, named by their repository."""

import importlib.util
from dataclasses import dataclass

from localaws.algorithms import Algorithm, absent, of_image
from localaws.clarify import REPOSITORY as CLARIFY
from localaws.errors import NotImplementedHere
from localaws.wrangler import REPOSITORY as WRANGLER

PYTORCH = "pytorch-training"
# Repository of each framework image, and the module that it needs here.
_FRAMEWORKS = {
    "sagemaker-scikit-learn": "sklearn",
    "sagemaker-xgboost": "xgboost",
    PYTORCH: "torch",
    "pytorch-inference": "torch",
}
_INSTALL = {"torch": "make torch"}
_PROCESSORS = {WRANGLER: "localaws.wrangler", CLARIFY: "localaws.clarify"}


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

    @property
    def server(self) -> str | None:
        """Which handlers a container of it answers with; None for scikit-learn's."""
        if self.algorithm:
            return self.algorithm.name
        return "pytorch" if _FRAMEWORKS.get(repository(self.uri)) == "torch" else None


def repository(uri: str) -> str:
    """Return the repository of an image, without registry and tag."""
    return uri.rpartition("/")[2].partition("@")[0].partition(":")[0]


def processor(uri: str) -> str | None:
    """Return the module that plays the entry point of a processing image, if any."""
    return _PROCESSORS.get(repository(uri))


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
    library = _FRAMEWORKS.get(repository(uri))
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
