"""Selective execution: some steps run, and those before them are taken over."""

from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.pipeline_definition import Definition

_SOURCES = ("Succeeded", "Failed")


def select(
    engine: Engine, pipeline: str, definition: Definition, config: dict[str, Any]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the names of the steps that run, and the steps that are taken over.

    Args:
        engine: Holds the executions.
        pipeline: ARN of the pipeline.
        definition: Its definition.
        config: The SelectiveExecutionConfig.

    Raises:
        ValidationError: The steps cannot run by themselves.
    """
    names = [step["StepName"] for step in config["SelectedSteps"]]
    for name in names:
        if name not in definition.steps:
            raise ValidationError(f"Selected step '{name}' is not in the pipeline.")
    upstream = {name: definition.upstream(name) for name in definition.steps}
    before = set().union(*(upstream[name] for name in names)) - {*names}
    for name in sorted(before):
        if upstream[name] & {*names}:
            raise ValidationError(
                f"Step '{name}' lies between two selected steps: select it too."
            )
    if not before:
        return names, []
    source = config.get("SourcePipelineExecutionArn")
    if source is None:
        raise ValidationError(
            "SourcePipelineExecutionArn is required: the selected steps depend on "
            f"{', '.join(sorted(before))}."
        )
    return names, _taken(engine, pipeline, source, before, _direct(definition, names))


def _direct(definition: Definition, names: list[str]) -> set[str]:
    needed = (definition.steps[name].before for name in names)
    return set().union(*needed) - {*names}


def _taken(
    engine: Engine, pipeline: str, source: str, before: set[str], needed: set[str]
) -> list[dict[str, Any]]:
    execution = engine.store.find("PipelineExecution", source)
    if execution["PipelineArn"] != pipeline:
        raise ValidationError(f"{source} is not an execution of {pipeline}.")
    status = execution["PipelineExecutionStatus"]
    if status not in _SOURCES:
        raise ValidationError(
            f"The source execution {source} is {status}; it must have Succeeded or "
            "Failed."
        )
    found = {
        step["StepName"]: step
        for step in execution["_steps"]
        if step["StepName"] in before and step["StepStatus"] == "Succeeded"
    }
    for name in sorted(needed - found.keys()):
        raise ValidationError(f"Step '{name}' did not succeed in {source}.")
    left_out = ("CacheHitResult", "_signature", "_token")
    return [
        {name: value for name, value in step.items() if name not in left_out}
        | {"SelectiveExecutionResult": {"SourcePipelineExecutionArn": source}}
        for step in found.values()
    ]
