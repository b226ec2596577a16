"""Models that fail in each form of hosting, by boto3 and by the SDK's classes."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.desk import (
    BUCKET,
    ROLE,
    ask,
    container,
    content,
    deploy,
    logged,
    settled,
    store,
    variant,
)
from tests.localaws.sagemaker.hosted import make_model
from tests.localaws.sagemaker.placing import make, placed, share

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("role", "bucket"),
]
Members = dict[str, Any]


def _model(*factors: float, **more: Any) -> None:
    """Make the model `m` of containers that multiply by these factors."""
    found = [
        container(store(f"{number}.tar.gz", factor), ContainerHostname=f"c{number}")
        for number, factor in enumerate(factors)
    ]
    given: Members = {"Containers": found} if more or len(found) > 1 else {}
    boto3.client("sagemaker").create_model(
        ModelName="m",
        ExecutionRoleArn=ROLE,
        **(given or {"PrimaryContainer": found[0]}),
        **more,
    )


def real_time(factor: float) -> Members:
    """Deploy one variant on an instance."""
    _model(factor)
    deploy("m")
    return {}


def serverless(factor: float) -> Members:
    """Deploy one variant without instances."""
    _model(factor)
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    given = {"VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": config}
    deploy("m", ProductionVariants=[given])
    return {}


def one_of_two(factor: float) -> Members:
    """Deploy two variants, of which requests name the second."""
    _model(factor)
    boto3.client("sagemaker").create_model(
        ModelName="good",
        ExecutionRoleArn=ROLE,
        PrimaryContainer=container(store("good.tar.gz", 2)),
    )
    deploy("m", ProductionVariants=[variant("good"), variant("m", VariantName="two")])
    return {"TargetVariant": "two"}


def serial(factor: float) -> Members:
    """Deploy an inference pipeline of two containers."""
    _model(1, factor)
    deploy("m")
    return {}


def direct(factor: float) -> Members:
    """Deploy two containers, of which requests name the second."""
    _model(2, factor, InferenceExecutionConfig={"Mode": "Direct"})
    deploy("m")
    return {"TargetContainerHostname": "c1"}


def many(factor: float) -> Members:
    """Deploy a multi-model endpoint."""
    store("many/m.tar.gz", factor)
    boto3.client("sagemaker").create_model(
        ModelName="m",
        ExecutionRoleArn=ROLE,
        PrimaryContainer=container(f"s3://{BUCKET}/many/", Mode="MultiModel"),
    )
    deploy("m")
    return {"TargetModel": "m.tar.gz"}


def component(factor: float) -> Members:
    """Deploy an inference component."""
    share(ROLE, int(factor))
    make("one", ModelName=f"m{int(factor)}")
    placed("one")
    return {"InferenceComponentName": "one"}


def by_boto3(body: bytes, more: Members) -> bytes:
    """Ask the endpoint by boto3."""
    return ask(body, **more)


def by_sdk(body: bytes, more: Members) -> bytes:
    """Ask the endpoint by its class."""
    from sagemaker.core.resources import Endpoint
    from sagemaker.core.utils.code_injection.codec import pascal_to_snake

    given = {pascal_to_snake(name): value for name, value in more.items()}
    given |= {"content_type": "text/csv", "accept": "text/csv"}
    return Endpoint(endpoint_name="desk").invoke(body=body, **given).body.read()


FORMS = (real_time, serverless, one_of_two, serial, direct, many, component)
by_form = pytest.mark.parametrize("form", FORMS)
by_both = pytest.mark.parametrize("call", [by_boto3, by_sdk])


@by_form
@by_both
def test_an_exception_or_a_crash_costs_one_request(
    form: Callable[[float], Members], call: Callable[[bytes, Members], bytes]
) -> None:
    target = form(2)
    for body, text in ((b"-3", "a negative distance"), (b"666", "exit code 9")):
        with pytest.raises(ClientError) as caught:
            call(body, target)
        answer = caught.value.response
        assert answer["Error"]["Code"] == "ModelError"
        assert text in answer["Error"]["Message"]
        assert answer["OriginalStatusCode"] == 500
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
        assert call(b"3", target) == b"6.0"
    assert settled("desk")["EndpointStatus"] == "InService"


@pytest.mark.parametrize("form", [real_time, serverless, one_of_two, serial, direct])
def test_a_model_that_does_not_load_fails_the_endpoint(
    form: Callable[[float], Members],
) -> None:
    from sagemaker.core.resources import Endpoint
    from sagemaker.core.utils.exceptions import FailedStatusError

    target = form(0)
    found = settled("desk")
    assert found["EndpointStatus"] == "Failed"
    assert "a factor of zero" in found["FailureReason"]
    endpoint = Endpoint.get("desk")
    with pytest.raises(FailedStatusError) as caught:
        endpoint.wait_for_status("InService", poll=1)
    assert f"Failure Reason: {found['FailureReason']}" in str(caught.value)
    for call in (by_boto3, by_sdk):
        with pytest.raises(ClientError, match="is not InService: Failed"):
            call(b"3", target)
    endpoint.delete()
    with pytest.raises(ClientError, match="Could not find endpoint"):
        endpoint.refresh()


@by_both
def test_a_model_of_many_that_does_not_load_fails_its_requests(
    call: Callable[[bytes, Members], bytes],
) -> None:
    target = many(0)
    store("many/good.tar.gz", 2)
    with pytest.raises(ClientError, match="a factor of zero") as caught:
        call(b"3", target)
    assert caught.value.response["Error"]["Code"] == "ModelError"
    with pytest.raises(ClientError, match="Failed to download model data") as caught:
        call(b"3", {"TargetModel": "none.tar.gz"})
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert call(b"3", {"TargetModel": "good.tar.gz"}) == b"6.0"


@pytest.mark.parametrize(
    ("form", "wrong", "text"),
    [
        (real_time, {"TargetModel": "m"}, "is not a multi-model endpoint"),
        (real_time, {"TargetVariant": "none"}, "Variant none not found"),
        (real_time, {"InferenceComponentName": "x"}, "hosts no inference components"),
        (serial, {"TargetContainerHostname": "c1"}, "not configured for direct invoc"),
        (direct, {"TargetContainerHostname": "x"}, "Container x not found"),
        (direct, {}, "missing a target container hostname header"),
        (many, {}, "is missing a target model header"),
        (component, {}, "Inference Component Name header is required"),
        (component, {"InferenceComponentName": "x"}, "Inference Component x of"),
    ],
)
def test_a_request_that_names_the_wrong_target(
    form: Callable[[float], Members], wrong: Members, text: str
) -> None:
    form(2)
    for call in (by_boto3, by_sdk):
        with pytest.raises(ClientError) as caught:
            call(b"3", wrong)
        error = caught.value.response["Error"]
        assert error["Code"] == "ValidationError"
        assert text in error["Message"]


def test_an_asynchronous_failure_comes_to_s3() -> None:
    from sagemaker.core.resources import Endpoint

    _model(2)
    places = {
        "S3OutputPath": f"s3://{BUCKET}/answers",
        "S3FailurePath": f"s3://{BUCKET}/failures",
    }
    deploy("m", AsyncInferenceConfig={"OutputConfig": places})
    endpoint = Endpoint.get("desk")
    for call in (by_boto3, by_sdk):
        with pytest.raises(ClientError) as caught:
            call(b"3", {})
        assert caught.value.response["Error"]["Code"] == "ValidationError"
    for body, text in (
        (b"-3", b"a negative distance"),
        (b"666", b"exit code 9"),
        (None, b"NoSuchKey"),
    ):
        if body:
            boto3.client("s3").put_object(Bucket=BUCKET, Key="in.csv", Body=body)
        answer = endpoint.invoke_async(
            input_location=f"s3://{BUCKET}/{'in.csv' if body else 'none.csv'}",
            content_type="text/csv",
            accept="text/csv",
        )
        assert text in content(answer.failure_location)
    with pytest.raises(ClientError, match="S3 URI 'https://example"):
        endpoint.invoke_async(input_location="https://example.com/x")


@by_both
def test_what_watches_a_model_costs_no_answer(
    call: Callable[[bytes, Members], bytes],
) -> None:
    """Neither a shadow that fails nor a bucket for captured data that is lost."""
    _model(2)
    make_model("good", ROLE, BUCKET)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://nowhere-at-all/x",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    found = deploy(
        "good",
        ShadowProductionVariants=[variant("m", VariantName="shadow")],
        DataCaptureConfig=capture,
    )
    assert found["EndpointStatus"] == "InService"
    for body in (b"-3", b"666", b"x"):
        assert call(body, {}) == b"good"
    group = "/aws/sagemaker/Endpoints/desk"
    wait(lambda: {"told": "a negative distance" in str(logged(group))}, "told", False)
    assert settled("desk")["EndpointStatus"] == "InService"
