"""Asynchronous endpoints: requests and answers in S3."""

import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.desk import (
    BUCKET,
    ask,
    container,
    content,
    deploy,
    logged,
    measured,
    store,
    variant,
)

pytestmark = pytest.mark.usefixtures("bucket")
OUTPUT = {
    "S3OutputPath": f"s3://{BUCKET}/answers/",
    "S3FailurePath": f"s3://{BUCKET}/failures",
}


@pytest.fixture
def model(aws: Callable[[str], Any], role: str) -> str:
    """A model that doubles."""
    aws("sagemaker").create_model(
        ModelName="m2",
        ExecutionRoleArn=role,
        PrimaryContainer=container(store("m2.tar.gz", 2)),
    )
    return "m2"


@pytest.fixture
def queued(model: str) -> Callable[..., dict[str, Any]]:
    """Deploy the model to an asynchronous endpoint."""

    def run(**client: int) -> dict[str, Any]:
        config = {"OutputConfig": OUTPUT, "ClientConfig": client}
        return deploy(model, AsyncInferenceConfig=config)

    return run


Queued = Callable[..., dict[str, Any]]


def send(body: str = "3", key: str = "in/1.csv", **more: Any) -> dict[str, Any]:
    """Store an input, and ask for its answer."""
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body.encode())
    return later(InputLocation=f"s3://{BUCKET}/{key}", **more)


def later(**given: Any) -> dict[str, Any]:
    """Call InvokeEndpointAsync."""
    given = {"ContentType": "text/csv", "Accept": "text/csv", **given}
    return boto3.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName="desk", **given
    )


def exists(prefix: str) -> bool:
    """Whether there is an object below a prefix."""
    return boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["KeyCount"]


def test_the_answer_comes_to_s3(queued: Queued) -> None:
    endpoint = queued(MaxConcurrentInvocationsPerInstance=2)
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["AsyncInferenceConfig"]["OutputConfig"] == OUTPUT
    answer = send("3")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    number = answer["InferenceId"]
    assert answer["OutputLocation"] == f"s3://{BUCKET}/answers/{number}.out"
    assert answer["FailureLocation"] == f"s3://{BUCKET}/failures/{number}-error.out"
    assert content(answer["OutputLocation"]) == b"6.0"
    head = boto3.client("s3").head_object(Bucket=BUCKET, Key=f"answers/{number}.out")
    assert head["ContentType"].startswith("text/csv")
    assert not exists("failures/")


def test_the_caller_names_the_answer(queued: Queued) -> None:
    queued()
    answer = send("3", InferenceId="flight-1")
    assert answer["InferenceId"] == "flight-1"
    assert answer["OutputLocation"].endswith("/answers/flight-1.out")
    assert content(answer["OutputLocation"]) == b"6.0"
    answer = send("4", S3OutputPathExtension="monday/", Filename="a.csv")
    assert answer["OutputLocation"] == f"s3://{BUCKET}/answers/monday/a.csv"
    assert content(answer["OutputLocation"]) == b"8.0"


def test_the_input_comes_with_the_request(queued: Queued) -> None:
    queued()
    assert content(later(Body=b"5")["OutputLocation"]) == b"10.0"
    for given, message in (
        ({}, "exactly one of Body and InputLocation"),
        (
            {"Body": b"5", "InputLocation": f"s3://{BUCKET}/a"},
            "exactly one of Body and InputLocation",
        ),
        ({"Body": b"5" * 128_001}, "less than or equal to 128000"),
    ):
        with pytest.raises(ClientError, match=message) as caught:
            later(**given)
        assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_a_failure_comes_to_the_failure_path(queued: Queued) -> None:
    queued()
    answer = send("-3")
    assert b"a negative distance" in content(answer["FailureLocation"])
    answer = send("666")
    assert b"crashed" in content(answer["FailureLocation"])
    answer = later(InputLocation=f"s3://{BUCKET}/in/none.csv")
    text = content(answer["FailureLocation"])
    assert b"Failed to download the input data" in text
    assert b"NoSuchKey" in text
    assert not exists("answers/")
    # the queue goes on
    assert content(send("3")["OutputLocation"]) == b"6.0"


def test_without_a_failure_path_the_log_has_the_reason(model: str) -> None:
    output = {"S3OutputPath": OUTPUT["S3OutputPath"]}
    deploy(model, AsyncInferenceConfig={"OutputConfig": output})
    answer = send("-3", InferenceId="lost")
    assert "FailureLocation" not in answer
    end = time.monotonic() + 30
    while time.monotonic() < end:
        lines = [
            one for one in logged("/aws/sagemaker/Endpoints/desk") if "lost" in one
        ]
        if lines:
            break
    assert "a negative distance" in lines[0]
    assert not exists("answers/")


def test_an_answer_that_takes_too_long(queued: Queued) -> None:
    queued()
    answer = send("30000", InvocationTimeoutSeconds=1)
    assert b"did not answer within 1 s" in content(answer["FailureLocation"])


