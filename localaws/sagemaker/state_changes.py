"""State changes of SageMaker's resources, as events of Amazon EventBridge."""

import datetime as dt
from typing import Any

from localaws.sagemaker.pipeline_events import events
from localaws.services.events import Bus
from localaws.store import Document, Store, operation, resource_type
from localaws.wire import project

_KINDS = {
    "TrainingJob": "SageMaker Training Job State Change",
    "ProcessingJob": "SageMaker Processing Job State Change",
    "TransformJob": "SageMaker Transform Job State Change",
    "HyperParameterTuningJob": "SageMaker HyperParameter Tuning Job State Change",
    "Endpoint": "SageMaker Endpoint State Change",
    "EndpointConfig": "SageMaker Endpoint Config State Change",
    "Model": "SageMaker Model State Change",
    "ModelPackage": "SageMaker Model Package State Change",
    "ModelCard": "SageMaker Model Card State Change",
    "FeatureGroup": "SageMaker Feature Group State Change",
    "LabelingJob": "SageMaker Ground Truth Labeling Job State Change",
}
# Of these resources only the end is told, and nothing but the state.
_ENDS = {"LabelingJob": ("Completed", "Failed", "Stopped")}
_STATES = ("SecondaryStatus", "ModelApprovalStatus")


class StateChanges:
    """Tells the bus of each state that a resource comes into.

    Args:
        store: Holds the resources.
        bus: Hears of them.
    """

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    def __call__(self, noun: str, before: Document | None, document: Document) -> None:
        """Send an event if the state has changed.

        Args:
            noun: Such as `TrainingJob`.
            before: The members that were set, as they were; None for a new resource.
            document: The resource as it is now.
        """
        if noun == "PipelineExecution":
            arns = (document["PipelineArn"], document["PipelineExecutionArn"])
            for name, detail in events(before, document):
                self._bus.put("aws.sagemaker", name, detail, *arns)
            return
        kind, status = _KINDS.get(noun), resource_type(noun).status
        members = [name for name in (status, *_STATES) if name]
        if kind is None or (
            before is not None
            and all(before.get(m, document.get(m)) == document.get(m) for m in members)
        ):
            return
        shape = operation(f"Describe{noun}").output_shape
        detail = _plain(project(shape, document))
        if noun in _ENDS:
            assert status is not None
            detail = {status: document[status]}
            if document[status] not in _ENDS[noun]:
                return
        self._bus.put("aws.sagemaker", kind, detail, document[resource_type(noun).arn])


def _plain(value: Any) -> Any:
    """Spell times in milliseconds, as SageMaker's events do."""
    if isinstance(value, dict):
        return {
            name: int(item * 1000)
            if name.endswith("Time") and isinstance(item, float)
            else _plain(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value
