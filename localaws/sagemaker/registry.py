"""The model registry: packages, their versions, approval and containers."""

import json
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.containers import check_artefact
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described
from localaws.store import operation
from localaws.wire import project

Members = dict[str, Any]
MOST_PROPERTIES = 50
_ALONE = "Unversioned"


def create_model_package(engine: Engine, request: Members) -> Members:
    """Store a package, or the next version of a group."""
    name, group_name = (
        request.get("ModelPackageName"),
        request.get("ModelPackageGroupName"),
    )
    if name and group_name:
        raise ValidationError(
            "Both ModelPackageName and ModelPackageGroupName are provided in the "
            "input. Cannot determine which one to use."
        )
    if not name and not group_name:
        raise ValidationError("Provide a ModelPackageName or a ModelPackageGroupName.")
    if group_name:
        engine.store.find("ModelPackageGroup", group_name)
    elif "ModelApprovalStatus" in request:
        raise ValidationError(
            "ModelApprovalStatus is of the versions of a model package group."
        )
    request = _from_source(engine, request)
    if "InferenceSpecification" not in request and not (
        group_name and request.get("ModelPackageRegistrationType") == "Logged"
    ):
        raise ValidationError(
            "Provide an InferenceSpecification, or a SourceUri that has one."
        )
    _check(engine, request)
    with engine.store.lock:
        again = _same_token(engine, request)
        document = again or _store(engine, request)
    return {"ModelPackageArn": document["ModelPackageArn"]}


def _from_source(engine: Engine, request: Members) -> Members:
    """Fill in what a clone takes from its package, or a package from its model."""
    source = request.get("SourceUri", "")
    if ":model-package/" in source:
        package = engine.store.find("ModelPackage", source)
        cloned = {
            name: package[name]
            for name in _CLONED
            if name in package and name not in request
        }
        return cloned | request
    if source.startswith("arn:") and ":model/" in source:
        if "InferenceSpecification" in request:
            return request
        model = engine.store.find("Model", source)
        containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else []
        known = operation("CreateModelPackage").input_shape.members
        shape = known["InferenceSpecification"].members["Containers"]
        found = project(shape, [*containers, *model.get("Containers", ())])
        return request | {"InferenceSpecification": {"Containers": found}}
    return request


_CLONED = (
    "AdditionalInferenceSpecifications",
    "CustomerMetadataProperties",
    "Domain",
    "DriftCheckBaselines",
    "InferenceSpecification",
    "ModelCard",
    "ModelMetrics",
    "ModelPackageDescription",
    "SamplePayloadUrl",
    "Task",
)


def _check(engine: Engine, request: Members) -> None:
    specifications = [
        request.get("InferenceSpecification", {}),
        *request.get("AdditionalInferenceSpecifications", ()),
        *request.get("AdditionalInferenceSpecificationsToAdd", ()),
    ]
    for container in (
        c for found in specifications for c in found.get("Containers", ())
    ):
        if "Image" not in container:
            raise ValidationError("Each container of a specification needs an Image.")
        if request.get("SkipModelValidation") != "All":
            check_artefact(engine, container)
    properties = request.get("CustomerMetadataProperties", {})
    if len(properties) > MOST_PROPERTIES:
        raise ValidationError(
            f"A model package has at most {MOST_PROPERTIES} customer metadata "
            f"properties; found {len(properties)}."
        )
    _check_card(request)


def _check_card(request: Members) -> None:
    content = request.get("ModelCard", {}).get("ModelCardContent")
    try:
        if content is not None and not isinstance(json.loads(content), dict):
            raise ValidationError("ModelCardContent is not a JSON object.")
    except ValueError as error:
        raise ValidationError(f"ModelCardContent is not JSON: {error}") from error


def _same_token(engine: Engine, request: Members) -> Members | None:
    token = request.get("ClientToken")
    packages = engine.store.documents("ModelPackage") if token else ()
    return next((p for p in packages if p.get("ClientToken") == token), None)


