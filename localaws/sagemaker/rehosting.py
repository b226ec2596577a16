"""Endpoints and inference components after a restart: loaded again, and in service.

Containers load their models beside the start, and requests wait for them. A deployment
that was under way is done again if it was the first, and else given up: the fleet that
served before serves on.
"""

import logging
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker import component_run, hosting
from localaws.sagemaker.component_run import NOUN
from localaws.sagemaker.copies import Copies
from localaws.sagemaker.deployment import Deployment
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.restart import REASON
from localaws.sagemaker.variants import Variant

Members = dict[str, Any]
log = logging.getLogger(__name__)


def endpoints(engine: Engine) -> None:
    """Bring every endpoint into service again, or into the state that it then has."""
    for document in engine.store.documents("Endpoint"):
        status = document["EndpointStatus"]
        if status == "Deleting":
            hosting.charge(engine, document)
            engine.store.delete("Endpoint", document["EndpointName"])
        elif status != "Failed":
            try:
                _restart(engine, document, status)
            except AwsError as error:
                _lost(engine, document, error)


def _restart(engine: Engine, document: Members, status: str) -> None:
    name, config = document["EndpointName"], document["_config"]
    deployment = Deployment(engine, name, config)
    if status == "Creating":
        hosting.deploy(engine, document, deployment)
        return
    fleet = deployment.traffic.fleet
    for variants, member in (
        (fleet.variants, "ProductionVariants"),
        (fleet.shadows, "ShadowProductionVariants"),
    ):
        _adopt(variants, document.get(member) or ())
    deployment.awake.clear()
    engine.register(document["EndpointArn"], deployment)
    engine.submit(_wake, engine, document, deployment)
    if status == "Updating" and document.get("PendingDeploymentSummary"):
        engine.store.change(
            document,
            EndpointStatus="InService",
            PendingDeploymentSummary=None,
            FailureReason=REASON,
        )
    elif status == "Updating":
        engine.submit(hosting.rescale, engine, document, document["LastModifiedTime"])


def _adopt(variants: list[Variant], summaries: list[Members]) -> None:
    """Let variants have the weights and counts that their endpoint shows."""
    shown = {summary["VariantName"]: summary for summary in summaries}
    for variant in variants:
        if variant.name in shown:
            variant.summary = shown[variant.name]


def _wake(engine: Engine, document: Members, deployment: Deployment) -> None:
    """Load the models of an endpoint that was in service."""
    try:
        deployment.traffic.fleet.start()
    except Exception as error:
        if not deployment.closed.is_set():
            engine.release(document["EndpointArn"])
            deployment.close()
            _lost(engine, document, error)
    finally:
        deployment.awake.set()


def _lost(engine: Engine, document: Members, error: Exception) -> None:
    log.warning("endpoint %s: %s", document["EndpointName"], error)
    reason = f"The local endpoint was restarted, and the model did not load: {error}"
    engine.store.change(
        document,
        EndpointStatus="Failed",
        PendingDeploymentSummary=None,
        FailureReason=reason[:1024],
    )


def components(engine: Engine) -> None:
    """Bring every inference component into service again."""
    for document in engine.store.documents(NOUN):
        copies = document["__copies"] = Copies()
        engine.register(document["InferenceComponentArn"], copies)
        status = document["InferenceComponentStatus"]
        if status == "Creating":
            engine.submit(component_run.create, engine, document)
        elif status == "Updating":
            engine.submit(component_run.restart, engine, document, REASON)
        elif status == "InService":
            engine.submit(component_run.restart, engine, document, None)


RESUMERS = (endpoints, components)
