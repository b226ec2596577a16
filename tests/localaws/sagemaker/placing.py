"""Inference components for the tests: where they are, and what they come to."""

from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.desk import container, deploy, store

NEEDS = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 0.5}


def share(role: str, *factors: int) -> dict[str, Any]:
    """Make models such as `m2`, and an endpoint whose variant has none."""
    for factor in factors:
        boto3.client("sagemaker").create_model(
            ModelName=f"m{factor}",
            ExecutionRoleArn=role,
            PrimaryContainer=container(store(f"m{factor}.tar.gz", factor)),
        )
    return deploy(None, ExecutionRoleArn=role)


def make(name: str, copies: int = 1, **specification: Any) -> None:
    """Create a component."""
    boto3.client("sagemaker").create_inference_component(
        InferenceComponentName=name,
        EndpointName="desk",
        VariantName="AllTraffic",
        Specification={"ComputeResourceRequirements": NEEDS, **specification},
        RuntimeConfig={"CopyCount": copies},
    )


def placed(name: str) -> dict[str, Any]:
    """Wait until a component has settled."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_inference_component(InferenceComponentName=name),
        "InferenceComponentStatus",
        "Creating",
        "Updating",
    )
