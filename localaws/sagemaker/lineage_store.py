"""Lineage entities in the store, and the names that they have there."""

import hashlib
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.store import Document, resource_type

Members = dict[str, Any]
KINDS = {
    "artifact": "Artifact",
    "action": "Action",
    "context": "Context",
    "experiment-trial-component": "TrialComponent",
}


class Seen:
    """What was recorded of each resource, so that a change is noticed.

    Args:
        engine: Keeps it.
    """

    def __init__(self, engine: Engine) -> None:
        self.states: dict[str, tuple[Any, ...]] = {}
        self._journal = engine.journal

    def keep(self, arn: str, state: tuple[Any, ...]) -> None:
        """Take note of the state of a resource."""
        self._journal.record("lineage", {"arn": arn, "state": [*state]})
        self.states[arn] = state


def _restore(engine: Engine, payload: Members, body: bytes) -> None:
    engine.part(Seen).states[payload["arn"]] = tuple(payload["state"])


RESTORERS = {"lineage": _restore}

# Names of the trials that a trial component belongs to.
TRIALS = "_trials"
_MAKERS = {
    "pipeline": "Pipeline",
    "training-job": "TrainingJob",
    "processing-job": "ProcessingJob",
    "transform-job": "TransformJob",
}


def artifact_name(source: Members) -> str:
    """Return the name of the one artifact of a source."""
    parts = [source["SourceUri"]]
    parts += [
        f"{t['SourceIdType']}={t['Value']}" for t in source.get("SourceTypes", ())
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def create(engine: Engine, noun: str, request: Members, **more: Any) -> Document:
    """Store an entity; an artifact is named by its source."""
    source = request.get("Source", {})
    name = artifact_name(source) if noun == "Artifact" else None
    group = engine.store.arn("lineage-group", "sagemaker-default-lineage-group")
    return engine.store.create(
        noun,
        request,
        name=name,
        **{
            "SourceUri": source.get("SourceUri"),
            "SourceArn": source.get("SourceArn"),
            "TrialComponentSource": source or None,
            "CreatedBy": {},
            "LastModifiedBy": {},
            "LineageGroupArn": group,
            **more,
        },
    )


def sourced(
    engine: Engine, noun: str, request: Members, source: str | None = None
) -> Document:
    """Store an experiment or a trial.

    Args:
        engine: What it acts with.
        noun: `Experiment` or `Trial`.
        request: Input of its Create operation.
        source: ARN of what made it, if SageMaker did.
    """
    made_by: Members = {}
    if source:
        maker = _MAKERS[source.rpartition(":")[2].partition("/")[0]]
        shown = {"SourceArn": source, "SourceType": f"SageMaker{maker}"}
        made_by = {"Source": shown, f"{noun}Source": shown}
    return engine.store.create(
        noun,
        {"DisplayName": request[f"{noun}Name"], **request},
        CreatedBy={},
        LastModifiedBy={},
        **made_by,
    )


def find(engine: Engine, arn: str) -> Document:
    """Return the entity of an ARN, or raise `ResourceNotFound`."""
    noun = KINDS.get(arn.rpartition(":")[2].partition("/")[0])
    if noun is None:
        raise AwsError("ResourceNotFound", f"{arn} is no lineage entity here.")
    return engine.store.find(noun, arn)


def noun_of(arn: str) -> str:
    """Return what kind of entity an ARN names."""
    return KINDS[arn.rpartition(":")[2].partition("/")[0]]


def arn_of(noun: str, entity: Document) -> str:
    """Return an entity's ARN."""
    return entity[resource_type(noun).arn]


def type_of(noun: str, entity: Document) -> str:
    """Return an entity's own type: `DataSet`, `TrainingJob`, `Endpoint`."""
    if noun == "TrialComponent":
        source = entity.get("Source", {}).get("SourceType", "")
        return source.removeprefix("SageMaker")
    return entity[f"{noun}Type"]
