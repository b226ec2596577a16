"""Inference components: made, asked, scaled, changed, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN, wait
from tests.localaws.sagemaker.desk import (
    ask,
    container,
    logged,
    processes,
    settled,
    store,
    variant,
)
from tests.localaws.sagemaker.placing import NEEDS, make, placed, share

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def shared(role: str) -> dict[str, Any]:
    """An endpoint whose variant has no model, and the models `m2` and `m5`."""
    return share(role, 2, 5)


def test_two_models_share_an_endpoint(
    shared: dict[str, Any], aws: Callable[[str], Any]
) -> None:
    assert shared["EndpointStatus"] == "InService"
    make("two", ModelName="m2")
    make("five", copies=2, ModelName="m5")
    found = placed("two")
    assert found["InferenceComponentStatus"] == "InService"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 1, "CurrentCopyCount": 1}
    assert found["EndpointArn"] == shared["EndpointArn"]
    assert found["Specification"]["ModelName"] == "m2"
    assert placed("five")["RuntimeConfig"]["CurrentCopyCount"] == 2
    assert ask(b"3", InferenceComponentName="two") == b"6.0"
    assert ask(b"3", InferenceComponentName="five") == b"15.0"
    sagemaker = aws("sagemaker")
    listed = sagemaker.list_inference_components(
        EndpointNameEquals="desk", SortBy="Name", SortOrder="Ascending"
    )["InferenceComponents"]
    assert [one["InferenceComponentName"] for one in listed] == ["five", "two"]
    for empty in (
        {"EndpointNameEquals": "other"},
        {"VariantNameEquals": "other"},
        {"StatusEquals": "Failed"},
    ):
        assert not sagemaker.list_inference_components(**empty)["InferenceComponents"]


def test_each_copy_answers_in_its_turn(
    shared: dict[str, Any], endpoint: Connection
) -> None:
    before = processes(endpoint)
    make("two", copies=2, ModelName="m2")
    placed("two")
    assert len(processes(endpoint) - before) >= 2
    with pytest.raises(ClientError, match="crashed"):
        ask(b"666", InferenceComponentName="two")
    assert ask(b"3", InferenceComponentName="two") == b"6.0"
    assert ask(b"3", InferenceComponentName="two") == b"6.0"
    assert "loading 2" in logged("/aws/sagemaker/InferenceComponents/two")


def test_a_container_instead_of_a_model(shared: dict[str, Any]) -> None:
    given = {
        "Image": SKLEARN,
        "ArtifactUrl": store("direct.tar.gz", 7),
        "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
    }
    make("direct", Container=given)
    found = placed("direct")
    assert found["InferenceComponentStatus"] == "InService", found.get("FailureReason")
    shown = found["Specification"]["Container"]
    assert shown["DeployedImage"]["SpecifiedImage"] == SKLEARN
    assert shown["ArtifactUrl"] == given["ArtifactUrl"]
    assert ask(b"3", InferenceComponentName="direct") == b"21.0"


def test_copies_are_added_and_ended(
    shared: dict[str, Any], aws: Callable[[str], Any], endpoint: Connection
) -> None:
    sagemaker = aws("sagemaker")
    make("two", ModelName="m2")
    placed("two")
    before = processes(endpoint)

    def scale(count: int) -> dict[str, Any]:
        sagemaker.update_inference_component_runtime_config(
            InferenceComponentName="two", DesiredRuntimeConfig={"CopyCount": count}
        )
        return placed("two")["RuntimeConfig"]

    assert scale(2) == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert len(processes(endpoint) - before) >= 1
    assert scale(1)["CurrentCopyCount"] == 1
    assert scale(0)["CurrentCopyCount"] == 0
    with pytest.raises(ClientError, match="has no capacity to process") as caught:
        ask(InferenceComponentName="two")
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert scale(1)["CurrentCopyCount"] == 1
    assert ask(b"3", InferenceComponentName="two") == b"6.0"


def test_another_model_takes_over(
    shared: dict[str, Any], aws: Callable[[str], Any]
) -> None:
    make("desk", ModelName="m2")
    placed("desk")
    aws("sagemaker").update_inference_component(
        InferenceComponentName="desk",
        Specification={"ModelName": "m5", "ComputeResourceRequirements": NEEDS},
        RuntimeConfig={"CopyCount": 2},
    )
    found = placed("desk")
    assert found["Specification"]["ModelName"] == "m5"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert ask(b"3", InferenceComponentName="desk") == b"15.0"


def test_a_model_that_does_not_load_leaves_the_old_one(
    shared: dict[str, Any], aws: Callable[[str], Any], role: str
) -> None:
    broken = container(store("zero.tar.gz", 0))
    aws("sagemaker").create_model(
        ModelName="m0", ExecutionRoleArn=role, PrimaryContainer=broken
    )
    make("desk", ModelName="m2")
    placed("desk")
    aws("sagemaker").update_inference_component(
        InferenceComponentName="desk",
        Specification={"ModelName": "m0", "ComputeResourceRequirements": NEEDS},
    )
    found = placed("desk")
    assert "a factor of zero" in found["FailureReason"]
    assert found["InferenceComponentStatus"] == "InService"
    assert found["Specification"]["ModelName"] == "m2"
    assert ask(b"3", InferenceComponentName="desk") == b"6.0"
    make("new", ModelName="m0")
    found = placed("new")
    assert found["InferenceComponentStatus"] == "Failed"
    assert "did not pass the ping health check" in found["FailureReason"]
    with pytest.raises(ClientError, match="has no capacity"):
        ask(InferenceComponentName="new")


def test_the_instances_have_room_or_not(
    shared: dict[str, Any], aws: Callable[[str], Any]
) -> None:
    # an ml.m5.large has 8192 MB and two virtual CPUs
    large = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 5000}}
    make("first", ModelName="m2", **large)
    placed("first")
    make("second", ModelName="m5", **large)
    found = placed("second")
    assert found["InferenceComponentStatus"] == "Failed"
    assert "not enough hardware resources" in found["FailureReason"]
    assert "MinMemoryRequiredInMb adds up to 10000" in found["FailureReason"]
    busy = {"MinMemoryRequiredInMb": 128, "NumberOfCpuCoresRequired": 3}
    make("third", ModelName="m5", ComputeResourceRequirements=busy)
    assert "NumberOfCpuCoresRequired" in placed("third")["FailureReason"]
    aws("sagemaker").delete_inference_component(InferenceComponentName="first")
    make("fourth", ModelName="m5", **large)
    assert placed("fourth")["InferenceComponentStatus"] == "InService"


def test_a_deleted_component_ends_its_copies(
    shared: dict[str, Any], aws: Callable[[str], Any], endpoint: Connection
) -> None:
    sagemaker = aws("sagemaker")
    before = processes(endpoint)
    make("two", copies=2, ModelName="m2")
    placed("two")
    with pytest.raises(ClientError, match="hosts inference components: two"):
        sagemaker.delete_endpoint(EndpointName="desk")
    sagemaker.delete_inference_component(InferenceComponentName="two")
    assert not processes(endpoint) - before
    for call in ("describe_inference_component", "delete_inference_component"):
        with pytest.raises(ClientError, match="Could not find inference component"):
            getattr(sagemaker, call)(InferenceComponentName="two")
    with pytest.raises(ClientError, match="not found"):
        ask(InferenceComponentName="two")
    sagemaker.delete_endpoint(EndpointName="desk")


def test_a_component_is_deleted_while_it_is_made(
    shared: dict[str, Any], aws: Callable[[str], Any], endpoint: Connection
) -> None:
    before = processes(endpoint)
    make("two", copies=3, ModelName="m2")
    aws("sagemaker").delete_inference_component(InferenceComponentName="two")
    make("two", ModelName="m5")
    assert placed("two")["InferenceComponentStatus"] == "InService"
    assert ask(b"3", InferenceComponentName="two") == b"15.0"
    aws("sagemaker").delete_inference_component(InferenceComponentName="two")
    wait(
        lambda: {"left": len(processes(endpoint) - before)},
        "left",
        *range(1, 9),
    )


def test_an_update_keeps_the_place_of_a_component(
    shared: dict[str, Any], aws: Callable[[str], Any], role: str
) -> None:
    sagemaker = aws("sagemaker")
    make("two", ModelName="m2")
    placed("two")
    for name, given in (
        ("model", {"ProductionVariants": [variant("m5")]}),
        ("larger", {"ProductionVariants": [variant(None, InitialInstanceCount=2)]}),
    ):
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ExecutionRoleArn=role, **given
        )
    with pytest.raises(ClientError, match="component two needs the variant AllTraffic"):
        sagemaker.update_endpoint(EndpointName="desk", EndpointConfigName="model")
    sagemaker.update_endpoint(EndpointName="desk", EndpointConfigName="larger")
    assert settled()["EndpointStatus"] == "InService"
    assert ask(b"3", InferenceComponentName="two") == b"6.0"
    # two instances have room for 16384 MB
    large = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 12000}}
    make("large", ModelName="m5", **large)
    assert placed("large")["InferenceComponentStatus"] == "InService"