def test_a_request_that_waits_too_long(queued: Queued, endpoint: Connection) -> None:
    queued(MaxConcurrentInvocationsPerInstance=1)
    first = send("10000", "in/slow.csv")
    second = send("3", RequestTTLSeconds=60)
    third = send("4", "in/2.csv")
    endpoint.control("POST", "clock", {"seconds": 61})
    assert b"The request expired" in content(second["FailureLocation"])
    assert content(first["OutputLocation"]) == b"20000.0"
    assert content(third["OutputLocation"]) == b"8.0"


WATCHES = """
import pathlib, threading, time
lock, busy, most = threading.Lock(), 0, 0
def model_fn(folder):
    return None
def input_fn(body, content_type):
    return body
def predict_fn(rows, model):
    global busy, most
    with lock:
        busy += 1
        most = max(most, busy)
    time.sleep(0.5)
    with lock:
        busy -= 1
    return most
def output_fn(most, accept):
    return str(most), "text/csv"
"""


@pytest.mark.parametrize("limit", [1, 3])
def test_so_many_requests_are_answered_at_once(
    aws: Callable[[str], Any], role: str, limit: int
) -> None:
    aws("sagemaker").create_model(
        ModelName="watch",
        ExecutionRoleArn=role,
        PrimaryContainer=container(store("w.tar.gz", 1, WATCHES)),
    )
    client = {"MaxConcurrentInvocationsPerInstance": limit}
    config = {"OutputConfig": OUTPUT, "ClientConfig": client}
    deploy("watch", AsyncInferenceConfig=config)
    answers = [send("1", f"in/{number}.csv") for number in range(5)]
    seen = [int(content(answer["OutputLocation"])) for answer in answers]
    assert max(seen) == limit


def test_the_backlog_is_measured(queued: Queued) -> None:
    queued(MaxConcurrentInvocationsPerInstance=1)
    answers = [send("1000", f"in/{number}.csv") for number in range(4)]
    for answer in answers:
        content(answer["OutputLocation"])
    named = {"EndpointName": "desk"}
    assert measured("ApproximateBacklogSize", **named) >= 2
    assert measured("ApproximateBacklogSizePerInstance", **named) >= 2
    assert measured("HasBacklogWithoutCapacity", **named) == 0
    boto3.client("sagemaker").delete_endpoint(EndpointName="desk")


def test_deleting_the_endpoint_forgets_what_waits(
    queued: Queued, endpoint: Connection
) -> None:
    queued(MaxConcurrentInvocationsPerInstance=1)
    for number in range(3):
        send("20000", f"in/{number}.csv")
    boto3.client("sagemaker").delete_endpoint(EndpointName="desk")
    assert not exists("answers/")
    with pytest.raises(ClientError, match="not found"):
        send("3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RequestTTLSeconds": 21601}, "less than or equal to 21600"),
        ({"InvocationTimeoutSeconds": 3601}, "less than or equal to 3600"),
        ({"InputLocation": "file:///etc/passwd"}, "regular expression"),
        ({"InputLocation": "https://example.com/a"}, "S3 URI"),
        ({"Filename": "../a"}, "regular expression"),
    ],
)
def test_requests_that_are_wrong(
    queued: Queued, change: dict[str, Any], message: str
) -> None:
    queued()
    given = {"InputLocation": f"s3://{BUCKET}/in/1.csv", **change}
    with pytest.raises(ClientError, match=message) as caught:
        later(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_each_kind_of_endpoint_has_its_call(queued: Queued, model: str) -> None:
    queued()
    with pytest.raises(ClientError, match="is an asynchronous endpoint") as caught:
        ask(b"3")
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    deploy(model, "plain")
    runtime = boto3.client("sagemaker-runtime")
    for name, message in (
        ("plain", "is not an asynchronous endpoint"),
        ("none", "Endpoint none of account 123456789012 not found"),
    ):
        with pytest.raises(ClientError, match=message) as caught:
            runtime.invoke_endpoint_async(
                EndpointName=name, InputLocation=f"s3://{BUCKET}/a"
            )
        assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_configurations_that_do_not_go_together(
    aws: Callable[[str], Any], model: str, role: str
) -> None:
    config = {"OutputConfig": OUTPUT}
    for given, message in (
        (
            {
                "ProductionVariants": [variant(None)],
                "AsyncInferenceConfig": config,
                "ExecutionRoleArn": role,
            },
            "needs variants with a model",
        ),
        (
            {"AsyncInferenceConfig": {"OutputConfig": {}}},
            "AsyncInferenceConfig without S3OutputPath",
        ),
    ):
        variants = {"ProductionVariants": [variant(model)]}
        with pytest.raises(ClientError, match=message):
            aws("sagemaker").create_endpoint_config(
                EndpointConfigName="desk", **{**variants, **given}
            )
