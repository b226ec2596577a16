"""Model package groups: the versions of one model, and who may use them."""

import json
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed

Members = dict[str, Any]


def create_model_package_group(engine: Engine, request: Members) -> Members:
    """Store a group without versions."""
    document = engine.store.create(
        "ModelPackageGroup",
        request,
        ModelPackageGroupStatus="Completed",
        CreatedBy={},
        Versions=0,
    )
    return {"ModelPackageGroupArn": document["ModelPackageGroupArn"]}


def delete_model_package_group(engine: Engine, request: Members) -> Members:
    """Remove a group that has no versions."""
    with engine.store.lock:
        group = engine.store.find("ModelPackageGroup", request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        if any(
            package.get("ModelPackageGroupName") == name
            for package in engine.store.documents("ModelPackage")
        ):
            raise AwsError(
                "ConflictException",
                f"Model Package Group {name} cannot be deleted "
                "because it still contains Model Packages.",
            )
        engine.store.delete("ModelPackageGroup", name)
    return {}


def put_policy(engine: Engine, request: Members) -> Members:
    """Store who of other accounts may use the group."""
    group = engine.store.find("ModelPackageGroup", request["ModelPackageGroupName"])
    try:
        policy = json.loads(request["ResourcePolicy"])
    except ValueError as error:
        raise ValidationError(f"ResourcePolicy is not JSON: {error}") from error
    if not isinstance(policy, dict) or not policy.get("Statement"):
        raise ValidationError("ResourcePolicy has no Statement.")
    engine.store.change(group, ResourcePolicy=request["ResourcePolicy"])
    return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}


def get_policy(engine: Engine, request: Members) -> Members:
    """Return the group's policy."""
    return {"ResourcePolicy": _policy(engine, request)["ResourcePolicy"]}


def delete_policy(engine: Engine, request: Members) -> Members:
    """Remove the group's policy."""
    engine.store.change(_policy(engine, request), ResourcePolicy=None)
    return {}


def _policy(engine: Engine, request: Members) -> Members:
    group = engine.store.find("ModelPackageGroup", request["ModelPackageGroupName"])
    if not group.get("ResourcePolicy"):
        raise ValidationError(
            f"Cannot find resource policy for: {group['ModelPackageGroupArn']}"
        )
    return group


HANDLERS = {
    "CreateModelPackageGroup": create_model_package_group,
    "DescribeModelPackageGroup": described("ModelPackageGroup"),
    "ListModelPackageGroups": listed("ModelPackageGroup"),
    "DeleteModelPackageGroup": delete_model_package_group,
    "PutModelPackageGroupPolicy": put_policy,
    "GetModelPackageGroupPolicy": get_policy,
    "DeleteModelPackageGroupPolicy": delete_policy,
}
