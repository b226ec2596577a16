"""What the steps of a pipeline do: one function for each type that is not a job."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.sagemaker.pipeline_context import Context
from localaws.sagemaker.pipeline_definition import Step
from localaws.sagemaker.pipeline_expressions import plain
from localaws.sagemaker.pipeline_kinds import KINDS, Kind
from localaws.store import operation

_THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ENDED = ("Completed", "Failed", "Stopped")


class StepFailed(Exception):
    """A step failed.

    Args:
        reason: Its FailureReason; the empty string for none.
        exception: What a retry policy knows it as, if it does.
        metadata: What its description shows.
    """

    def __init__(
        self,
        reason: str,
        exception: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exception = exception
        self.metadata = metadata or {}


class StepStopped(Exception):
    """A step was stopped."""


@dataclass
class Made:
    """What a step has done so far.

    Attributes:
        metadata: What its description shows.
        properties: What its references give, once it has succeeded.
        job: Name or ARN of the resource that it waits for.
        token: Token of the callback that it waits for.
        work: The call that it waits for, which gives metadata and properties.
        late: When a call has taken too long.
    """

    metadata: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    job: str | None = None
    token: str | None = None
    work: Future["Made"] | None = None
    late: dt.datetime | None = None


@dataclass
class Active:
    """A step that has begun and not ended.

    Attributes:
        record: Its description, as it is listed.
        made: What it waits for; None between two attempts.
        failed: When its first attempt failed.
        due: When the next attempt begins.
        told: Whether it was asked to stop.
    """

    step: Step
    record: dict[str, Any] = field(repr=False)
    made: Made | None = None
    failed: dt.datetime | None = None
    due: dt.datetime | None = None
    told: bool = False


def ticket(clock: Clock, kind: str, length: int) -> str:
    """Return the next id of a kind, of small letters and digits."""
    count = clock.count(kind)
    number = int(hashlib.sha256(f"{kind} {count}".encode()).hexdigest(), 16)
    return "".join(_LETTERS[number // 36**place % 36] for place in range(length))


def arguments(context: Context, step: Step) -> dict[str, Any]:
    """Return what a step is called with, and name what it creates.

    Raises:
        Unresolved: An expression has no value.
    """
    if step.type not in KINDS:
        held = {} if step.type == "Condition" else step.arguments
        return context.scope.resolve(held)
    kind = KINDS[step.type]
    members = operation(f"Create{kind.noun}").input_shape.members
    if kind.noun == "ModelPackage":
        return context.scope.resolve(step.arguments)
    prefix = step.arguments.get(kind.key)
    prefix = context.scope.resolve(prefix) if prefix else "pipelines"
    most = members[kind.key].metadata["max"] - 11
    words = re.sub("[^A-Za-z0-9-]", "-", f"{prefix}-{context.id}-{step.name}")
    suffix = ticket(context.engine.clock, "pipeline job", 10)
    name = f"{words[:most].rstrip('-')}-{suffix}"
    context.scope.own = {kind.key: name}
    given = context.scope.resolve({**step.arguments, kind.key: name})
    if kind.tagged:
        given["Tags"] = [
            *given.get("Tags", ()),
            {
                "Key": "sagemaker:pipeline-execution-arn",
                "Value": context.execution["PipelineExecutionArn"],
            },
            {"Key": "sagemaker:pipeline-step-name", "Value": step.name},
        ]
    return given


def create(context: Context, step: Step, given: dict[str, Any]) -> Made:
    """Create the resource of a job, model or model package step."""
    kind = KINDS[step.type]
    members = operation(f"Create{kind.noun}").input_shape.members
    config = context.execution.get("PipelineExperimentConfig")
    if config and "ExperimentConfig" in members:
        own = given.get("ExperimentConfig", {})
        given = {**given, "ExperimentConfig": {**config, **own}}
    made = call(context, f"Create{kind.noun}", given)
    arn = made[f"{kind.noun}Arn"]
    name = given.get(kind.key, arn)
    found = Made({kind.metadata: {"Arn": arn}}, job=name)
    if kind.status is None:
        found.job = None
        found.properties = described(context, kind, name)
    return found


def condition(context: Context, step: Step, given: dict[str, Any]) -> Made:
    """Decide which branch runs: that of IfSteps if every condition holds."""
    holds = all(context.scope.holds(each) for each in step.arguments["Conditions"])
    return Made({"Condition": {"Outcome": str(holds)}}, {"Outcome": holds})


def fail(context: Context, step: Step, given: dict[str, Any]) -> Made:
    """Fail, with the message that the definition gives."""
    message = given.get("ErrorMessage") or ""
    raise StepFailed(message, metadata={"Fail": {"ErrorMessage": message}})


def callback(context: Context, step: Step, given: dict[str, Any]) -> Made:
    """Make the token that somebody sends back once the work is done."""
    url = context.scope.resolve(step.given["SqsQueueUrl"])
    token = ticket(context.engine.clock, "callback", 10)
    shown = {"CallbackToken": token, "SqsQueueUrl": url}
    return Made({"Callback": shown}, token=token)


def notify(
    context: Context,
    step: str,
    shown: dict[str, str],
    given: dict[str, Any],
    status: str,
) -> None:
    """Send the message of a callback step to its queue.

    Raises:
        StepFailed: The queue does not take it.
    """
    body = {
        "token": shown["CallbackToken"],
        "pipelineExecutionArn": context.execution["PipelineExecutionArn"],
        "stepName": step,
        "arguments": given,
        "status": status,
    }
    message = {"QueueUrl": shown["SqsQueueUrl"], "MessageBody": json.dumps(body)}
    call(context, "SendMessage", message, service="sqs")


BEGIN: dict[str, Callable[[Context, Step, dict[str, Any]], Made]] = {
    **dict.fromkeys(KINDS, create),
    "Condition": condition,
    "Fail": fail,
    "Callback": callback,
}


def waits(context: Context, step: Step, made: Made) -> bool:
    """Whether the job or the call of a step still runs."""
    if made.work and made.late:
        return not made.work.done() and context.engine.clock.now() < made.late
    kind = KINDS[step.type]
    try:
        job = context.engine.store.find(kind.noun, made.job or "")
    except AwsError:
        return False
    return job[kind.status] not in ENDED


def ended(context: Context, step: Step, job: str) -> dict[str, Any] | None:
    """Return the properties of a job that has completed; None while it runs.

    Raises:
        StepFailed: It failed.
        StepStopped: It was stopped.
    """
    kind = KINDS[step.type]
    found = described(context, kind, job)
    status = found[kind.status or ""]
    if status == "Failed":
        reason = found.get("FailureReason", "")
        raise StepFailed(f"ClientError: {reason}", _job_exception(step.type, reason))
    if status == "Stopped":
        raise StepStopped
    return found if status == "Completed" else None


def described(context: Context, kind: Kind, name: str) -> dict[str, Any]:
    """Return what Describe, and for a tuning job List, says of a resource."""
    found = call(context, f"Describe{kind.noun}", {kind.key: name})
    if kind.noun == "HyperParameterTuningJob" and found[kind.status] == "Completed":
        tuning = found["HyperParameterTuningJobConfig"]
        objective = tuning.get("HyperParameterTuningJobObjective", {})
        listed = call(
            context,
            f"ListTrainingJobsFor{kind.noun}",
            {
                kind.key: name,
                "SortBy": "FinalObjectiveMetricValue",
                "SortOrder": "Ascending"
                if objective.get("Type") == "Minimize"
                else "Descending",
                "MaxResults": 50,
            },
        )
        found |= {"TrainingJobSummaries": listed["TrainingJobSummaries"]}
    return plain(found)


def stop(context: Context, step: Step, job: str) -> None:
    """Ask the job of a step to stop; one that has just ended is left alone."""
    kind = KINDS[step.type]
    if kind.stops:
        try:
            call(context, f"Stop{kind.noun}", {kind.key: job})
        except StepFailed:
            return


def call(
    context: Context, name: str, given: dict[str, Any], service: str = "sagemaker"
) -> dict[str, Any]:
    """Call an operation as Pipelines does; raise `StepFailed` if it is refused."""
    client = context.engine.aws.client(service)
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    failed = f"ClientError: Failed to invoke {service}:{name}. Error Details: "
    try:
        answer = getattr(client, method)(**given)
    except ClientError as error:
        code, message = (error.response["Error"][k] for k in ("Code", "Message"))
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        exception = None
        if code in _THROTTLED:
            exception = "Step.THROTTLING"
        elif code == "ResourceLimitExceeded":
            exception = "SageMaker.RESOURCE_LIMIT"
        elif status >= 500 and status != 501:
            exception = "Step.SERVICE_FAULT"
        raise StepFailed(failed + message, exception) from error
    except BotoCoreError as error:
        raise StepFailed(failed + str(error)) from error
    answer.pop("ResponseMetadata", None)
    return answer


def _job_exception(kind: str, reason: str) -> str | None:
    if "CapacityError" in reason or "InsufficientCapacity" in reason:
        return "SageMaker.CAPACITY_ERROR"
    if "ResourceLimitExceeded" in reason:
        return "SageMaker.RESOURCE_LIMIT"
    # A tuning job tries its own trials again.
    if reason.startswith(("InternalServerError", "InternalError")) and kind != "Tuning":
        return "SageMaker.JOB_INTERNAL_ERROR"
    return None
