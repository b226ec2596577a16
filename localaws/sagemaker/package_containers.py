"""The container that a model takes from a model package."""

from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine

Members = dict[str, Any]


def resolve(engine: Engine, container: Members) -> Members:
    """Return a container definition with what its model package says of it."""
    name = container.get("ModelPackageName")
    if name is None:
        return container
    package = engine.store.find("ModelPackage", name)
    wanted = container.get("InferenceSpecificationName")
    found = package.get("InferenceSpecification")
    if wanted:
        more = package.get("AdditionalInferenceSpecifications", ())
        found = next((s for s in more if s["Name"] == wanted), None)
    if found is None:
        raise ValidationError(
            f"ModelPackage {package['ModelPackageArn']} has no inference specification"
            + (f" {wanted!r}." if wanted else ".")
        )
    if len(found["Containers"]) > 1:
        raise NotImplementedHere(
            f"sagemaker:CreateModel from a package of {len(found['Containers'])} "
            "containers",
            "chains them",
        )
    (given,) = found["Containers"]
    variables = given.get("Environment", {}) | container.get("Environment", {})
    return given | container | {"Environment": variables}
