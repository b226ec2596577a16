"""What may be asked of an endpoint in each of its states, by boto3 and by the SDK."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.hosted import (
    baking,
    configure,
    deploy,
    make_model,
    routing,
    settled,
    variant,
)
from tests.localaws.sagemaker.racing import WON, race

WAITS = """
import time, boto3
def model_fn(folder):
    s3 = boto3.client("s3")
    while not s3.list_objects_v2(Bucket="on-time-desk", Prefix="go")["KeyCount"]:
        time.sleep(0.05)
def transform_fn(model, data, content_type, accept):
    return "a", "text/csv"
"""
Error = tuple[str, str]
BUSY = ("ValidationException", "Cannot update in-progress endpoint")
FAILED = ("ValidationException", "that has Failed; delete it")
GONE = ("ValidationException", "Could not find endpoint ")


class Boto3:
    """Asks for changes of the endpoint `e` by boto3."""

    def update(self) -> None:
        """Ask for another configuration."""
        boto3.client("sagemaker").update_endpoint(
            EndpointName="e", EndpointConfigName="green"
        )

    def weigh(self) -> None:
        """Ask for another weight."""
        weights = [{"VariantName": "a", "DesiredWeight": 2.0}]
        boto3.client("sagemaker").update_endpoint_weights_and_capacities(
            EndpointName="e", DesiredWeightsAndCapacities=weights
        )

    def ask(self) -> None:
        """Ask the model."""
        boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName="e", Body=b"x")

    def delete(self) -> None:
        """Ask for its end."""
        boto3.client("sagemaker").delete_endpoint(EndpointName="e")


class Sdk(Boto3):
    """Asks for changes of the endpoint `e` by its class."""

    def _endpoint(self) -> Any:
        from sagemaker.core.resources import Endpoint

        return Endpoint(endpoint_name="e", endpoint_config_name="green")

    def update(self) -> None:
        self._endpoint().update()

    def weigh(self) -> None:
        from sagemaker.core.shapes import DesiredWeightAndCapacity

        wanted = DesiredWeightAndCapacity(variant_name="a", desired_weight=2.0)
        self._endpoint().update_weights_and_capacities([wanted])

    def ask(self) -> None:
        self._endpoint().invoke(body=b"x")

    def delete(self) -> None:
        self._endpoint().delete()


quiet = pytest.mark.filterwarnings("ignore")
by_both = pytest.mark.parametrize(
    "caller",
    [pytest.param(Boto3(), id="boto3"), pytest.param(Sdk(), id="sdk", marks=quiet)],
)


def creating(role: str, bucket: str) -> None:
    """Make an endpoint whose model waits for the object `go`."""
    make_model("a", role, bucket, WAITS)
    configure("e", variant("a"))
    boto3.client("sagemaker").create_endpoint(EndpointName="e", EndpointConfigName="e")


def updating(role: str, bucket: str) -> None:
    """Make an endpoint whose update bakes."""
    make_model("a", role, bucket)
    deploy("e", variant("a"))
    boto3.client("sagemaker").update_endpoint(
        EndpointName="e",
        EndpointConfigName="green",
        DeploymentConfig=routing("ALL_AT_ONCE", wait=3600),
    )
    baking("100%")


def failed(role: str, bucket: str) -> None:
    """Make an endpoint whose model does not load."""
    make_model("a", role, bucket, "def model_fn(folder): raise KeyError('weights')")
    assert deploy("e", variant("a"))["EndpointStatus"] == "Failed"


def gone(role: str, bucket: str) -> None:
    """Make an endpoint, and delete it."""
    make_model("a", role, bucket)
    deploy("e", variant("a"))
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")


def closed(status: str) -> Error:
    """Return the error of a request to an endpoint that is not in service."""
    return "ValidationError", f"of account 123456789012 is not InService: {status}"


@pytest.fixture
def green(role: str, bucket: str) -> None:
    """A configuration to change to."""
    make_model("b", role, bucket)
    configure("green", variant("b"))


@by_both
@pytest.mark.parametrize(
    ("reach", "errors"),
    [
        (
            creating,
            {"update": BUSY, "weigh": BUSY, "ask": closed("Creating"), "delete": BUSY},
        ),
        (updating, {"update": BUSY, "weigh": BUSY, "ask": None, "delete": BUSY}),
        (
            failed,
            {
                "update": FAILED,
                "weigh": FAILED,
                "ask": closed("Failed"),
                "delete": None,
            },
        ),
        (
            gone,
            {
                "update": GONE,
                "weigh": GONE,
                "ask": ("ValidationError", "Endpoint e of account 123456789012 not f"),
                "delete": GONE,
            },
        ),
    ],
)
def test_what_a_state_allows(
    caller: Boto3,
    reach: Callable[[str, str], None],
    errors: dict[str, Error | None],
    green: None,
    role: str,
    bucket: str,
) -> None:
    reach(role, bucket)
    for verb, expected in errors.items():
        if expected is None:
            getattr(caller, verb)()
            continue
        with pytest.raises(ClientError) as caught:
            getattr(caller, verb)()
        error = caught.value.response["Error"]
        assert (error["Code"], verb) == (expected[0], verb)
        assert expected[1] in error["Message"]
    if reach is creating:
        boto3.client("s3").put_object(Bucket=bucket, Key="go", Body=b"")
        assert settled("e")["EndpointStatus"] == "InService"
        caller.ask()
    if reach is updating:
        assert settled("e")["EndpointConfigName"] == "green"


@by_both
def test_one_of_many_updates_wins(caller: Boto3, role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    deploy("e", variant("a"))
    make_model("waits", role, bucket, WAITS)
    configure("green", variant("waits"))
    assert race(caller.update) == [BUSY[0]] * 4 + [WON]
    boto3.client("s3").put_object(Bucket=bucket, Key="go", Body=b"")
    found = settled("e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        "green",
    )


@quiet
def test_waiting_by_the_sdk_ends(green: None, role: str, bucket: str) -> None:
    from sagemaker.core.resources import Endpoint
    from sagemaker.core.utils.exceptions import (
        FailedStatusError,
        TimeoutExceededError,
    )

    creating(role, bucket)
    endpoint = Endpoint.get("e")
    with pytest.raises(TimeoutExceededError, match="Final Resource State: Creating"):
        endpoint.wait_for_status("InService", poll=1, timeout=0)
    boto3.client("s3").put_object(Bucket=bucket, Key="go", Body=b"")
    endpoint.wait_for_status("InService", poll=1)
    with pytest.raises(TimeoutExceededError, match="Final Resource State: InService"):
        endpoint.wait_for_delete(poll=1, timeout=0)
    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    for name in ("e", "green"):
        configure(f"{name}-again", variant("b"))
    make_model("broken", role, bucket, "raise RuntimeError('no GPU')")
    configure("broken", variant("broken"))
    again = Endpoint.create(endpoint_name="e", endpoint_config_name="broken")
    with pytest.raises(FailedStatusError, match="no GPU") as caught:
        again.wait_for_status("InService", poll=1)
    assert "did not pass the ping health check" in str(caught.value)
