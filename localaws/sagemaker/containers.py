"""A serving container: the model of one definition, loaded, that answers requests."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.errors import ValidationError
from localaws.jobs import (
    Answer,
    ModelLoadError,
    ModelServer,
    ModelServerError,
    Workspace,
    unpack,
)
from localaws.loopback import Session
from localaws.sagemaker.call import Call
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.images import image
from localaws.sagemaker.logs import LogStream
from localaws.sagemaker.package_containers import resolve
from localaws.sagemaker.roles import assume
from localaws.sagemaker.transfer import download, fetch_one, split

Members = dict[str, Any]


class Container:
    """One running container of a model; any thread may close it, also while it starts.

    Args:
        engine: What it acts with.
        name: Of whom it serves; part of the name of its private folder.
        definition: A `ContainerDefinition` with `Image`, `Environment` and model data.
        role_arn: Execution role; reads the artefact, and is the script's identity.
        log: Where the container's output goes; closed with the container.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        definition: Members,
        role_arn: str,
        log: LogStream,
    ) -> None:
        self._engine = engine
        self._definition = resolve(engine, definition)
        self._role = role_arn
        self._workspace = Workspace(engine.folder(name))
        self._server: ModelServer | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self.log = log

    def start(self, timeout: float = 60.0) -> None:
        """Fetch and unpack the artefact, and load the model.

        Args:
            timeout: Real seconds for loading.

        Raises:
            ModelLoadError: The script failed, took longer, or the container was closed.
            TransferError: The artefact is not there, or the role may not read it.
            ArchiveError: The artefact is no archive.
        """
        with self._starting:
            self._check_open()
            server = self._prepare()
            with self._lock:
                self._check_open()
                self._server = server
            server.start(timeout)

    def _check_open(self) -> None:
        if self._closed:
            raise ModelLoadError("the container was closed")

    def _prepare(self) -> ModelServer:
        """Bring the model and the code into place."""
        engine, workspace = self._engine, self._workspace
        session = assume(engine.aws, self._role)
        variables = self._definition.get("Environment", {})
        code = self._fetch(session, variables)
        for folder in (*code, workspace.model / "code"):
            if folder.is_dir():
                workspace.rewrite(folder)
        form = image(self._definition["Image"], "CreateModel")
        return ModelServer(
            workspace.model,
            env={
                **engine.environment(workspace.root, session),
                **{k: workspace.localise(v) for k, v in variables.items()},
            },
            code_dirs=code,
            program=variables.get("SAGEMAKER_PROGRAM"),
            algorithm=form.server,
            on_line=self.log.write,
            parent=engine.warm,
            publish=workspace.publish,
        )

    def _fetch(self, session: Session, variables: Mapping[str, str]) -> list[Path]:
        """Fetch the artefact and the code, and return the folders of the code."""
        workspace = self._workspace
        s3 = self._engine.aws.client("s3", session)
        uri, archived = artefact(self._definition)
        if uri and archived:
            archive = workspace.root / "model.tar.gz"
            fetch_one(s3, uri, archive)
            unpack(archive, workspace.model)
        elif uri:
            download(s3, uri, workspace.model)
        self._check_open()
        source = variables.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        if not source.startswith("s3://"):
            return []
        archive = workspace.root / "sourcedir.tar.gz"
        fetch_one(s3, source, archive)
        unpack(archive, workspace.code)
        return [workspace.code]

    def invoke(self, call: Call) -> Answer:
        """Send one request to `/invocations`; safe from any thread.

        Returns:
            The answer, whatever its status.

        Raises:
            ModelServerError: The container crashed, was closed, or took too long; the
                next request starts it again.
            ModelLoadError: It had crashed before and did not start again.
        """
        if self._server is None:
            raise ModelServerError("the container is not started")
        return self._server.invoke(
            call.body,
            call.content_type,
            call.accept,
            headers=call.headers,
            timeout=call.timeout,
        )

    def rest(self) -> None:
        """End the container's process; the next request starts it again, cold."""
        if self._server:
            self._server.rest()

    def close(self) -> None:
        """End the container and remove its files; waits for a start under way."""
        with self._lock:
            self._closed = True
            server = self._server
        if server:
            server.close()
        with self._starting:
            self.log.flush()
            self._workspace.remove()


def artefact(definition: Members) -> tuple[str | None, bool]:
    """Return where a container's model data is, and whether it is one archive."""
    if "ModelDataUrl" in definition:
        return definition["ModelDataUrl"], True
    source = definition.get("ModelDataSource", {}).get("S3DataSource")
    if source is None:
        return None, False
    archived = source["CompressionType"] == "Gzip"
    if archived != (source["S3DataType"] == "S3Object"):
        raise ValidationError(
            "ModelDataSource is a Gzip S3Object or an uncompressed S3Prefix; found "
            f"{source['CompressionType']} {source['S3DataType']}."
        )
    return source["S3Uri"], archived


def check_artefact(engine: Engine, definition: Members) -> None:
    """Raise `ValidationError` unless a container's archive exists."""
    uri, archived = artefact(definition)
    if uri and archived:
        bucket, key = split(uri)
        s3 = engine.aws.client("s3")
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except s3.exceptions.ClientError as error:
            raise ValidationError(f"Could not find model data at {uri}.") from error
