"""A pipeline's definition: read, checked, and made a graph of steps."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.pipeline_arguments import check_arguments, check_property
from localaws.sagemaker.pipeline_expressions import (
    COMPARISONS,
    VARIABLES,
    property_file,
    references,
    step_reference,
)
from localaws.sagemaker.pipeline_kinds import KINDS, OTHERS, REFUSED
from localaws.sagemaker.pipeline_parameters import check_parameters
from localaws.sagemaker.pipeline_policies import check_cache, check_retries

VERSION = "2020-12-01"
TRIGGERS = ("Completed", "Failed", "Stopped", "Any")
_TOP = {
    "Version",
    "Metadata",
    "Parameters",
    "PipelineExperimentConfig",
    "MlflowConfig",
    "Steps",
}
_EXPERIMENT = {"ExperimentName", "TrialName"}
_MEMBERS = {
    "Name",
    "Type",
    "Arguments",
    "DependsOn",
    "DisplayName",
    "Description",
    "CacheConfig",
    "RetryPolicies",
    "PropertyFiles",
    "FunctionArn",
    "SqsQueueUrl",
    "OutputParameters",
}
_UNREADABLE = "Unable to parse pipeline definition."


@dataclass(frozen=True)
class Step:
    """One step of a pipeline.

    Attributes:
        given: Its definition.
        needs: The steps that it waits for, each with the outcome that lets it run.
        branch: The condition step that holds it, and the outcome for which it runs.
    """

    name: str
    type: str
    given: dict[str, Any] = field(repr=False)
    needs: dict[str, str]
    branch: tuple[str, bool] | None

    @property
    def arguments(self) -> dict[str, Any]:
        """What it is called with, expressions and all."""
        return self.given.get("Arguments") or {}

    @property
    def before(self) -> set[str]:
        """The names of the steps that end before it begins."""
        return {*self.needs} | ({self.branch[0]} if self.branch else set())


@dataclass(frozen=True)
class Definition:
    """A pipeline that can run: its parameters and steps by name, its experiment."""

    parameters: dict[str, dict[str, Any]]
    steps: dict[str, Step]
    experiment: dict[str, Any] = field(default_factory=dict)

    def upstream(self, name: str) -> set[str]:
        """Return every step that comes before a step, directly or not."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            new = self.steps[waiting.pop()].before - found
            found |= new
            waiting += new
        return found


