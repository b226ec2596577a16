"""Endpoint configurations: which variants an endpoint has."""

from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.asynchronous import check_async
from localaws.sagemaker.capture import check_capture
from localaws.sagemaker.chains import check_serverless
from localaws.sagemaker.components import check_variants
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed

_MEMORY_STEP = 1024
Members = dict[str, Any]


def create_endpoint_config(engine: Engine, request: Members) -> Members:
    """Store a configuration whose models exist."""
    variants = request["ProductionVariants"]
    shadows = request.get("ShadowProductionVariants", [])
    names = [variant["VariantName"] for variant in [*variants, *shadows]]
    if len(set(names)) < len(names):
        raise ValidationError(f"Variant names must be unique; found {names}.")
    if shadows and (len(variants), len(shadows)) != (1, 1):
        raise ValidationError(
            "With ShadowProductionVariants you can only specify one variant for "
            "ProductionVariants and one for ShadowProductionVariants."
        )
    check_variants(engine, request)
    for variant in [*variants, *shadows]:
        _check_variant(engine, variant)
    _check_serverless(engine, request)
    check_async(engine, request)
    check_capture(request)
    document = engine.store.create(
        "EndpointConfig", request, EnableNetworkIsolation=False
    )
    return {"EndpointConfigArn": document["EndpointConfigArn"]}


def _check_variant(engine: Engine, variant: Members) -> None:
    name = variant["VariantName"]
    instances = {"InstanceType", "InitialInstanceCount"}
    if "ServerlessConfig" in variant:
        for member in sorted(instances & variant.keys()):
            raise ValidationError(
                f"Variant {name!r} has a ServerlessConfig: it must not have {member}."
            )
        memory = variant["ServerlessConfig"]["MemorySizeInMB"]
        if memory % _MEMORY_STEP:
            raise ValidationError(
                f"MemorySizeInMB must be one of 1024, 2048, 3072, 4096, 5120, 6144; "
                f"found {memory}."
            )
    else:
        for member in sorted(instances - variant.keys(), reverse=True):
            raise ValidationError(f"Variant {name!r} needs {member}.")
    if "ModelName" in variant:
        engine.store.find("Model", variant["ModelName"])
    variant.setdefault("InitialVariantWeight", 1.0)


def _check_serverless(engine: Engine, request: Members) -> None:
    """Raise `ValidationError` for what serverless inference does not support."""
    variants = [
        *request["ProductionVariants"],
        *request.get("ShadowProductionVariants", []),
    ]
    if not any("ServerlessConfig" in variant for variant in variants):
        return
    if len(variants) > 1:
        raise ValidationError(
            "Serverless inference does not support several production variants."
        )
    if "DataCaptureConfig" in request:
        raise ValidationError("Serverless inference does not support data capture.")
    if "ModelName" not in variants[0]:
        raise ValidationError(
            "Serverless inference does not support inference components."
        )
    check_serverless(engine.store.find("Model", variants[0]["ModelName"]))


def delete_endpoint_config(engine: Engine, request: Members) -> Members:
    """Remove a configuration; endpoints that were made from it go on."""
    engine.store.delete("EndpointConfig", request["EndpointConfigName"])
    return {}


HANDLERS = {
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": described("EndpointConfig"),
    "ListEndpointConfigs": listed("EndpointConfig"),
    "DeleteEndpointConfig": delete_endpoint_config,
}
