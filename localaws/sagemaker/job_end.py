"""The end that a caller gives a job: Stop and Delete."""

from collections.abc import Callable
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.job_run import ENDED, STORING
from localaws.store import resource_type

Members = dict[str, Any]
_STORING_SECONDS = 60.0


def stop_job(noun: str) -> Callable[[Engine, Members], Members]:
    """Return the handler that stops a job: it gets SIGTERM, then SIGKILL."""
    kind = resource_type(noun)
    status = f"{noun}Status"

    def stop(engine: Engine, request: Members) -> Members:
        document = engine.store.find(noun, request[kind.key])
        with engine.store.changed:
            # what stores its results is past stopping: wait for how it ends
            engine.store.changed.wait_for(
                lambda: not document.get(STORING) or document[status] != "InProgress",
                _STORING_SECONDS,
            )
            if document[status] != "InProgress":
                raise ValidationError(
                    f"The request was rejected because the {kind.words} is in status "
                    f"{document[status]}."
                )
            now = engine.clock.now()
            changes = {status: "Stopping", "_stopped": now}
            if "SecondaryStatus" in document:
                changes["SecondaryStatus"] = "Stopping"
                said = {"StartTime": now, "StatusMessage": f"Stopping the {kind.words}"}
                steps = document["SecondaryStatusTransitions"]
                closed = [before | {"EndTime": now} for before in steps[-1:]]
                closed.append({"Status": "Stopping", **said})
                changes["SecondaryStatusTransitions"] = [*steps[:-1], *closed]
            engine.store.change(document, **changes)
        run = engine.process(document[kind.arn])
        if run:
            run.stop()
        return {}

    return stop


def delete_job(noun: str) -> Callable[[Engine, Members], Members]:
    """Return the handler that removes a job that has ended."""
    kind = resource_type(noun)

    def delete(engine: Engine, request: Members) -> Members:
        name = request[kind.key]
        with engine.store.lock:
            status = engine.store.find(noun, name)[f"{noun}Status"]
            if status not in ENDED:
                raise AwsError(
                    "ResourceInUse",
                    f"{kind.words.capitalize()} {name} is {status}; stop it before you "
                    "delete it.",
                )
            engine.store.delete(noun, name)
        return {}

    return delete
