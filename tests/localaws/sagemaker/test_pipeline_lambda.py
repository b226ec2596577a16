"""The Lambda step: arguments, outputs, failures, caching, stopping, the SDK's class."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.pipelining import (
    check,
    definition,
    fail,
    finished,
    get,
    run,
    start,
    step,
    steps,
)
from tests.localaws.sagemaker.pipelining import create as pipeline
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role
from tests.localaws.services.functions import logged

pytestmark = pytest.mark.filterwarnings("ignore")

Function = Callable[..., dict[str, Any]]
DOUBLES = """
def handler(event, context):
    print("got", event)
    return {
        "rows": 2 * event["rows"], "share": 0.5, "good": True,
        "where": event["where"], "nested": {"a": [1]},
    }
"""
OUTPUTS = {
    "rows": "Integer",
    "share": "Float",
    "good": "Boolean",
    "where": "String",
    "nested": "String",
}


def call(name: str, arn: str, arguments: Any, **members: Any) -> dict[str, Any]:
    """Return a Lambda step."""
    outputs = [{"OutputName": n, "OutputType": t} for n, t in OUTPUTS.items()]
    shape = {"FunctionArn": arn, "OutputParameters": outputs, **members}
    return step(name, "Lambda", arguments, **shape)


def output(name: str, of: str = "Ask") -> dict[str, str]:
    return get(f"Steps.{of}.OutputParameters['{name}']")


def test_a_function_gets_the_arguments_and_gives_the_outputs(
    create: Function, role: str
) -> None:
    arn = create(DOUBLES)["FunctionArn"]
    ask = call("Ask", arn, {"rows": get("Parameters.Rows"), "where": "JFK"})
    text = definition(
        ask,
        check("Enough", output("rows"), 42, then=[fail("End", output("where"))]),
        Rows=21,
    )
    execution, found = run(text, role)
    assert execution["PipelineExecutionStatus"] == "Failed"
    metadata = found["Ask"]["Metadata"]["Lambda"]
    assert metadata["Arn"] == arn
    shown = {one["Name"]: one["Value"] for one in metadata["OutputParameters"]}
    assert shown == {
        "rows": "42",
        "share": "0.5",
        "good": "true",
        "where": "JFK",
        "nested": '{"a": [1]}',
    }
    assert found["Ask"]["StepStatus"] == "Succeeded"
    assert found["Enough"]["Metadata"]["Condition"] == {"Outcome": "True"}
    assert found["End"]["FailureReason"] == "JFK"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def handler(e, c): raise ValueError('no rows')", "no rows"),
        ("def handler(e, c): return {'rows': 1}", "no output parameter 'share'"),
        ("def handler(e, c): return 'x'", "no output parameter 'rows'"),
        ("def handler(e, c): return {'rows': 'x'}", "'x', not of type Integer"),
    ],
)
def test_a_function_that_fails_its_step(
    create: Function, role: str, code: str, reason: str
) -> None:
    arn = create(code)["FunctionArn"]
    execution, found = run(definition(call("Ask", arn, {})), role)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert found["Ask"]["StepStatus"] == "Failed"
    assert reason in found["Ask"]["FailureReason"]
    assert found["Ask"]["Metadata"]["Lambda"]["Arn"] == arn


def test_a_function_that_is_not_there(role: str) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:none"
    execution, found = run(definition(call("Ask", arn, {})), role)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "Function not found" in found["Ask"]["FailureReason"]


def test_a_throttled_function_is_tried_again(create: Function, role: str) -> None:
    arn = create(DOUBLES)["FunctionArn"]
    boto3.client("lambda").put_function_concurrency(
        FunctionName="desk", ReservedConcurrentExecutions=0
    )
    _, found = run(definition(call("Ask", arn, {"rows": 1, "where": ""})), role)
    assert found["Ask"]["StepStatus"] == "Failed"
    assert found["Ask"]["AttemptCount"] == 4
    assert "Rate Exceeded" in found["Ask"]["FailureReason"]


def test_the_same_call_is_cached(create: Function, role: str) -> None:
    arn = create(DOUBLES)["FunctionArn"]
    cache = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
    arguments = {"rows": get("Parameters.Rows"), "where": "JFK"}
    pipeline(definition(call("Ask", arn, arguments, **cache), Rows=1), role)
    arns = []
    for rows in ("1", "1", "2"):
        arns.append(start(Rows=rows))
        finished(arns[-1])
    first, second, third = (steps(one)["Ask"] for one in arns)
    assert second["CacheHitResult"] == {"SourcePipelineExecutionArn": arns[0]}
    assert second["Metadata"]["Lambda"] == first["Metadata"]["Lambda"]
    assert "CacheHitResult" not in third
    assert sum(line.startswith("got") for line in logged()) == 2


def test_a_stop_waits_for_the_function(
    create: Function, role: str, tmp_path: Path
) -> None:
    code = """
