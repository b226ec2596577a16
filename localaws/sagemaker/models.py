"""Models and endpoint configurations: what an endpoint is made of."""

from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image
from localaws.sagemaker.roles import check_role
from localaws.sagemaker.transfer import split

Members = dict[str, Any]


def artefact(container: Members) -> tuple[str | None, bool]:
    """Return where a container's model data is, and whether it is one archive."""
    if "ModelDataUrl" in container:
        return container["ModelDataUrl"], True
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is None:
        return None, False
    archived = source["CompressionType"] == "Gzip"
    if archived != (source["S3DataType"] == "S3Object"):
        raise ValidationError(
            "ModelDataSource is a Gzip S3Object or an uncompressed S3Prefix; found "
            f"{source['CompressionType']} {source['S3DataType']}."
        )
    return source["S3Uri"], archived


def create_model(engine: Engine, request: Members) -> Members:
    """Store a model whose image and artefact exist."""
    container = request.get("PrimaryContainer")
    if container is None:
        raise ValidationError("You must provide PrimaryContainer.")
    if "Image" not in container:
        raise ValidationError("The primary container needs an Image.")
    image(container["Image"], "CreateModel")
    if "ExecutionRoleArn" not in request:
        raise ValidationError("You must provide ExecutionRoleArn.")
    check_role(engine.aws, request["ExecutionRoleArn"])
    uri, archived = artefact(container)
    if uri and archived:
        bucket, key = split(uri)
        s3 = engine.aws.client("s3")
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except s3.exceptions.ClientError as error:
            raise ValidationError(f"Could not find model data at {uri}.") from error
    document = engine.store.create("Model", request, EnableNetworkIsolation=False)
    return {"ModelArn": document["ModelArn"]}


def delete_model(engine: Engine, request: Members) -> Members:
    """Remove a model; endpoints that loaded it go on."""
    engine.store.delete("Model", request["ModelName"])
    return {}


def create_endpoint_config(engine: Engine, request: Members) -> Members:
    """Store a configuration whose model exists."""
    count = len(request["ProductionVariants"])
    if count > 1:
        raise NotImplementedHere(
            f"sagemaker:CreateEndpointConfig with {count} production variants",
            "shares the traffic between them by weight",
        )
    for variant in request["ProductionVariants"]:
        for member in ("ModelName", "InstanceType", "InitialInstanceCount"):
            if member not in variant:
                raise ValidationError(
                    f"Variant {variant['VariantName']!r} needs {member}."
                )
        engine.store.find("Model", variant["ModelName"])
        variant.setdefault("InitialVariantWeight", 1.0)
    document = engine.store.create(
        "EndpointConfig", request, EnableNetworkIsolation=False
    )
    return {"EndpointConfigArn": document["EndpointConfigArn"]}


def delete_endpoint_config(engine: Engine, request: Members) -> Members:
    """Remove a configuration."""
    engine.store.delete("EndpointConfig", request["EndpointConfigName"])
    return {}


HANDLERS = {
    "CreateModel": create_model,
    "DescribeModel": described("Model"),
    "ListModels": listed("Model"),
    "DeleteModel": delete_model,
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": described("EndpointConfig"),
    "ListEndpointConfigs": listed("EndpointConfig"),
    "DeleteEndpointConfig": delete_endpoint_config,
}
