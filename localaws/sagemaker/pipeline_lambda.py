"""The Lambda step: invokes a function, and gives what it returns as properties."""

import datetime as dt
import json
from concurrent.futures import Future
from typing import Any

from localaws.sagemaker.pipeline_context import Context
from localaws.sagemaker.pipeline_definition import Step
from localaws.sagemaker.pipeline_expressions import text
from localaws.sagemaker.pipeline_parameters import convert
from localaws.sagemaker.pipeline_steps import (
    Made,
    StepFailed,
    call,
    ended,
    waits,
)

_LONGEST = dt.timedelta(minutes=10)


def begin(context: Context, step: Step, given: dict[str, Any]) -> Made:
    """Invoke the function, beside the other steps."""
    arn = context.scope.resolve(step.given["FunctionArn"])
    outputs = step.given.get("OutputParameters") or []
    engine = context.engine
    future: Future[Made] = Future()

    def work() -> None:
        try:
            future.set_result(_invoke(context, arn, given, outputs))
        except BaseException as error:
            future.set_exception(error)
        with engine.store.changed:
            engine.store.changed.notify_all()

    engine.submit(work)
    late = engine.clock.now() + _LONGEST
    return Made({"Lambda": {"Arn": arn}}, work=future, late=late)


def _invoke(
    context: Context, arn: str, given: dict[str, Any], outputs: list[dict[str, str]]
) -> Made:
    event = {"FunctionName": arn, "Payload": json.dumps(given)}
    answer = call(context, "Invoke", event, service="lambda")
    payload = answer["Payload"].read().decode()
    metadata = {"Arn": arn}
    if "FunctionError" in answer:
        raise StepFailed(
            f"ClientError: Lambda function {arn} failed with error "
            f"{answer['FunctionError']}: {payload}",
            metadata={"Lambda": metadata},
        )
    result = json.loads(payload)
    values, shown = {}, []
    for output in outputs:
        name, kind = output["OutputName"], output.get("OutputType", "String")
        if not isinstance(result, dict) or result.get(name) is None:
            raise StepFailed(
                f"ClientError: The result of Lambda function {arn} has no output "
                f"parameter '{name}'.",
                metadata={"Lambda": metadata},
            )
        value = text(result[name])
        try:
            values[name] = convert(kind, value)
        except ValueError as error:
            raise StepFailed(
                f"ClientError: Output parameter '{name}' of Lambda function {arn} is "
                f"{value!r}, not of type {kind}.",
                metadata={"Lambda": metadata},
            ) from error
        shown.append({"Name": name, "Value": value})
    if shown:
        metadata["OutputParameters"] = shown
    return Made({"Lambda": metadata}, {"OutputParameters": values})


def outcome(context: Context, step: Step, made: Made) -> dict[str, Any] | None:
    """Return what a call or a job has come to; None while it runs.

    Returns:
        The members of the step that has succeeded.

    Raises:
        StepFailed: It failed, or a call took more than ten minutes.
        StepStopped: It was stopped.
    """
    if made.work is None:
        properties = ended(context, step, made.job or "")
        return None if properties is None else {"_properties": properties}
    if waits(context, step, made):
        return None
    if not made.work.done():
        raise StepFailed(
            "ClientError: The Lambda step timed out: a function has 10 minutes.",
            metadata=made.metadata,
        )
    done = made.work.result()
    return {"Metadata": done.metadata, "_properties": done.properties}
