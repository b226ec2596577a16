"""Inference components through the SageMaker Python SDK v3."""

from typing import Any

import boto3
import pytest

from tests.localaws.sagemaker.desk import container, deploy, store

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("bucket"),
]


@pytest.fixture
def shared(role: str) -> dict[str, Any]:
    """An endpoint whose variant has no model, and the models `m2` and `m0`."""
    for factor in (2, 0):
        boto3.client("sagemaker").create_model(
            ModelName=f"m{factor}",
            ExecutionRoleArn=role,
            PrimaryContainer=container(store(f"m{factor}.tar.gz", factor)),
        )
    return deploy(None, ExecutionRoleArn=role)


def create(name: str, model: str) -> Any:
    """Create a component as one does with the SDK."""
    from sagemaker.core.resources import InferenceComponent
    from sagemaker.core.shapes import (
        InferenceComponentComputeResourceRequirements,
        InferenceComponentRuntimeConfig,
        InferenceComponentSpecification,
    )

    return InferenceComponent.create(
        inference_component_name=name,
        endpoint_name="desk",
        variant_name="AllTraffic",
        specification=InferenceComponentSpecification(
            model_name=model,
            compute_resource_requirements=InferenceComponentComputeResourceRequirements(
                min_memory_required_in_mb=512, number_of_cpu_cores_required=0.5
            ),
        ),
        runtime_config=InferenceComponentRuntimeConfig(copy_count=1),
    )


def test_a_component_is_made_asked_scaled_and_deleted(shared: dict[str, Any]) -> None:
    from sagemaker.core.resources import Endpoint, InferenceComponent
    from sagemaker.core.shapes import InferenceComponentRuntimeConfig

    component = create("two", "m2")
    component.wait_for_status("InService")
    assert component.runtime_config.current_copy_count == 1
    endpoint = Endpoint.get(endpoint_name="desk")
    answer = endpoint.invoke(
        body=b"3",
        content_type="text/csv",
        accept="text/csv",
        inference_component_name="two",
    )
    assert answer.body.read() == b"6.0"
    component.update_runtime_configs(
        desired_runtime_config=InferenceComponentRuntimeConfig(copy_count=2)
    )
    component.wait_for_status("InService")
    assert component.runtime_config.current_copy_count == 2
    (found,) = InferenceComponent.get_all(endpoint_name_equals="desk")
    assert found.inference_component_name == "two"
    component.delete()
    component.wait_for_delete()
    assert not list(InferenceComponent.get_all(endpoint_name_equals="desk"))


def test_a_component_that_fails_says_why(shared: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="a factor of zero"):
        create("broken", "m0").wait_for_status("InService")
