"""Inference components through the SageMaker Python SDK v3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.placing import share

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("bucket"),
]
NEEDS = {
    "compute_resource_requirements": {
        "min_memory_required_in_mb": 512,
        "number_of_cpu_cores_required": 0.5,
    }
}


@pytest.fixture
def shared(role: str) -> dict[str, Any]:
    """An endpoint whose variant has no model, and the models `m2` and `m0`."""
    return share(role, 2, 0)


def create(name: str, model: str, copies: int = 1) -> Any:
    """Create a component as one does with the SDK."""
    from sagemaker.core.resources import InferenceComponent
    from sagemaker.core.shapes import (
        InferenceComponentRuntimeConfig,
        InferenceComponentSpecification,
    )

    return InferenceComponent.create(
        inference_component_name=name,
        endpoint_name="desk",
        variant_name="AllTraffic",
        specification=InferenceComponentSpecification(
            model_name=model,
            **NEEDS,
        ),
        runtime_config=InferenceComponentRuntimeConfig(copy_count=copies),
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


def test_what_each_state_of_a_component_allows(shared: dict[str, Any]) -> None:
    from sagemaker.core.resources import Endpoint, InferenceComponent
    from sagemaker.core.shapes import (
        InferenceComponentRuntimeConfig,
        InferenceComponentSpecification,
    )

    two = InferenceComponentRuntimeConfig(copy_count=2)
    component = create("two", "m2", copies=3)
    with pytest.raises(ClientError, match="while it is Creating"):
        component.update_runtime_configs(desired_runtime_config=two)
    component.delete()
    with pytest.raises(ClientError, match="Could not find inference component"):
        component.refresh()
    component = create("two", "m2")
    component.wait_for_status("InService", poll=1)
    with pytest.raises(ClientError, match="hosts inference components: two"):
        Endpoint.get("desk").delete()
    for model, text in (("none", "Could not find model "), (None, "either ModelName")):
        given = {"model_name": model} if model else {}
        wanted = InferenceComponentSpecification(**given, **NEEDS)
        with pytest.raises(ClientError, match=text):
            component.update(specification=wanted)
    component.update(
        specification=InferenceComponentSpecification(model_name="m0", **NEEDS)
    )
    component.wait_for_status("InService", poll=1)
    assert "a factor of zero" in component.failure_reason
    assert component.specification.model_name == "m2"
    component.delete()
    gone = InferenceComponent(inference_component_name="two")
    for call in (
        gone.refresh,
        gone.delete,
        lambda: gone.update(runtime_config=two),
        lambda: gone.update_runtime_configs(desired_runtime_config=two),
    ):
        with pytest.raises(ClientError, match="Could not find inference component"):
            call()
    Endpoint.get("desk").delete()
