"""Inference components that cannot be made, asked or changed."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.desk import (
    ask,
    deploy,
    variant,
)
from tests.localaws.sagemaker.placing import NEEDS, make, placed, share

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def shared(role: str) -> dict[str, Any]:
    """An endpoint whose variant has no model, and the models `m2` and `m5`."""
    return share(role, 2, 5)


def test_a_component_that_is_made_is_not_updated(
    shared: dict[str, Any], aws: Callable[[str], Any]
) -> None:
    make("slow", copies=3, ModelName="m2")
    with pytest.raises(ClientError, match="while it is Creating"):
        aws("sagemaker").update_inference_component_runtime_config(
            InferenceComponentName="slow", DesiredRuntimeConfig={"CopyCount": 2}
        )
    placed("slow")


def test_a_request_has_to_name_a_component(shared: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="Name header is required") as caught:
        ask()
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match=r"Inference Component none .* not found"):
        ask(InferenceComponentName="none")


def test_an_endpoint_with_a_model_hosts_none(
    shared: dict[str, Any], aws: Callable[[str], Any]
) -> None:
    deploy("m2", "plain")
    with pytest.raises(ClientError, match="hosts no inference components"):
        ask(name="plain", InferenceComponentName="two")
    with pytest.raises(ClientError, match="has a ModelName") as caught:
        aws("sagemaker").create_inference_component(
            InferenceComponentName="two",
            EndpointName="plain",
            VariantName="AllTraffic",
            Specification={"ModelName": "m2", "ComputeResourceRequirements": NEEDS},
            RuntimeConfig={"CopyCount": 1},
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"EndpointName": "none"}, "Could not find endpoint"),
        ({"VariantName": "none"}, "has no variant none"),
        ({"VariantName": None}, "must provide VariantName"),
        ({"RuntimeConfig": None}, "must provide RuntimeConfig"),
        ({"Specification": None}, "must provide Specification"),
        (
            {"Specification": {"ModelName": "m2"}},
            "must provide ComputeResourceRequirements",
        ),
        (
            {"Specification": {"ComputeResourceRequirements": NEEDS}},
            "either ModelName or Container",
        ),
        (
            {
                "Specification": {
                    "ModelName": "none",
                    "ComputeResourceRequirements": NEEDS,
                }
            },
            "Could not find model",
        ),
        (
            {
                "Specification": {
                    "Container": {
                        "Image": SKLEARN,
                        "ArtifactUrl": "s3://on-time-desk/none.tar.gz",
                    },
                    "ComputeResourceRequirements": NEEDS,
                }
            },
            "Could not find model data",
        ),
    ],
)
def test_components_that_cannot_be_made(
    shared: dict[str, Any],
    aws: Callable[[str], Any],
    change: dict[str, Any],
    message: str,
) -> None:
    given = {
        "InferenceComponentName": "two",
        "EndpointName": "desk",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "m2", "ComputeResourceRequirements": NEEDS},
        "RuntimeConfig": {"CopyCount": 1},
        **change,
    }
    given = {name: value for name, value in given.items() if value is not None}
    with pytest.raises(ClientError, match=message) as caught:
        aws("sagemaker").create_inference_component(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not aws("sagemaker").list_inference_components()["InferenceComponents"]


def test_configurations_for_components(aws: Callable[[str], Any], role: str) -> None:
    sagemaker = aws("sagemaker")
    for more, message in (
        ({}, "must provide ExecutionRoleArn"),
        ({"ExecutionRoleArn": f"{role}-none"}, "Could not assume role"),
    ):
        with pytest.raises(ClientError, match=message):
            sagemaker.create_endpoint_config(
                EndpointConfigName="desk", ProductionVariants=[variant(None)], **more
            )
