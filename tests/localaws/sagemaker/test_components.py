"""Inference components: made, asked, scaled, changed, deleted."""

import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN, wait
from tests.localaws.sagemaker.desk import (
    ask,
    container,
    deploy,
    logged,
    processes,
    settled,
    store,
    variant,
)

pytestmark = pytest.mark.usefixtures("bucket")
NEEDS = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 0.5}


@pytest.fixture
def shared(aws: Callable[[str], Any], role: str) -> dict[str, Any]:
    """An endpoint whose variant has no model, and the models `m2` and `m5`."""
    for factor in (2, 5):
        aws("sagemaker").create_model(
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


def test_one_of_many_creates_wins(shared: dict[str, Any]) -> None:
    outcomes: list[str] = []

    def run() -> None:
        client = boto3.session.Session().client("sagemaker")
        try:
            client.create_inference_component(
                InferenceComponentName="race",
                EndpointName="desk",
                VariantName="AllTraffic",
                Specification={
                    "ModelName": "m2",
                    "ComputeResourceRequirements": NEEDS,
                },
                RuntimeConfig={"CopyCount": 1},
            )
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Message"][:30])

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Cannot create already existing"] * 4 + ["won"]
    placed("race")


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
