"""Endpoints: made, described, updated, deleted."""

import logging
from typing import Any

from localaws.errors import ValidationError
from localaws.jobs import JobError
from localaws.sagemaker import asynchronous, components
from localaws.sagemaker.deployment import Deployment
from localaws.sagemaker.deployment_policies import stages
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.rollout import CREATING, Rollout, deployed
from localaws.sagemaker.transfer import TransferError
from localaws.sagemaker.variants import Fleet, VariantFailed

# From which states each operation takes an endpoint, and into which.
MOVES = {
    "UpdateEndpoint": (("InService",), "Updating"),
    "UpdateEndpointWeightsAndCapacities": (("InService",), "Updating"),
    "DeleteEndpoint": (("InService", "Failed"), "Deleting"),
}
_RESCALING = 60
_RETAINED = {
    "DesiredInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
    "DesiredWeight": ("CurrentWeight", "DesiredWeight"),
}
Members = dict[str, Any]
log = logging.getLogger(__name__)


def create_endpoint(engine: Engine, request: Members) -> Members:
    """Store the endpoint and start its containers."""
    config = engine.store.find("EndpointConfig", request["EndpointConfigName"])
    models = [
        engine.store.find("Model", variant["ModelName"])
        for member in ("ProductionVariants", "ShadowProductionVariants")
        for variant in config.get(member, [])
        if "ModelName" in variant
    ]
    policy = request.pop("DeploymentConfig", None)
    if policy:
        stages(policy, _instances(config))
    document = engine.store.create(
        "Endpoint",
        request,
        EndpointStatus="Creating",
        LastDeploymentConfig=policy,
        _config=dict(config),
        **(asynchronous.shown(engine, config) if models else {}),
    )
    deployment = Deployment(engine, document["EndpointName"], config)
    deploy(engine, document, deployment)
    return {"EndpointArn": document["EndpointArn"]}


def _instances(config: Members) -> int:
    variants = config["ProductionVariants"]
    return sum(variant.get("InitialInstanceCount", 1) for variant in variants)


def deploy(engine: Engine, document: Members, deployment: Deployment) -> None:
    """Start the containers of a new endpoint beside the request."""
    with engine.store.lock:
        document |= deployed(deployment)
        engine.store.save(document)
    engine.register(document["EndpointArn"], deployment)
    engine.submit(_deploy, engine, document, deployment)


def _deploy(engine: Engine, document: Members, deployment: Deployment) -> None:
    status, reason = "InService", None
    try:
        deployment.traffic.fleet.start()
    except (VariantFailed, TransferError, JobError) as error:
        status, reason = "Failed", str(error)
    except Exception as error:
        log.exception("endpoint %s", document["EndpointName"])
        status, reason = "Failed", f"{type(error).__name__}: {error}"
    if status == "Failed":
        engine.release(document["EndpointArn"])
        deployment.close()
    ready = engine.clock.elapse(document["CreationTime"], CREATING)
    members: Members = {"EndpointStatus": status, "_ready": ready}
    if reason:
        members["FailureReason"] = reason[:1024]
    engine.store.change(document, **members)


def describe_endpoint(engine: Engine, request: Members) -> Members:
    """Answer with the endpoint as it stands."""
    document = engine.store.find("Endpoint", request["EndpointName"])
    deployment = engine.process(document["EndpointArn"])
    rollout = deployment and deployment.rollout
    if rollout:
        rollout.polled()
    return described("Endpoint")(engine, request)


def _move(engine: Engine, document: Members, operation: str) -> None:
    """Take an endpoint into the state of an operation, or raise."""
    allowed, to = MOVES[operation]
    arn = document["EndpointArn"]
    with engine.store.lock:
        status = document["EndpointStatus"]
        if status == "Failed" and status not in allowed:
            raise ValidationError(
                f'Cannot update endpoint "{arn}" that has Failed; delete it.'
            )
        if status not in allowed:
            raise ValidationError(f'Cannot update in-progress endpoint "{arn}".')
        engine.store.change(document, EndpointStatus=to)


def update_endpoint(engine: Engine, request: Members) -> Members:
    """Start a new fleet, and move the traffic to it beside the request."""
    document = engine.store.find("Endpoint", request["EndpointName"])
    config = engine.store.find("EndpointConfig", request["EndpointConfigName"])
    if ("AsyncInferenceConfig" in document) != ("AsyncInferenceConfig" in config):
        raise ValidationError(
            "The AsyncInferenceConfig parameter cannot be added to or removed from "
            f"this endpoint {document['EndpointName']}."
        )
    components.check_update(engine, document, config)
    policy = request.get("DeploymentConfig")
    if policy is None and request.get("RetainDeploymentConfig"):
        policy = document.get("LastDeploymentConfig")
    kept, excluded = {}, set()
    for item in request.get("ExcludeRetainedVariantProperties", []):
        excluded.add(item["VariantPropertyType"])
    if request.get("RetainAllVariantProperties"):
        kept = _kept(document, excluded)
        if "DataCaptureConfig" not in excluded:
            before = engine.process(document["EndpointArn"])
            capture = before.observer.capture if before else None
            config = {**config, "DataCaptureConfig": capture and capture.config}
    _move(engine, document, "UpdateEndpoint")
    deployment = engine.process(document["EndpointArn"])
    green = None
    try:
        green = Fleet(engine, document["EndpointName"], config, kept)
        rollout = Rollout(engine, document, deployment, green, policy)
    except Exception:
        if green:
            green.close()
        engine.store.change(document, EndpointStatus="InService")
        raise
    deployment.rollout = rollout
    # a restart tells an update from a change of weights by this
    rollout.show("Creating")
    engine.submit(rollout.run)
    return {"EndpointArn": document["EndpointArn"]}