import os, time
def handler(event, context):
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.01)
    return {}
"""
    go = tmp_path / "go"
    arn = create(code, Environment={"Variables": {"GO": str(go)}})["FunctionArn"]
    ask = step("Ask", "Lambda", {}, FunctionArn=arn)
    pipeline(definition(ask, fail("End", "late", DependsOn=["Ask"])), role)
    execution = start()
    sagemaker = boto3.client("sagemaker")
    wait(lambda: {"begun": "Ask" in steps(execution)}, "begun", False)
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=execution, ClientRequestToken="t" * 32
    )
    wait(lambda: steps(execution)["Ask"], "StepStatus", "Starting", "Executing")
    assert steps(execution)["Ask"]["StepStatus"] == "Stopping"
    go.touch()
    assert finished(execution)["PipelineExecutionStatus"] == "Stopped"
    found = steps(execution)
    assert found["Ask"]["StepStatus"] == "Succeeded", found["Ask"].get("FailureReason")
    assert "End" not in found


def test_a_definition_is_checked(role: str) -> None:
    for ask, message in (
        (step("Ask", "Lambda", {}), "has no FunctionArn"),
        (
            step(
                "Ask",
                "Lambda",
                {},
                FunctionArn="f",
                RetryPolicies=[
                    {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1}
                ],
            ),
            "RetryPolicies are not supported for step 'Ask' of type Lambda",
        ),
    ):
        with pytest.raises(ClientError, match=message):
            pipeline(definition(ask), role)
    ask = call("Ask", "f", {})
    with pytest.raises(ClientError, match="Invalid property reference"):
        pipeline(definition(ask, fail("End", output("colour"))), role)


@pytest.fixture
def session(bucket: str) -> Any:
    """A pipeline session of SageMaker's SDK."""
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    return PipelineSession(default_bucket=bucket)


def test_the_sdk_makes_the_function_and_the_step(
    session: Any, role: str, lambda_role: str, tmp_path: Any
) -> None:
    from sagemaker.core.lambda_helper import Lambda
    from sagemaker.core.workflow.conditions import ConditionEquals
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.lambda_step import (
        LambdaOutput,
        LambdaOutputTypeEnum,
        LambdaStep,
    )
    from sagemaker.mlops.workflow.pipeline import Pipeline

    script = tmp_path / "notify.py"
    script.write_text(
        "def handler(event, context):\n    return {'sent': event['gate'] + 1}\n"
    )
    sent = LambdaOutput("sent", LambdaOutputTypeEnum.Integer)
    tell = LambdaStep(
        "Tell",
        lambda_func=Lambda(
            function_name="notify",
            execution_role_arn=lambda_role,
            script=str(script),
            handler="notify.handler",
            timeout=30,
            session=session,
        ),
        inputs={"gate": 7},
        outputs=[sent],
    )
    right = ConditionStep(
        "Right", conditions=[ConditionEquals(tell.properties.Outputs["sent"], 8)]
    )
    desk = Pipeline(name="desk", steps=[tell, right], sagemaker_session=session)
    desk.upsert(role_arn=role)
    execution = desk.start()
    execution.wait(delay=1, max_attempts=60)
    found = {one["StepName"]: one for one in execution.list_steps()}
    assert found["Right"]["Metadata"]["Condition"] == {"Outcome": "True"}
    held = boto3.client("lambda").get_function_configuration(FunctionName="notify")
    assert (held["Handler"], held["Timeout"]) == ("notify.handler", 30)
    assert json.loads(desk.definition())["Steps"][0]["FunctionArn"].endswith(
        ":function:notify"
    )
