"""What a function's failures look like: exceptions, limits, modules, exits."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import invoke, logged, result, total
from tests.localaws.services.functions import lambda_role as lambda_role

Create = Callable[..., dict[str, Any]]


def test_an_exception_is_an_unhandled_error(create: Create) -> None:
    create("def handler(event, context):\n    raise KeyError('gate')\n")
    answer = invoke({})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = answer["Payload"]
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'gate'")
    (line,) = error["stackTrace"]
    assert line.startswith('  File "/var/task/app.py", line 2, in handler')
    assert any(one.startswith("[ERROR] KeyError: 'gate'") for one in logged())
    assert (total("Invocations"), total("Errors")) == (1, 1)


def test_a_function_that_takes_too_long_is_ended(create: Create) -> None:
    create(
        """
import time
def handler(event, context):
    time.sleep(event)
    return "done"
""",
        Timeout=1,
    )
    answer = invoke(50)
    assert answer["FunctionError"] == "Unhandled"
    number = answer["ResponseMetadata"]["RequestId"]
    assert answer["Payload"] == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {number} Error: Task timed out after 1.00 seconds",
    }
    lines = logged()
    assert any(f"{number} Task timed out after 1.00 seconds" in one for one in lines)
    assert "Duration: 1000.00 ms" in lines[-1]
    assert lines[-1].endswith("Status: timeout")
    boto3.client("lambda").update_function_configuration(
        FunctionName="desk", Timeout=30
    )
    assert result(0) == "done"


@pytest.mark.parametrize("more", ["time.sleep(50)", "return 1"])
def test_a_function_that_takes_too_much_memory_is_killed(
    create: Create, more: str
) -> None:
    create(
        f"""
import time
def handler(event, context):
    global held
    held = b"x" * (200 << 20)
    {more}
"""
    )
    answer = invoke()
    assert answer["Payload"]["errorType"] == "Runtime.ExitError"
    assert answer["Payload"]["errorMessage"].endswith(
        "Error: Runtime exited with error: signal: killed"
    )
    assert "Max Memory Used: 128 MB" in logged()[-1]


@pytest.mark.parametrize(
    ("ending", "message"),
    [
        ("sys.exit(3)", "Error: Runtime exited with error: exit status 3"),
        ("sys.exit(0)", "Error: Runtime exited without providing a reason"),
    ],
)
def test_a_function_that_exits(create: Create, ending: str, message: str) -> None:
    create(f"import sys\ndef handler(event, context): {ending}")
    error = invoke()["Payload"]
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith(message)


@pytest.mark.parametrize(
    ("handler", "code", "kind", "message"),
    [
        (
            "app.none",
            "handler = 1",
            "Runtime.HandlerNotFound",
            "Handler 'none' missing on module 'app'",
        ),
        (
            "other.handler",
            "handler = 1",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        (
            "app.handler",
            "import nothing_of_that_name",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nothing_of_that_name'",
        ),
        (
            "app.handler",
            "def handler(:",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        ("app.handler", "raise ValueError('no')", "ValueError", "no"),
    ],
)
def test_a_module_that_cannot_be_imported(
    create: Create, handler: str, code: str, kind: str, message: str
) -> None:
    create(code, Handler=handler)
    answer = invoke()
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == kind
    assert answer["Payload"]["errorMessage"] == message
    assert kind in logged()[-1]


def test_a_result_that_is_no_json(create: Create) -> None:
    create("def handler(event, context): return {1, 2}")
    error = invoke()["Payload"]
    assert error["errorType"] == "Runtime.MarshalError"


def test_a_flood_of_output_is_cut(create: Create) -> None:
    create(
        """
def handler(event, context):
    for number in range(200_000):
        print(number)
    return "dry"
""",
    )
    assert result() == "dry"
    streams = boto3.client("logs").describe_log_streams(logGroupName="/aws/lambda/desk")
    (stream,) = streams["logStreams"]
    events = boto3.client("logs").get_log_events(
        logGroupName="/aws/lambda/desk", logStreamName=stream["logStreamName"]
    )["events"]
    *_, note, end, report = [event["message"] for event in events]
    assert "is not kept" in note
    assert (end[:3], report[:6]) == ("END", "REPORT")