def parse(definition: str) -> Definition:
    """Read a definition.

    Raises:
        ValidationError: It is not one, or cannot run on AWS either.
        NotImplementedHere: One of its steps does not act here.
    """
    try:
        document = json.loads(definition)
    except ValueError as error:
        raise ValidationError(f"{_UNREADABLE} It is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise ValidationError(f"{_UNREADABLE} Expecting start of Json Object.")
    _known(document, _TOP, "the pipeline")
    if document.get("Version") != VERSION:
        raise ValidationError(
            f"{_UNREADABLE} Version {document.get('Version')!r} is not {VERSION!r}."
        )
    if any((document.get("MlflowConfig") or {}).values()):
        raise NotImplementedHere(
            "sagemaker:CreatePipeline PipelineDefinition.MlflowConfig",
            "tracks executions in MLflow",
        )
    parameters = check_parameters(document.get("Parameters") or [])
    steps: dict[str, Step] = {}
    for step in _steps(document.get("Steps"), None):
        if step.name in steps:
            raise ValidationError(f"Step names must be unique: '{step.name}' is twice.")
        steps[step.name] = step
    if not steps:
        raise ValidationError(f"{_UNREADABLE} A pipeline has at least one step.")
    experiment = document.get("PipelineExperimentConfig") or {}
    _known(experiment, _EXPERIMENT, "PipelineExperimentConfig")
    found = Definition(parameters, steps, experiment)
    for step in steps.values():
        _check(found, step)
    for name in steps:
        if name in found.upstream(name):
            raise ValidationError(f"Cycle detected in pipeline: step '{name}'.")
    return found


def _known(given: dict[str, Any], names: set[str], of: str) -> None:
    for name in given.keys() - names:
        raise ValidationError(f"{_UNREADABLE} '{name}' is not a member of {of}.")


def _steps(given: Any, branch: tuple[str, bool] | None) -> Iterator[Step]:
    if not isinstance(given, list):
        raise ValidationError(f"{_UNREADABLE} Expecting start of Json Array.")
    for item in given:
        if not isinstance(item, dict):
            raise ValidationError(f"{_UNREADABLE} Expecting start of Json Object.")
        name, kind = item.get("Name"), item.get("Type")
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise ValidationError(f"{_UNREADABLE} {name!r} is not the name of a step.")
        if kind in REFUSED:
            raise NotImplementedHere(
                f"sagemaker:CreatePipeline {kind} step '{name}'", REFUSED[kind]
            )
        if kind not in (*KINDS, *OTHERS):
            raise ValidationError(f"{_UNREADABLE} Unknown step type {kind!r}.")
        _known(item, _MEMBERS, f"step '{name}'")
        arguments = item.get("Arguments")
        if arguments is not None and not isinstance(arguments, dict):
            raise ValidationError(f"{_UNREADABLE} Expecting start of Json Object.")
        yield Step(name, kind, item, _needs(item), branch)
        if kind == "Condition":
            for member, outcome in (("IfSteps", True), ("ElseSteps", False)):
                yield from _steps((arguments or {}).get(member) or [], (name, outcome))


def own(item: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a step without the steps that it holds."""
    arguments = item.get("Arguments") or {}
    inner = ("IfSteps", "ElseSteps") if item["Type"] == "Condition" else ()
    return {name: value for name, value in arguments.items() if name not in inner}


def _needs(item: dict[str, Any]) -> dict[str, str]:
    needs: dict[str, str] = {}
    for reference in references(own(item)):
        found = step_reference(reference)
        if found:
            needs[found[0]] = "Completed"
    for entry in item.get("DependsOn") or ():
        if isinstance(entry, str):
            needs[entry] = "Completed"
        elif isinstance(entry, dict) and entry.get("Trigger") in TRIGGERS:
            needs[entry.get("Step", "")] = entry["Trigger"]
        else:
            raise ValidationError(f"{_UNREADABLE} DependsOn cannot hold {entry!r}.")
    return needs


def _check(definition: Definition, step: Step) -> None:
    for name in step.needs:
        if name not in definition.steps:
            raise ValidationError(
                f"Step '{step.name}' depends on step '{name}', which does not exist."
            )
        if definition.steps[name].type == "Fail":
            raise ValidationError(f"{step.name} can not depends on {name}")
    for reference in references(own(step.given)):
        _check_reference(definition, step, reference)
    if step.type in KINDS:
        types = {name: p["Type"] for name, p in definition.parameters.items()}
        check_arguments(KINDS[step.type], step.arguments, types)
    elif step.type == "Condition":
        conditions = step.arguments.get("Conditions")
        if not isinstance(conditions, list) or not conditions:
            raise ValidationError(f"Condition step '{step.name}' has no Conditions.")
        for condition in conditions:
            _check_condition(step, condition)
    elif step.type == "Callback" and not step.given.get("SqsQueueUrl"):
        raise ValidationError(f"Callback step '{step.name}' has no SqsQueueUrl.")
    elif step.type == "Lambda" and not step.given.get("FunctionArn"):
        raise ValidationError(f"Lambda step '{step.name}' has no FunctionArn.")
    _check_files(definition, step)
    check_cache(step.name, step.type, step.given.get("CacheConfig"))
    check_retries(step.name, step.type, step.given.get("RetryPolicies"))


def _check_reference(definition: Definition, step: Step, reference: str) -> None:
    kind, _, name = reference.partition(".")
    found = step_reference(reference)
    if kind == "Parameters" and name in definition.parameters:
        return
    if kind == "Execution" and name in VARIABLES:
        return
    if found:
        source = definition.steps[found[0]]
        if found[1].startswith("PropertyFiles."):
            return
        if check_property(source.type, source.given, found[1]):
            return
    raise ValidationError(
        f"Invalid property reference '{reference}' in step '{step.name}': it is "
        "undefined."
    )


def _check_condition(step: Step, condition: Any) -> None:
    kind = condition.get("Type") if isinstance(condition, dict) else None
    members = {
        "Not": ("Condition",),
        "Or": ("Conditions",),
        "In": ("QueryValue", "Values"),
        **dict.fromkeys(COMPARISONS, ("LeftValue", "RightValue")),
    }.get(kind or "")
    if members is None:
        raise ValidationError(
            f"{_UNREADABLE} Unknown condition {condition!r} in step '{step.name}'."
        )
    for member in members:
        missing = condition.get(member) is None
        if missing and not (kind == "Not" and "Expression" in condition):
            raise ValidationError(
                f"{_UNREADABLE} Condition {kind} in step '{step.name}' has no {member}."
            )
    inner = condition.get("Conditions") if kind == "Or" else []
    if kind == "Not":
        inner = [condition.get("Condition") or condition["Expression"]]
    for each in inner or ():
        _check_condition(step, each)


def _check_files(definition: Definition, step: Step) -> None:
    for given in _json_gets(own(step.given)):
        if "S3Uri" in given:
            continue
        try:
            source, name = property_file(given)
            files = definition.steps[source].given.get("PropertyFiles") or []
        except (ValueError, KeyError) as error:
            raise ValidationError(
                f"Std:JsonGet in step '{step.name}' names no property file."
            ) from error
        if not any(file.get("PropertyFileName") == name for file in files):
            raise ValidationError(
                f"Property file reference '{name}' is undefined in step '{source}'."
            )


def _json_gets(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "Std:JsonGet" and isinstance(item, dict):
                yield item
            else:
                yield from _json_gets(item)
    elif isinstance(value, list):
        for item in value:
            yield from _json_gets(item)
