"""What the containers of a model are made of, as lineage names it."""

from collections.abc import Iterator
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.package_containers import resolve

Members = dict[str, Any]


def containers(engine: Engine, model_name: str) -> list[Members]:
    """Return the containers of a model; none if it is not there."""
    try:
        model = engine.store.find("Model", model_name)
        given = [model["PrimaryContainer"]] if "PrimaryContainer" in model else []
        given = [*given, *model.get("Containers", ())]
        return [resolve(engine, container) for container in given]
    except AwsError:
        return []


def parts(container: Members) -> Iterator[tuple[str, str]]:
    """Yield type and URI of each artifact of a container."""
    if "Image" in container:
        yield "Image", container["Image"]
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    if uri:
        yield "Model", uri
    if "ModelPackageName" in container:
        yield "ModelPackage", container["ModelPackageName"]
