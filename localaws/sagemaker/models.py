"""Models: what a container serves."""

from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.chains import check_containers
from localaws.sagemaker.containers import check_artefact
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image
from localaws.sagemaker.package_containers import resolve
from localaws.sagemaker.roles import check_role

Members = dict[str, Any]


def create_model(engine: Engine, request: Members) -> Members:
    """Store a model whose image and artefact exist."""
    containers = [resolve(engine, one) for one in check_containers(request)]
    for container in containers:
        if "Image" not in container:
            raise ValidationError("Each container needs an Image.")
        image(container["Image"], "CreateModel")
    if "ExecutionRoleArn" not in request:
        raise ValidationError("You must provide ExecutionRoleArn.")
    check_role(engine.aws, request["ExecutionRoleArn"])
    for container in containers:
        if container.get("Mode") != "MultiModel":
            check_artefact(engine, container)
    document = engine.store.create("Model", request, EnableNetworkIsolation=False)
    return {"ModelArn": document["ModelArn"]}


def delete_model(engine: Engine, request: Members) -> Members:
    """Remove a model; endpoints that loaded it go on."""
    engine.store.delete("Model", request["ModelName"])
    return {}


HANDLERS = {
    "CreateModel": create_model,
    "DescribeModel": described("Model"),
    "ListModels": listed("Model"),
    "DeleteModel": delete_model,
}