def _kept(document: Members, excluded: set[str]) -> dict[str, Members]:
    members = [
        member
        for kind, members in _RETAINED.items()
        if kind not in excluded
        for member in members
    ]
    return {
        variant["VariantName"]: {m: variant[m] for m in members if m in variant}
        for variant in document["ProductionVariants"]
    }


def update_weights(engine: Engine, request: Members) -> Members:
    """Set weights, instance counts and concurrency of variants."""
    document = engine.store.find("Endpoint", request["EndpointName"])
    found = {one["VariantName"]: one for one in document["ProductionVariants"]}
    for wanted in request["DesiredWeightsAndCapacities"]:
        name = wanted["VariantName"]
        if name not in found:
            raise ValidationError(
                f'The variant name(s) "{name}" is/are not present within endpoint '
                f'configuration "{document["EndpointConfigName"]}".'
            )
        serverless = "CurrentServerlessConfig" in found[name]
        if serverless and "DesiredInstanceCount" in wanted:
            raise ValidationError(f"Variant {name} is serverless: it has no instances.")
        if not serverless and "ServerlessUpdateConfig" in wanted:
            raise ValidationError(f"Variant {name} is not serverless.")
    _move(engine, document, "UpdateEndpointWeightsAndCapacities")
    since = engine.clock.now()
    with engine.store.lock:
        for wanted in request["DesiredWeightsAndCapacities"]:
            _desire(found[wanted["VariantName"]], wanted)
        engine.store.save(document)
    engine.submit(rescale, engine, document, since)
    return {"EndpointArn": document["EndpointArn"]}


def _desire(variant: Members, wanted: Members) -> None:
    for member in ("DesiredWeight", "DesiredInstanceCount"):
        if member in wanted:
            variant[member] = wanted[member]
    if "ServerlessUpdateConfig" in wanted:
        variant["DesiredServerlessConfig"] = {
            **variant["CurrentServerlessConfig"],
            **wanted["ServerlessUpdateConfig"],
        }


def rescale(engine: Engine, document: Members, since: Any) -> None:
    """Bring the variants of an endpoint to the weights and counts that are wanted."""
    engine.clock.elapse(since, _RESCALING)
    with engine.store.lock:
        charge(engine, document)
        for variant in document["ProductionVariants"]:
            for member in ("Weight", "InstanceCount", "ServerlessConfig"):
                if f"Desired{member}" in variant:
                    variant[f"Current{member}"] = variant[f"Desired{member}"]
    engine.store.change(document, EndpointStatus="InService")


def delete_endpoint(engine: Engine, request: Members) -> Members:
    """End the containers and forget the endpoint; its configuration stays."""
    document = engine.store.find("Endpoint", request["EndpointName"])
    components.none_left(engine, document)
    _move(engine, document, "DeleteEndpoint")
    deployment = engine.release(document["EndpointArn"])
    if deployment:
        charge(engine, document)
        deployment.close()
    asynchronous.close(engine, document)
    engine.store.delete("Endpoint", request["EndpointName"])
    return {}


def charge(engine: Engine, document: Members) -> None:
    """Add the time that an endpoint has been in service to the bill, once."""
    since, now = document["_ready"], engine.clock.now()
    document["_ready"] = now
    engine.store.later(document)
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in document.get(member) or ():
            if "CurrentInstanceCount" in variant:
                engine.meter.add(
                    "endpoint",
                    (now - since).total_seconds() * variant["CurrentInstanceCount"],
                    instance=variant["InstanceType"],
                    resource=document["EndpointName"],
                )


def charge_all(engine: Engine) -> None:
    """Bring the bill up to date for every endpoint in service."""
    for document in engine.store.documents("Endpoint"):
        if document["EndpointStatus"] in ("InService", "Updating"):
            charge(engine, document)


def flush_all(engine: Engine) -> None:
    """Send the metrics and the captured data of every endpoint now."""
    for process in list(engine.running.values()):
        if isinstance(process, Deployment):
            process.observer.flush()


HANDLERS = {
    "CreateEndpoint": create_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "ListEndpoints": listed("Endpoint"),
    "UpdateEndpoint": update_endpoint,
    "UpdateEndpointWeightsAndCapacities": update_weights,
    "DeleteEndpoint": delete_endpoint,
}
