"""The events that executions of pipelines, and their steps, send to EventBridge."""

from collections.abc import Iterator
from typing import Any

from localaws.sagemaker.pipeline_expressions import stamp

_KIND = "SageMaker Model Building Pipeline Execution"
_OVER = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")
Document = dict[str, Any]


def events(before: Document | None, document: Document) -> Iterator[tuple[str, Any]]:
    """Yield the detail type and the detail of each event of a change.

    Args:
        before: The members that were set, as they were; None for a new execution.
        document: The execution as it is now.
    """
    arns = {
        "pipelineArn": document["PipelineArn"],
        "pipelineExecutionArn": document["PipelineExecutionArn"],
    }
    status = document["PipelineExecutionStatus"]
    previous = (before or {}).get("PipelineExecutionStatus", status)
    if before is None or previous != status:
        ended = document["LastModifiedTime"] if status in _OVER else None
        yield (
            f"{_KIND} Status Change",
            _given(
                pipelineExecutionDisplayName=document["PipelineExecutionDisplayName"],
                pipelineExecutionDescription=document.get(
                    "PipelineExecutionDescription"
                ),
                currentPipelineExecutionStatus=status,
                previousPipelineExecutionStatus=previous if before else None,
                executionStartTime=stamp(document["StartTime"]),
                executionEndTime=ended and stamp(ended),
            )
            | arns,
        )
    if before and "__changed" in before:
        step, kind, was = document["__changed"]
        ended = step.get("EndTime")
        yield (
            f"{_KIND} Step Status Change",
            _given(
                metadata=_lowered(step["Metadata"]),
                stepName=step["StepName"],
                stepType=kind,
                stepStartTime=stamp(step["StartTime"]),
                stepEndTime=ended and stamp(ended),
                previousStepStatus=was,
                currentStepStatus=step["StepStatus"],
                failureReason=step.get("FailureReason"),
            )
            | arns,
        )


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {k[:1].lower() + k[1:]: _lowered(item) for k, item in value.items()}
    return value
