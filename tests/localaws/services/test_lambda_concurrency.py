"""How many invocations of a function run at once."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import eventually, total
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
# says that it has begun, and waits until it may go on
HELD = """
import os, pathlib, time
def handler(event, context):
    folder = pathlib.Path(os.environ["FOLDER"])
    (folder / "begun").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return "served"
"""


def call() -> str:
    """Invoke once, without retries; return the result or why there was none."""
    client = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}))
    try:
        return json.loads(client.invoke(FunctionName="desk")["Payload"].read())
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert error.response["Error"]["Code"] == "TooManyRequestsException"
        return error.response["Reason"]


@pytest.fixture
def held(create: Create, tmp_path: Path) -> Path:
    """A function that waits; return the folder in which it looks."""
    create(HELD, Environment={"Variables": {"FOLDER": str(tmp_path)}})
    return tmp_path


def test_none_reserved_is_none_at_all(aws: Aws, held: Path) -> None:
    client = aws("lambda")
    client.put_function_concurrency(FunctionName="desk", ReservedConcurrentExecutions=0)
    assert call() == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert (total("Throttles"), total("Invocations")) == (1, 0)
    client.delete_function_concurrency(FunctionName="desk")
    (held / "go").touch()
    assert call() == "served"


def test_more_than_reserved_are_throttled(aws: Aws, held: Path) -> None:
    client = aws("lambda")
    client.put_function_concurrency(FunctionName="desk", ReservedConcurrentExecutions=1)
    concurrency = client.get_function(FunctionName="desk")["Concurrency"]
    assert concurrency == {"ReservedConcurrentExecutions": 1}
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(call)
        eventually((held / "begun").exists)
        assert call() == "ReservedFunctionConcurrentInvocationLimitExceeded"
        (held / "go").touch()
        assert first.result() == "served"
    assert call() == "served"
    assert (total("Throttles"), total("Invocations")) == (1, 2)


def test_some_must_stay_unreserved(aws: Aws, create: Create) -> None:
    create(HELD)
    client = aws("lambda")
    limits = client.get_account_settings()["AccountLimit"]
    most = limits["ConcurrentExecutions"] - 100
    client.put_function_concurrency(
        FunctionName="desk", ReservedConcurrentExecutions=most
    )
    settings = client.get_account_settings()
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    assert settings["AccountUsage"]["FunctionCount"] == 1
    with pytest.raises(ClientError, match=r"below its minimum value of \[100\]"):
        client.put_function_concurrency(
            FunctionName="desk", ReservedConcurrentExecutions=most + 1
        )
    found = client.get_function_concurrency(FunctionName="desk")
    assert found["ReservedConcurrentExecutions"] == most
