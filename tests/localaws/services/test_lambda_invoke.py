"""Invoke: what a function gets, and what its failures look like."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.functions import (
    archive,
    invoke,
    logged,
    result,
    total,
    trust,
)
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]


def test_a_function_gets_its_event_and_gives_its_result(create: Create) -> None:
    create("def handler(event, context): return {'doubled': 2 * event['n']}")
    answer = invoke({"n": 21})
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["Payload"] == {"doubled": 42}
    assert "FunctionError" not in answer


def test_the_context_says_who_runs(create: Create) -> None:
    create(
        """
def handler(event, context):
    return {
        "name": context.function_name, "version": context.function_version,
        "memory": context.memory_limit_in_mb, "arn": context.invoked_function_arn,
        "group": context.log_group_name, "stream": context.log_stream_name,
        "request": context.aws_request_id,
        "left": context.get_remaining_time_in_millis(),
        "client": context.client_context.custom,
    }
""",
        MemorySize=256,
    )
    client = "eyJjdXN0b20iOiB7ImRlc2siOiAiSkZLIn19"  # {"custom": {"desk": "JFK"}}
    answer = invoke(ClientContext=client)
    found = answer["Payload"]
    assert (found["name"], found["version"]) == ("desk", "$LATEST")
    assert found["memory"] == "256"
    assert found["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:desk"
    assert found["group"] == "/aws/lambda/desk"
    assert found["stream"].startswith("2026/01/05/[$LATEST]")
    assert found["request"] == answer["ResponseMetadata"]["RequestId"]
    assert 0 < found["left"] <= 30_000
    assert found["client"] == {"desk": "JFK"}


def test_the_environment_is_the_documented_one(
    create: Create, lambda_role: str
) -> None:
    create(
        """
import os, tempfile
import boto3
def handler(event, context):
    names = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "_HANDLER",
             "AWS_REGION", "AWS_EXECUTION_ENV", "PLACE")
    who = boto3.client("sts").get_caller_identity()["Arn"]
    boto3.client("s3").create_bucket(Bucket="made-inside")
    return [*map(os.environ.get, names), who, os.listdir(tempfile.gettempdir())]
""",
        Environment={"Variables": {"PLACE": "JFK"}},
    )
    *found, who, files = result()
    assert found == [
        "desk",
        "128",
        "app.handler",
        "us-east-1",
        "AWS_Lambda_python3.12",
        "JFK",
    ]
    assert who == "arn:aws:sts::123456789012:assumed-role/fn/desk"
    assert files == []
    assert boto3.client("s3").list_buckets()["Buckets"][0]["Name"] == "made-inside"


def test_an_environment_stays_warm_until_the_function_changes(
    endpoint: Connection, create: Create
) -> None:
    create("calls = []\ndef handler(e, c): calls.append(1); return len(calls)")
    assert [result() for _ in range(3)] == [1, 2, 3]
    client = boto3.client("lambda")
    client.update_function_configuration(FunctionName="desk", MemorySize=256)
    assert result() == 1
    endpoint.control("POST", "clock", {"seconds": 14 * 60})
    assert result() == 2
    endpoint.control("POST", "clock", {"seconds": 16 * 60})
    assert result() == 1


def test_one_event_at_a_time_in_an_environment(create: Create, tmp_path: Path) -> None:
    create(
        """
import os, pathlib, time
def handler(event, context):
    folder = pathlib.Path(os.environ["FOLDER"])
    (folder / str(event)).touch()
    while len(list(folder.iterdir())) < 3:
        time.sleep(0.01)
    return os.getpid()
""",
        Environment={"Variables": {"FOLDER": str(tmp_path)}},
    )
    with ThreadPoolExecutor(3) as pool:
        pids = list(pool.map(result, range(3)))
    assert len(set(pids)) == 3


def test_the_log_has_the_lines_of_the_service(
    create: Create, endpoint: Connection
) -> None:
    create("print('once')\ndef handler(e, c):\n    print('gate', e)\n    return e")
    answer = invoke(7, LogType="Tail")
    number = answer["ResponseMetadata"]["RequestId"]
    tail = answer["LogResult"].splitlines()
    assert tail[:3] == [
        f"START RequestId: {number} Version: $LATEST",
        "gate 7",
        f"END RequestId: {number}",
    ]
    assert tail[3].split("\t") == [
        f"REPORT RequestId: {number}",
        "Duration: 20.00 ms",
        "Billed Duration: 270 ms",
        "Memory Size: 128 MB",
        "Max Memory Used: 64 MB",
        "Init Duration: 250.00 ms",
    ]
    lines = logged()
    assert lines[0].startswith("INIT_START Runtime Version: python:3.12")
    assert lines[1:3] == ["once", tail[0]]
    bill = endpoint.control("GET", "bill")["lines"]
    found = {line["usage"]: line for line in bill if line["service"] == "AWS Lambda"}
    assert found["Requests"]["quantity"] == pytest.approx(1e-6)
    assert found["Duration, x86"]["quantity"] == pytest.approx(0.27 * 128 / 1024)


def test_sizes_are_limited(create: Create) -> None:
    create("def handler(event, context): return event * 7")
    assert len(result("x" * 100)) == 700
    with pytest.raises(ClientError, match="too large for the RequestResponse") as error:
        invoke("x" * 6_291_456)
    assert error.value.response["Error"]["Code"] == "RequestTooLargeException"
    with pytest.raises(ClientError, match="limit 1048576 bytes") as error:
        invoke("x" * 1_048_576, InvocationType="Event")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    answer = invoke("x" * 1_000_000)
    assert answer["Payload"]["errorType"] == "Function.ResponseSizeTooLarge"


def test_what_cannot_be_invoked(create: Create) -> None:
    client = boto3.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException) as error:
        invoke(name="nobody")
    assert "function:nobody" in str(error.value)
    create("def handler(event, context): return event")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        invoke(Qualifier="9")
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName="desk", Payload=b"{")
    assert client.invoke(FunctionName="desk", Payload=b"")["Payload"].read() == b"{}"
    assert invoke(InvocationType="DryRun")["StatusCode"] == 204
    assert total("Invocations") == 1
    with pytest.raises(ClientError, match="TenantId"):
        invoke(TenantId="a")


def test_a_role_that_is_gone(aws: Aws, create: Create) -> None:
    create("def handler(event, context): return 1")
    aws("iam").delete_role_policy(RoleName="fn", PolicyName="all")
    aws("iam").delete_role(RoleName="fn")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda") as error:
        invoke()
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_two_runs_of_the_same_calls_see_the_same(
    endpoint: Connection, aws: Aws
) -> None:
    def once() -> str:
        endpoint.control("POST", "reset")
        role = aws("iam").create_role(
            RoleName="fn", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        code = """
import logging, time
logging.getLogger().setLevel("INFO")
def handler(event, context):
    time.sleep(0.1)
    logging.info("at %s", event)
"""
        made = aws("lambda").create_function(
            FunctionName="desk",
            Runtime="python3.12",
            Role=role,
            Handler="app.handler",
            Timeout=30,
            Code={"ZipFile": archive(app_py=code)},
        )
        invoke(1)
        for number in range(3):
            invoke(number, InvocationType="Event")
        made.pop("ResponseMetadata")
        return json.dumps([made, logged()])

    assert once() == once()
