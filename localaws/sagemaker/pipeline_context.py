"""What the steps of one execution act with, and what its expressions refer to."""

from dataclasses import dataclass
from typing import Any

from localaws.sagemaker.engine import Engine
from localaws.sagemaker.pipeline_definition import Definition
from localaws.sagemaker.pipeline_expressions import Scope, Unresolved, stamp
from localaws.sagemaker.transfer import split


@dataclass
class Context:
    """What a step acts with.

    Attributes:
        engine: Clients, store and clock.
        execution: The stored execution.
        scope: Resolves the step's expressions.
    """

    engine: Engine
    execution: dict[str, Any]
    scope: Scope

    @property
    def id(self) -> str:
        """The execution's id."""
        return self.execution["PipelineExecutionArn"].rpartition("/")[2]


def context(
    engine: Engine, execution: dict[str, Any], definition: Definition
) -> Context:
    """Return the context of an execution, with what its steps have given so far."""

    def variable(name: str) -> str:
        if name == "CurrentDateTime":
            return stamp(engine.clock.now())
        if name == "StartDateTime":
            return stamp(execution["CreationTime"])
        if name == "PipelineExecutionId":
            return execution["PipelineExecutionArn"].rpartition("/")[2]
        if name in ("PipelineName", "PipelineArn", "PipelineExecutionArn"):
            return execution[name]
        raise Unresolved(f"{{'Get': 'Execution.{name}'}} is undefined.")

    def read(uri: str) -> bytes:
        bucket, key = split(uri)
        s3 = engine.aws.client("s3")
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    files = {
        step.name: step.given.get("PropertyFiles") or []
        for step in definition.steps.values()
    }
    properties = {
        step["StepName"]: step["_properties"]
        for step in execution["_steps"]
        if step["StepStatus"] == "Succeeded"
    }
    scope = Scope(execution["_parameters"], variable, read, files, properties)
    return Context(engine, execution, scope)
