"""Which steps of an execution may begin, and what those that ended add up to."""

from typing import Any

from localaws.sagemaker.pipeline_definition import Definition, Step

PARALLEL = 50
FAILURE = "Step failure: One or multiple steps failed."
_OVER = ("Succeeded", "Failed", "Stopped", "Skipped")
# The statuses of a step for which one that depends on it runs.
_TRIGGERED = {
    "Completed": ("Succeeded",),
    "Failed": ("Failed",),
    "Stopped": ("Stopped",),
    "Any": ("Succeeded", "Failed", "Stopped"),
}


class Schedule:
    """The order of the steps of one execution.

    Args:
        definition: The pipeline.
        execution: The stored execution.
        records: The steps that have begun, by name, as they are listed.
    """

    def __init__(
        self,
        definition: Definition,
        execution: dict[str, Any],
        records: dict[str, dict[str, Any]],
    ) -> None:
        self._definition = definition
        self._execution = execution
        self._records = records

    def ready(self, active: int) -> Step | None:
        """Return a step that may begin, or None.

        Args:
            active: How many steps run.
        """
        limit = self._execution.get("ParallelismConfiguration") or {}
        if active >= limit.get("MaxParallelExecutionSteps", PARALLEL):
            return None
        steps = self._definition.steps
        if any(
            record["StepStatus"] == "Failed" and steps[name].type == "Fail"
            for name, record in self._records.items()
        ):
            return None
        seen: dict[str, str] = {}
        for name, step in steps.items():
            if self._verdict(name, seen) == "Ready":
                return step
        return None

    def outcome(self) -> tuple[str, str | None]:
        """Return the status of the execution, and its FailureReason if there is one."""
        failed = [
            name
            for name, record in self._records.items()
            if record["StepStatus"] in ("Failed", "Stopped")
        ]
        if not failed:
            return "Succeeded", None
        if all(map(self._handled, failed)):
            return "CompletedWithFailures", None
        return "Failed", FAILURE

    def _verdict(self, name: str, seen: dict[str, str]) -> str:
        """Return the status of a step, or Ready, Waiting or Skipped."""
        if name not in seen:
            record = self._records.get(name)
            seen[name] = record["StepStatus"] if record else self._outlook(name, seen)
        return seen[name]

    def _outlook(self, name: str, seen: dict[str, str]) -> str:
        step = self._definition.steps[name]
        selected = self._execution.get("_selected")
        if selected is not None and name not in selected:
            return "Skipped"
        wanted = {need: _TRIGGERED[trigger] for need, trigger in step.needs.items()}
        if step.branch:
            wanted[step.branch[0]] = ("Succeeded",)
        found = {need: self._verdict(need, seen) for need in wanted}
        if any(
            status in _OVER and status not in wanted[need]
            for need, status in found.items()
        ):
            return "Skipped"
        if any(status not in _OVER for status in found.values()):
            return "Waiting"
        if step.branch:
            outcome = self._records[step.branch[0]]["_properties"]["Outcome"]
            if outcome != step.branch[1]:
                return "Skipped"
        return "Ready"

    def _handled(self, name: str) -> bool:
        """Return whether a step that waited for this failure has run."""
        steps = self._definition.steps
        return steps[name].type != "Fail" and any(
            step.needs.get(name, "Completed") != "Completed"
            and step.name in self._records
            for step in steps.values()
        )
