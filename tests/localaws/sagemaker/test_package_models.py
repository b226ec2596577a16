"""Models of the registry's packages: clones, and endpoints that serve them."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker import registering
from tests.localaws.sagemaker.conftest import wait


@pytest.fixture
def specification(aws: Callable[[str], Any], bucket: str) -> dict[str, Any]:
    """An inference specification whose artefact is in S3."""
    return registering.specification(bucket)


@pytest.fixture
def register(specification: dict[str, Any]) -> Callable[..., str]:
    """Register a version in the group `delays`, which is made; return its ARN."""
    return registering.registrar(specification)


def test_clones_of_packages_and_models(
    aws: Callable[[str], Any],
    register: Callable[..., str],
    role: str,
    specification: dict[str, Any],
) -> None:
    sagemaker = aws("sagemaker")
    source = register(CustomerMetadataProperties={"auc": "0.72"})
    model = sagemaker.create_model(
        ModelName="delays",
        ExecutionRoleArn=role,
        PrimaryContainer=specification["Containers"][0],
    )["ModelArn"]
    sagemaker.create_model_package_group(ModelPackageGroupName="production")
    for uri in (source, model):
        arn = sagemaker.create_model_package(
            ModelPackageGroupName="production", SourceUri=uri
        )["ModelPackageArn"]
        found = sagemaker.describe_model_package(ModelPackageName=arn)
        given = found["InferenceSpecification"]["Containers"]
        assert given == specification["Containers"]
        assert found["SourceUri"] == uri
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.create_model_package(
            ModelPackageGroupName="production", SourceUri=source.replace("/1", "/8")
        )


def test_a_model_of_a_package_serves(
    endpoint: Connection,
    aws: Callable[[str], Any],
    register: Callable[..., str],
    specification: dict[str, Any],
    role: str,
) -> None:
    sagemaker = aws("sagemaker")
    arn = register(
        AdditionalInferenceSpecifications=[{"Name": "other", **specification}]
    )
    container = {"ModelPackageName": arn, "Environment": {"TEAM": "night"}}
    sagemaker.create_model(
        ModelName="delays", ExecutionRoleArn=role, PrimaryContainer=container
    )
    found = sagemaker.describe_model(ModelName="delays")
    assert found["PrimaryContainer"]["ModelPackageName"] == arn
    sagemaker.create_endpoint_config(
        EndpointConfigName="delays",
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": "delays",
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName="delays", EndpointConfigName="delays")
    ready = wait(
        lambda: sagemaker.describe_endpoint(EndpointName="delays"),
        "EndpointStatus",
        "Creating",
    )
    assert ready["EndpointStatus"] == "InService", ready.get("FailureReason")
    answer = aws("sagemaker-runtime").invoke_endpoint(
        EndpointName="delays", ContentType="application/json", Body=b"[[1], [2]]"
    )
    assert answer["Body"].read() == b'"2 rows by 2 for night"'
    for name, message in (
        (arn.replace("/1", "/7"), "does not exist"),
        (arn, "no inference specification 'none'"),
    ):
        with pytest.raises(ClientError, match=message):
            sagemaker.create_model(
                ModelName="other",
                ExecutionRoleArn=role,
                PrimaryContainer={
                    "ModelPackageName": name,
                    "InferenceSpecificationName": "none",
                },
            )