def _store(engine: Engine, request: Members) -> Members:
    store = engine.store
    state = {
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelPackageRegistrationType": request.get(
            "ModelPackageRegistrationType", "Registered"
        ),
        "CertifyForMarketplace": False,
        "CreatedBy": {},
    }
    if "ModelPackageName" in request:
        return store.create("ModelPackage", request, ModelPackageType=_ALONE, **state)
    group = store.find("ModelPackageGroup", request["ModelPackageGroupName"])
    version = group["Versions"] + 1
    name = group["ModelPackageGroupName"]
    document = store.create(
        "ModelPackage",
        request,
        name=f"{name}/{version}",
        ModelPackageName=name,
        ModelPackageGroupName=name,
        ModelPackageVersion=version,
        ModelPackageType="Versioned",
        ModelApprovalStatus=request.get("ModelApprovalStatus", "PendingManualApproval"),
        **state,
    )
    store.change(group, Versions=version)
    return document


def list_model_packages(engine: Engine, request: Members) -> Members:
    """List the versions of a group, or the packages without versions."""
    group = request.get("ModelPackageGroupName")
    filters = dict(request)
    if group:
        found = engine.store.find("ModelPackageGroup", group)
        filters["ModelPackageGroupName"] = found["ModelPackageGroupName"]
    kind = filters.pop("ModelPackageType", "Versioned" if group else _ALONE)
    if kind != "Both":
        filters["ModelPackageType"] = kind
    answer = engine.store.list("ModelPackage", filters)
    for summary in answer["ModelPackageSummaryList"]:
        if "ModelPackageVersion" in summary:
            del summary["ModelPackageName"]
    return answer


def batch_describe_model_package(engine: Engine, request: Members) -> Members:
    """Describe several packages; what is not there is told apart."""
    summaries, errors = {}, {}
    for arn in request["ModelPackageArnList"]:
        try:
            summaries[arn] = engine.store.find("ModelPackage", arn)
        except AwsError as error:
            errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
    shape = operation("BatchDescribeModelPackage").output_shape
    shown = shape.members["ModelPackageSummaries"].value
    return {
        "ModelPackageSummaries": {
            arn: project(shown, package) for arn, package in summaries.items()
        },
        "BatchDescribeModelPackageErrorMap": errors,
    }


def update_model_package(engine: Engine, request: Members) -> Members:
    """Approve or reject a version, and change what describes it."""
    store = engine.store
    document = store.find("ModelPackage", request["ModelPackageArn"])
    versioned = "ModelPackageVersion" in document
    if "ModelApprovalStatus" in request and not versioned:
        raise ValidationError(
            "ModelApprovalStatus is of the versions of a model package group."
        )
    _check(engine, request)
    with store.lock:
        change = {name: request[name] for name in _UPDATED if name in request}
        properties = dict(document.get("CustomerMetadataProperties") or {})
        properties |= request.get("CustomerMetadataProperties", {})
        for key in request.get("CustomerMetadataPropertiesToRemove", ()):
            properties.pop(key, None)
        if len(properties) > MOST_PROPERTIES:
            raise ValidationError(
                f"A model package has at most {MOST_PROPERTIES} customer metadata "
                f"properties; found {len(properties)}."
            )
        more = request.get("AdditionalInferenceSpecificationsToAdd", [])
        if more:
            known = document.get("AdditionalInferenceSpecifications", [])
            names = [found["Name"] for found in (*known, *more)]
            if len(set(names)) < len(names):
                raise ValidationError("Additional specifications need unique names.")
            change["AdditionalInferenceSpecifications"] = [*known, *more]
        if "ModelCard" in request:
            change["ModelCard"] = document.get("ModelCard", {}) | request["ModelCard"]
        store.change(
            document,
            **change,
            CustomerMetadataProperties=properties or None,
            LastModifiedBy={},
        )
    return {"ModelPackageArn": document["ModelPackageArn"]}


_UPDATED = (
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "SourceUri",
)


def delete_model_package(engine: Engine, request: Members) -> Members:
    """Remove a package or a version; its number is not given out again."""
    engine.store.delete("ModelPackage", request["ModelPackageName"])
    return {}


HANDLERS = {
    "CreateModelPackage": create_model_package,
    "DescribeModelPackage": described("ModelPackage"),
    "ListModelPackages": list_model_packages,
    "BatchDescribeModelPackage": batch_describe_model_package,
    "UpdateModelPackage": update_model_package,
    "DeleteModelPackage": delete_model_package,
}
