"""Executions of pipelines: start, stop, retry, describe, and their callbacks."""

from typing import Any

from localaws.errors import AwsError, NotFound, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.experiment_config import of_execution
from localaws.sagemaker.generic import described
from localaws.sagemaker.idempotency import once
from localaws.sagemaker.pipeline_context import context
from localaws.sagemaker.pipeline_definition import Definition, parse
from localaws.sagemaker.pipeline_expressions import text
from localaws.sagemaker.pipeline_parameters import convert, values
from localaws.sagemaker.pipeline_run import PipelineRun
from localaws.sagemaker.pipeline_selection import select
from localaws.sagemaker.pipeline_steps import ticket
from localaws.sagemaker.pipelines import RUNNING, version_of
from localaws.store import operation, page
from localaws.wire import project

LIMIT = 200
_NOUN = "PipelineExecution"
_GIVEN = ("PipelineExecutionDescription", "SelectiveExecutionConfig")
Members = dict[str, Any]


@once
def start_pipeline_execution(engine: Engine, request: Members) -> Members:
    """Begin an execution of a pipeline, or of one of its versions."""
    pipeline = engine.store.find("Pipeline", request["PipelineName"])
    number = request.get("PipelineVersionId", len(pipeline["_versions"]))
    version = version_of(pipeline, number)
    definition = parse(version["PipelineDefinition"])
    parameters = values(definition.parameters, request.get("PipelineParameters", []))
    arn, selected, steps = pipeline["PipelineArn"], None, []
    if "SelectiveExecutionConfig" in request:
        config = request["SelectiveExecutionConfig"]
        selected, steps = select(engine, arn, definition, config)
    now = engine.clock.now()
    parallelism = request.get("ParallelismConfiguration") or pipeline.get(
        "ParallelismConfiguration"
    )
    name = f"{pipeline['PipelineName']}/execution/" + ticket(
        engine.clock, "pipeline execution", 12
    )
    with engine.store.lock:
        _check_limit(engine)
        execution = engine.store.create(
            _NOUN,
            {name: request[name] for name in _GIVEN if name in request},
            name=name,
            PipelineName=pipeline["PipelineName"],
            PipelineArn=arn,
            PipelineVersionId=number,
            PipelineExecutionDisplayName=request.get("PipelineExecutionDisplayName")
            or f"execution-{int(now.timestamp() * 1000)}",
            PipelineExecutionStatus="Executing",
            ParallelismConfiguration=parallelism,
            StartTime=now,
            _definition=version["PipelineDefinition"],
            _parameters=parameters,
            _selected=selected,
            _steps=steps,
        )
        pipeline |= {"LastRunTime": now, "LastExecutionTime": now}
        started = execution["PipelineExecutionArn"]
        version["LastExecutionPipelineExecutionArn"] = started
        engine.store.save(pipeline)
    _join(engine, execution, definition)
    PipelineRun(engine, execution).start()
    return {"PipelineExecutionArn": started}


def _join(engine: Engine, execution: Members, definition: Definition) -> None:
    """Make the experiment and the trial that the definition names."""
    scope = context(engine, execution, definition).scope
    config = scope.resolve(definition.experiment)
    made = of_execution(engine, execution, config)
    if made:
        engine.store.change(execution, PipelineExperimentConfig=made)


def _check_limit(engine: Engine) -> None:
    running = [
        execution
        for execution in engine.store.documents(_NOUN)
        if execution["PipelineExecutionStatus"] in RUNNING
    ]
    if len(running) >= LIMIT:
        raise AwsError(
            "ResourceLimitExceeded",
            f"The account-level service limit 'Concurrent pipeline executions' is "
            f"{LIMIT}, with current utilization of {len(running)}.",
        )


@once
def stop_pipeline_execution(engine: Engine, request: Members) -> Members:
    """Stop the steps that run, and begin no other."""
    execution = _find(engine, request)
    with engine.store.lock:
        status = execution["PipelineExecutionStatus"]
        if status not in RUNNING:
            raise _conflict(execution, "stopped", "Executing")
        engine.store.change(execution, PipelineExecutionStatus="Stopping")
    return {"PipelineExecutionArn": execution["PipelineExecutionArn"]}


@once
def retry_pipeline_execution(engine: Engine, request: Members) -> Members:
    """Run again the steps that failed or were stopped, and those after them."""
    execution = _find(engine, request)
    definition = parse(execution["_definition"])
    with engine.store.lock:
        status = execution["PipelineExecutionStatus"]
        if status in (*RUNNING, "Succeeded"):
            raise _conflict(execution, "retried", "Failed or Stopped")
        _check_limit(engine)
        again = {
            step["StepName"]
            for step in execution["_steps"]
            if step["StepStatus"] != "Succeeded"
        }
        steps = [
            step
            for step in execution["_steps"]
            if step["StepName"] not in again
            and not definition.upstream(step["StepName"]) & again
        ]
        members = {
            "PipelineExecutionStatus": "Executing",
            "FailureReason": None,
            "PipelineExecutionFailureReason": None,
        }
        if "ParallelismConfiguration" in request:
            members["ParallelismConfiguration"] = request["ParallelismConfiguration"]
        engine.store.change(execution, _steps=steps, **members)
    PipelineRun(engine, execution).start()
    return {"PipelineExecutionArn": execution["PipelineExecutionArn"]}


