"""Real-time endpoints: a model server that loads the artefact and answers."""

import logging
from pathlib import Path
from typing import Any

from localaws.errors import ValidationError
from localaws.jobs import (
    ArchiveError,
    ModelLoadError,
    ModelServer,
    Workspace,
    unpack,
)
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image
from localaws.sagemaker.logs import LogStream
from localaws.sagemaker.models import artefact
from localaws.sagemaker.roles import assume
from localaws.sagemaker.transfer import TransferError, download, fetch_one

GROUP = "/aws/sagemaker/Endpoints"
CREATING = 180
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Deployment:
    """The running container of one endpoint.

    Attributes:
        variant: Name of the variant that it serves.
        server: The model server, or None until it is loaded.
        log: Where the container's output goes.
    """

    def __init__(self, engine: Engine, endpoint: Members, variant: Members) -> None:
        self._engine = engine
        self._model = engine.store.find("Model", variant["ModelName"])
        self._workspace = Workspace(engine.folder(endpoint["EndpointName"]))
        self._closed = False
        self.variant = variant["VariantName"]
        self.server: ModelServer | None = None
        number = engine.clock.count("instance")
        self.log = LogStream(
            engine.aws,
            engine.clock,
            f"{GROUP}/{endpoint['EndpointName']}",
            f"{self.variant}/i-{number:017x}",
        )

    def start(self) -> None:
        """Fetch and unpack the artefact, and load the model."""
        engine, workspace = self._engine, self._workspace
        container = self._model["PrimaryContainer"]
        session = assume(engine.aws, self._model["ExecutionRoleArn"])
        s3 = engine.aws.client("s3", session)
        uri, archived = artefact(container)
        if uri and archived:
            archive = workspace.root / "model.tar.gz"
            fetch_one(s3, uri, archive)
            unpack(archive, workspace.model)
        elif uri:
            download(s3, uri, workspace.model)
        variables = container.get("Environment", {})
        code = [self._source(s3, variables)] if _submitted(variables) else []
        for folder in (*code, workspace.model / "code"):
            if folder.is_dir():
                workspace.rewrite(folder)
        form = image(container["Image"], "CreateEndpoint")
        self.server = ModelServer(
            workspace.model,
            env={
                **engine.environment(workspace.root, session),
                **{k: workspace.localise(v) for k, v in variables.items()},
            },
            code_dirs=code,
            program=variables.get("SAGEMAKER_PROGRAM"),
            algorithm=form.algorithm.name if form.algorithm else None,
            on_line=self.log.write,
            parent=engine.warm,
            publish=workspace.publish,
        )
        self.server.start()
        if self._closed:
            self.close()

    def _source(self, s3: Any, variables: Members) -> Path:
        source = variables["SAGEMAKER_SUBMIT_DIRECTORY"]
        archive = self._workspace.root / "sourcedir.tar.gz"
        fetch_one(s3, source, archive)
        unpack(archive, self._workspace.code)
        return self._workspace.code

    def close(self) -> None:
        """End the container and remove its files."""
        self._closed = True
        if self.server:
            self.server.close()
        self.log.flush()
        self._workspace.remove()


def _submitted(variables: Members) -> bool:
    return variables.get("SAGEMAKER_SUBMIT_DIRECTORY", "").startswith("s3://")


def create_endpoint(engine: Engine, request: Members) -> Members:
    """Store the endpoint and start its container."""
    config = engine.store.find("EndpointConfig", request["EndpointConfigName"])
    (variant,) = config["ProductionVariants"]
    engine.store.find("Model", variant["ModelName"])
    document = engine.store.create(
        "Endpoint",
        request,
        EndpointStatus="Creating",
        ProductionVariants=[
            {
                "VariantName": variant["VariantName"],
                "CurrentWeight": variant["InitialVariantWeight"],
                "DesiredWeight": variant["InitialVariantWeight"],
                "CurrentInstanceCount": variant["InitialInstanceCount"],
                "DesiredInstanceCount": variant["InitialInstanceCount"],
                "InstanceType": variant["InstanceType"],
            }
        ],
    )
    deployment = Deployment(engine, document, variant)
    engine.register(document["EndpointArn"], deployment)
    engine.submit(_deploy, engine, document, deployment)
    return {"EndpointArn": document["EndpointArn"]}


def _deploy(engine: Engine, document: Members, deployment: Deployment) -> None:
    status, reason = "InService", None
    try:
        deployment.start()
    except ModelLoadError as error:
        status = "Failed"
        reason = (
            f"The primary container for production variant {deployment.variant} did "
            "not pass the ping health check. Please check CloudWatch logs for this "
            f"endpoint. {' '.join(error.tail[-3:])}"
        )
    except (TransferError, ArchiveError) as error:
        status, reason = "Failed", str(error)
    except Exception as error:
        log.exception("endpoint %s", document["EndpointName"])
        status, reason = "Failed", f"{type(error).__name__}: {error}"
    if status == "Failed":
        engine.release(document["EndpointArn"])
        deployment.close()
    deployment.log.flush()
    ready = engine.clock.elapse(document["CreationTime"], CREATING)
    members: Members = {"EndpointStatus": status, "_ready": ready}
    if reason:
        members["FailureReason"] = reason[:1024]
    engine.store.change(document, **members)


def delete_endpoint(engine: Engine, request: Members) -> Members:
    """End the container and forget the endpoint; its configuration stays."""
    document = engine.store.find("Endpoint", request["EndpointName"])
    if document["EndpointStatus"] == "Creating":
        raise ValidationError(
            f'Cannot delete endpoint "{document["EndpointArn"]}" while it is '
            "Creating; wait until it is InService or Failed."
        )
    engine.store.delete("Endpoint", request["EndpointName"])
    deployment = engine.release(document["EndpointArn"])
    if deployment:
        charge(engine, document)
        deployment.close()
    return {}


def charge(engine: Engine, document: Members) -> None:
    """Add the time that an endpoint has been in service to the bill, once."""
    since, now = document["_ready"], engine.clock.now()
    document["_ready"] = now
    for variant in document["ProductionVariants"]:
        engine.meter.add(
            "endpoint",
            (now - since).total_seconds() * variant["CurrentInstanceCount"],
            instance=variant["InstanceType"],
            resource=document["EndpointName"],
        )


def charge_all(engine: Engine) -> None:
    """Bring the bill up to date for every endpoint in service."""
    for document in engine.store.documents("Endpoint"):
        if document["EndpointStatus"] == "InService":
            charge(engine, document)


HANDLERS = {
    "CreateEndpoint": create_endpoint,
    "DescribeEndpoint": described("Endpoint"),
    "ListEndpoints": listed("Endpoint"),
    "DeleteEndpoint": delete_endpoint,
}
