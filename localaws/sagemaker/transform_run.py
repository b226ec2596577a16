"""One transform job from its start to its end."""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

from localaws.jobs import ArchiveError, ModelLoadError, ModelServerError, Outcome
from localaws.sagemaker.call import Call, Server
from localaws.sagemaker.chains import served
from localaws.sagemaker.cluster import Host
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.job_run import STORING, End, JobRun, Members
from localaws.sagemaker.logs import Logs, LogStream
from localaws.sagemaker.output_keys import output_client
from localaws.sagemaker.program import JobFailed
from localaws.sagemaker.roles import assume
from localaws.sagemaker.transfer import (
    download,
    download_manifest,
    split,
    upload_tree,
)
from localaws.sagemaker.transform_records import DataError, Processing, batches

_NO_ANSWER = "Unable to get response from algorithm"
_SEE = "See job logs for more information"


class ObjectFailed(Exception):
    """One object could not be transformed.

    Args:
        lines: What the data log says of it.
        code: `ClientError` or `AlgorithmError`: what the job fails with.
    """

    def __init__(self, lines: list[str], code: str = "ClientError") -> None:
        super().__init__(lines[0])
        self.lines = lines
        self.code = code


class TransformRun(JobRun):
    """Sends every object to the containers of a model.

    Args:
        engine: What it acts with.
        document: The stored job, which it changes.
        model: The stored model.
    """

    noun = "TransformJob"
    group = "/aws/sagemaker/TransformJobs"
    phases: ClassVar[dict[str, int]] = {"Starting": 240, "Transforming": 60}

    def __init__(self, engine: Engine, document: Members, model: Members) -> None:
        super().__init__(engine, document, document["TransformResources"], False)
        client = document.get("ModelClientConfig", {})
        self._timeout = client.get("InvocationsTimeoutInSeconds", 600)
        self._retries = client.get("InvocationsMaxRetries", 3)
        self._parallel = document.get("MaxConcurrentTransforms", 0) or 1
        self._processing = Processing(document)
        self._failed: dict[str, ObjectFailed] = {}
        self._servers: list[Server] = []
        self._closing = threading.Lock()
        more = document.get("Environment", {})
        parts = model.get("Containers") or [model["PrimaryContainer"]]
        self._model = model | {
            "Containers": [
                {**one, "Environment": {**one.get("Environment", {}), **more}}
                for one in parts
            ]
        }

    def halt(self) -> None:
        """End the containers."""
        # a request and the job's own thread may both end them
        with self._closing:
            while self._servers:
                # one that still fetches its artefact may write where it is removed
                with contextlib.suppress(OSError):
                    self._servers.pop().close()

    def complaint(self, host: Host, outcome: Outcome) -> str:
        """Return the reason of a command that failed; there is none here."""
        raise NotImplementedError

    def run(self, root: Path) -> End:
        """Fetch the objects, transform and store them."""
        source = self.document["TransformInput"]["DataSource"]["S3DataSource"]
        session = assume(self.engine.aws, self._model["ExecutionRoleArn"])
        s3 = self.engine.aws.client("s3", session)
        given, made = root / "in", root / "out"
        manifest = source["S3DataType"] == "ManifestFile"
        (download_manifest if manifest else download)(s3, source["S3Uri"], given)
        names = sorted(
            path.relative_to(given).as_posix()
            for path in given.rglob("*")
            if path.is_file()
        )
        self.enter("Transforming")
        self.engine.store.change(self.document, TransformStartTime=self.since)
        count = len(self.hosts)
        try:
            with ThreadPoolExecutor(count) as pool:
                shares = [names[number::count] for number in range(count)]
                for done in [pool.submit(self._instance, root, one) for one in shares]:
                    done.result()
        finally:
            self.halt()
        with self.engine.store.lock:
            if self._stopping or self.stopped.is_set():
                return "Stopped", None
            # AWS stores nothing of a job that was stopped
            self.document[STORING] = True
        if made.is_dir():
            output = self.document["TransformOutput"]
            s3 = output_client(self.engine.aws, session, output)
            upload_tree(s3, made, output["S3OutputPath"])
        codes = {failed.code for failed in self._failed.values()}
        return ("Failed", f"{min(codes)}: {_SEE}") if codes else ("Completed", None)

    def _instance(self, root: Path, names: list[str]) -> None:
        """Transform the objects that one instance gets."""
        engine = self.engine
        stream = f"{self.name}/i-{engine.clock.count('instance'):017x}"
        log = engine.part(Logs).open(self.group, stream)
        data = engine.part(Logs).open(self.group, f"{stream}/data-log")
        server = served(engine, self.name, self._model, log)
        self._servers.append(server)
        strategy = self.document.get("BatchStrategy", "MultiRecord")
        self._say(
            data,
            f"MaxConcurrentTransforms={self._parallel}, "
            f"MaxPayloadInMB={self.document.get('MaxPayloadInMB', 6)}, "
            f"BatchStrategy={'SINGLE' if strategy[0] == 'S' else 'MULTI'}_RECORD",
        )
        if engine.clock.standing:
            self._say(data, f"simulated durations: {self.phases}")
        try:
            server.start()
            data.flush()
            with ThreadPoolExecutor(self._parallel) as pool:
                self._transform(root, names, server, pool, data)
        except (ModelLoadError, ArchiveError) as error:
            raise JobFailed(
                "AlgorithmError: The model container did not pass the ping health "
                f"check. {_SEE}. {' '.join(str(error).split())[-600:]}"
            ) from error
        finally:
            data.flush()
            log.flush()

    def _transform(
        self,
        root: Path,
        names: list[str],
        server: Server,
        pool: ThreadPoolExecutor,
        data: LogStream,
    ) -> None:
        for name in names:
            path = root / "out" / f"{name}.out"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        for name, answer in self._answers(root, names, server, pool):
            path = root / "out" / f"{name}.out"
            try:
                piece = answer.result()
            except ObjectFailed as error:
                if name not in self._failed and not self.stopped.is_set():
                    self._failed[name] = error
                    path.unlink()
                    for line in error.lines:
                        self._say(data, f"{self._key(name)}: {line}")
                continue
            if name not in self._failed:
                with path.open("ab") as file:
                    file.write(piece)

    def _answers(
        self, root: Path, names: list[str], server: Server, pool: ThreadPoolExecutor
    ) -> Iterator[tuple[str, Future[bytes]]]:
        """Ask for every batch, some ahead of the answer that is waited for."""
        waiting: deque[tuple[str, Future[bytes]]] = deque()
        for name, records in self._batches(root, names):
            waiting.append((name, pool.submit(self._ask, server, records)))
            if len(waiting) > self._parallel:
                yield waiting.popleft()
        yield from waiting

    def _batches(
        self, root: Path, names: list[str]
    ) -> Iterator[tuple[str, list[bytes] | DataError]]:
        for name in names:
            try:
                for records in batches(root / "in" / name, self.document):
                    if self.stopped.is_set():
                        return
                    if name in self._failed:
                        break
                    yield name, records
            except DataError as error:
                yield name, error

    def _ask(self, server: Server, records: list[bytes] | DataError) -> bytes:
        given = self.document["TransformInput"]
        try:
            if isinstance(records, DataError):
                raise records
            body = self._processing.sent(records)
            content_type = given.get("ContentType", "application/octet-stream")
            accept = self.document["TransformOutput"].get("Accept", "*/*")
            for attempt in range(self._retries + 1):
                last = attempt == self._retries or self.stopped.is_set()
                try:
                    answer = server.invoke(
                        Call(body, content_type, accept, timeout=self._timeout)
                    )
                except (ModelServerError, ModelLoadError) as error:
                    if last:
                        lines = [_NO_ANSWER, str(error)]
                        raise ObjectFailed(lines, "AlgorithmError") from error
                    continue
                if answer.status < 500 or last:
                    break
            if answer.status >= 400:
                raise _bad(answer.status, answer.body)
            return self._processing.kept(records, answer.body, answer.content_type)
        except DataError as error:
            raise ObjectFailed([str(error)]) from error

    def _key(self, name: str) -> str:
        source = self.document["TransformInput"]["DataSource"]["S3DataSource"]
        bucket, prefix = split(source["S3Uri"])
        folder = prefix if prefix.endswith("/") else prefix.rpartition("/")[0]
        return "/".join(part for part in (bucket, folder.strip("/"), name) if part)

    def _say(self, data: LogStream, text: str) -> None:
        now = self.engine.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        data.write(f"{now}:[sagemaker logs]: {text}")

    def finish(self, end: str, reason: str | None) -> None:
        """Store how the job ended, and bill it."""
        self.enter(end)
        members: Members = {"TransformJobStatus": end, "TransformEndTime": self.since}
        if reason:
            members["FailureReason"] = reason[:1024]
        started = self.document.get("TransformStartTime")
        if started:
            self.bill(
                "transform", max(1, round((self.since - started).total_seconds()))
            )
        self.engine.store.change(self.document, **members)


def _bad(status: int, body: bytes) -> ObjectFailed:
    message = body.decode(errors="replace")[:1024]
    if status < 500:
        return ObjectFailed([f"ClientError: {status}", "", "Message:", message])
    first = f"Bad HTTP status received from algorithm: {status}"
    return ObjectFailed([first, "", "Message:", message], "AlgorithmError")