def update_pipeline_execution(engine: Engine, request: Members) -> Members:
    """Name or describe an execution, or let more or fewer of its steps run."""
    execution = _find(engine, request)
    members = {n: v for n, v in request.items() if n != "PipelineExecutionArn"}
    engine.store.change(execution, **members)
    return {"PipelineExecutionArn": execution["PipelineExecutionArn"]}


def describe_definition(engine: Engine, request: Members) -> Members:
    """Return the definition that an execution runs."""
    execution = _find(engine, request)
    return {
        "PipelineDefinition": execution["_definition"],
        "CreationTime": execution["CreationTime"],
    }


def list_pipeline_executions(engine: Engine, request: Members) -> Members:
    """Return the executions of a pipeline."""
    pipeline = engine.store.find("Pipeline", request["PipelineName"])
    name = {"PipelineName": pipeline["PipelineName"]}
    return engine.store.list(_NOUN, request | name)


def list_pipeline_execution_steps(engine: Engine, request: Members) -> Members:
    """Return the steps that have begun, newest first unless asked otherwise."""
    if "PipelineExecutionArn" not in request:
        raise ValidationError("PipelineExecutionArn is required.")
    execution = _find(engine, request)
    output = operation("ListPipelineExecutionSteps").output_shape
    shape = output.members["PipelineExecutionSteps"].member
    with engine.store.lock:
        found = [project(shape, step) for step in execution["_steps"]]
    if request.get("SortOrder") != "Ascending":
        found.reverse()
    return page("PipelineExecutionSteps", found, {"MaxResults": 100, **request})


def list_parameters(engine: Engine, request: Members) -> Members:
    """Return the value of every parameter of an execution."""
    execution = _find(engine, request)
    found = [
        {"Name": name, "Value": text(value)}
        for name, value in execution["_parameters"].items()
    ]
    return page("PipelineParameters", found, {"MaxResults": 100, **request})


@once
def send_success(engine: Engine, request: Members) -> Members:
    """Let a callback step succeed, with its outputs."""
    execution, step = _waiting(engine, request["CallbackToken"])
    given = parse(execution["_definition"]).steps[step["StepName"]].given
    types = {
        output["OutputName"]: output.get("OutputType", "String")
        for output in given.get("OutputParameters") or ()
    }
    outputs = request.get("OutputParameters", [])
    converted = {}
    for output in outputs:
        name, value = output["Name"], output["Value"]
        try:
            converted[name] = convert(types[name], value)
        except KeyError as error:
            raise ValidationError(
                f"Callback step '{step['StepName']}' has no output parameter '{name}'."
            ) from error
        except ValueError as error:
            raise ValidationError(
                f"Output parameter '{name}' is {value!r}, not of type {types[name]}."
            ) from error
    answer = {"OutputParameters": outputs, "Values": converted}
    return _answer(engine, execution, step, answer)


@once
def send_failure(engine: Engine, request: Members) -> Members:
    """Let a callback step fail, with its reason."""
    execution, step = _waiting(engine, request["CallbackToken"])
    answer = {"FailureReason": request.get("FailureReason", "")}
    return _answer(engine, execution, step, answer)


def _waiting(engine: Engine, token: str) -> tuple[Members, Members]:
    with engine.store.lock:
        for execution in engine.store.documents(_NOUN):
            for step in execution["_steps"]:
                if step.get("_token") == token:
                    return execution, step
    raise NotFound(f"No callback step waits for the token {token}.")


def _answer(
    engine: Engine, execution: Members, step: Members, answer: Members
) -> Members:
    arn = execution["PipelineExecutionArn"]
    with engine.store.lock:
        if "_answer" in step or step["StepStatus"] not in RUNNING:
            raise AwsError(
                "ConflictException",
                f"Callback step '{step['StepName']}' of {arn} does not wait any more.",
            )
        step["_answer"] = answer
        engine.store.change(execution)
    return {"PipelineExecutionArn": arn}


def _find(engine: Engine, request: Members) -> Members:
    return engine.store.find(_NOUN, request["PipelineExecutionArn"])


def _conflict(execution: Members, verb: str, wanted: str) -> AwsError:
    return AwsError(
        "ConflictException",
        f"Pipeline execution with ARN {execution['PipelineExecutionArn']} is "
        f"{execution['PipelineExecutionStatus']}: only one that is {wanted} can be "
        f"{verb}.",
    )


HANDLERS = {
    "StartPipelineExecution": start_pipeline_execution,
    "StopPipelineExecution": stop_pipeline_execution,
    "RetryPipelineExecution": retry_pipeline_execution,
    "UpdatePipelineExecution": update_pipeline_execution,
    "DescribePipelineExecution": described(_NOUN),
    "DescribePipelineDefinitionForExecution": describe_definition,
    "ListPipelineExecutions": list_pipeline_executions,
    "ListPipelineExecutionSteps": list_pipeline_execution_steps,
    "ListPipelineParametersForExecution": list_parameters,
    "SendPipelineExecutionStepSuccess": send_success,
    "SendPipelineExecutionStepFailure": send_failure,
}
