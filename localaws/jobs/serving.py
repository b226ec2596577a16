"""The client side of a model server: start it, ask it, close it."""

import json
import os
import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localaws.jobs import http1
from localaws.jobs.contract import Command
from localaws.jobs.errors import ModelLoadError, ModelServerError, ModelTimeout
from localaws.jobs.life import Connection, Life
from localaws.jobs.parent import Parent
from localaws.jobs.warm import WarmParent
from localaws.jobs.wire import ORDERS, SECRET_HEADER

_ROOT = str(Path(__file__).resolve().parents[2])
_TAIL = 50


@dataclass(frozen=True)
class Answer:
    """What the container answered.

    Attributes:
        status: HTTP status; 200 when the model answered.
        body: the bytes.
        content_type: of the body.
    """

    status: int
    body: bytes
    content_type: str


class ModelServer:
    """One serving container: a child process that holds a model and answers.

    A container that crashes costs the request that it was answering; the next request
    starts it again.
    """

    def __init__(
        self,
        model_dir: Path,
        *,
        env: Mapping[str, str],
        code_dirs: Sequence[Path] = (),
        program: str | None = None,
        algorithm: str | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        parent: Parent | None = None,
        publish: Callable[[str], str] = str,
    ) -> None:
        """Prepare a server; nothing starts yet.

        Args:
            model_dir: the unpacked model.tar.gz.
            env: the whole environment of the process; nothing is inherited.
            code_dirs: where to look for `program`, in this order; `model_dir/code`
                and `model_dir` are looked in last.
            program: file name of the serving script (SAGEMAKER_PROGRAM); without it
                `inference.py` when there is one.
            algorithm: name of a built-in algorithm (`Algorithm.name`) that answers
                where there is no script, or "pytorch"; with a script, "xgboost" and
                "pytorch" give it the defaults of those framework containers.
            on_line: called with each line that the container logs, from a thread of
                the server.
            parent: where to fork from; None starts the server cold.
            publish: applied to each line and message (give `workspace.publish`).
        """
        self._on_line = on_line
        self._publish = publish
        self._parent = parent or WarmParent(preload=())
        self._own_parent = parent is None
        self._lock = threading.Lock()
        self._life: Life | None = None
        self._loading: Life | None = None
        self._closed = False
        self._resting = False
        self._load_seconds = 60.0
        self._tail: deque[str] = deque(maxlen=_TAIL)
        secret = secrets.token_hex(16)
        self._headers = {SECRET_HEADER: secret}
        orders = {
            "model_dir": str(model_dir.absolute()),
            "code_dirs": [str(one.absolute()) for one in code_dirs],
            "program": program,
            "algorithm": algorithm,
            "secret": secret,
        }
        # the user's folders are named here too, so that a module of theirs that hides
        # a preloaded one gets a fresh interpreter
        folders = [*code_dirs, model_dir / "code"]
        path = [str(one.absolute()) for one in folders if one.is_dir()]
        path += [env.get("PYTHONPATH", ""), _ROOT]
        self._command = Command(
            env={
                "PYTHONUNBUFFERED": "1",
                **env,
                "PYTHONPATH": os.pathsep.join(one for one in path if one),
                ORDERS: json.dumps(orders),
            },
            cwd=model_dir.absolute(),
            module="localaws.jobs.model_server",
        )

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        life = self._life
        if life is None or life.ended.is_set():
            return None
        return life.pid

    def start(self, timeout: float = 60.0) -> None:
        """Start the process and load the model.

        Args:
            timeout: seconds for loading, also when it is started again.

        Raises:
            ModelLoadError: the script failed, or took longer.
        """
        with self._lock:
            self._load_seconds = timeout
            self._start()

    def _start(self) -> Life:
        if self._closed:
            raise ModelServerError("the model server is closed")
        if self._life is not None:
            self._life.close()
            self._life = None
        self._tail.clear()
        life = self._loading = Life(self._parent, self._command, self._say)
        if self._closed:
            life.kill()
        try:
            connection = life.connection(self._load_seconds)
            life.idle.append(connection)
            connection.ask("GET /ping HTTP/1.1", self._headers, b"", self._load_seconds)
            life.drain()
        except (TimeoutError, ConnectionError, http1.ProtocolError) as error:
            life.close()
            raise self._load_error(life, error) from None
        finally:
            self._loading = None
        self._life = life
        return life

    def _load_error(self, life: Life, error: Exception) -> ModelLoadError:
        tail = list(self._tail)
        if self._closed:
            return ModelLoadError("the model server was closed", tail)
        if isinstance(error, TimeoutError):
            seconds = f"{self._load_seconds:g} s"
            return ModelLoadError(f"no answer to /ping within {seconds}", tail)
        message = "\n".join(tail) or f"the container exited with {life.exit_code}"
        return ModelLoadError(message, tail)

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            text = self._publish(line)
            self._tail.append(text)
            self._on_line(text)

    def invoke(
        self,
        body: bytes,
        content_type: str = "application/octet-stream",
        accept: str = "*/*",
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Answer:
        """Send one request to /invocations. Any thread.

        What the container prints until it answers is logged before this returns.

        Args:
            body: the request.
            content_type: of the request.
            accept: content type that the caller wants.
            headers: further headers (X-Amzn-SageMaker-Custom-Attributes ...).
            timeout: seconds for the answer.

        Returns:
            The answer, whatever its status; `/opt/ml` spelled in what is not 200.

        Raises:
            ModelServerError: the server crashed, was closed, or took too long.
            ModelLoadError: it had crashed before and did not start again.
        """
        life = self._running()
        everything = {
            **(headers or {}),
            **self._headers,
            "Content-Type": content_type,
            "Accept": accept,
        }
        try:
            connection = life.connection(timeout)
            try:
                answer = connection.ask(
                    "POST /invocations HTTP/1.1", everything, body, timeout
                )
            except BaseException:
                connection.close()
                raise
        except TimeoutError:
            raise ModelTimeout(
                f"the container did not answer within {timeout:g} s"
            ) from None
        except http1.ProtocolError as error:
            raise ModelServerError(f"no answer: {error}") from error
        except ConnectionError as error:
            # the connection ends a moment before the rest of the process does
            if not life.ended.wait(5):
                raise ModelServerError(f"no answer: {error}") from error
            raise ModelServerError(
                f"the container crashed while it answered (exit code {life.exit_code})"
            ) from error
        life.idle.append(connection)
        life.drain()
        status = int(answer.start[1])
        content = answer.body
        if status != 200:
            content = self._publish(content.decode("utf-8", "replace")).encode()
        return Answer(status, content, answer.headers.get("content-type", ""))

    def _running(self) -> Life:
        life = self._life
        if life is not None and not life.ended.is_set():
            return life
        with self._lock:
            life = self._life
            if life is not None and not life.ended.is_set():
                return life
            if life is None and not self._closed and not self._resting:
                raise ModelServerError("the model server is not started")
            return self._start()

    def alive(self) -> bool:
        """Whether the container answers /ping."""
        life = self._life
        if life is None or life.ended.is_set():
            return False
        try:
            connection = Connection(life.port, 5)
        except OSError:
            return False
        try:
            answer = connection.ask("GET /ping HTTP/1.1", self._headers, b"", 5)
        except (OSError, http1.ProtocolError):
            return False
        finally:
            connection.close()
        return answer.start[1] == "200"

    def rest(self) -> None:
        """End the process; the next request starts it again."""
        with self._lock:
            if self._life is not None:
                self._life.close()
                self._life = None
                self._resting = True

    def close(self) -> None:
        """End the process and everything that it started; also one that loads."""
        self._closed = True
        loading = self._loading
        if loading is not None:
            loading.kill()
        with self._lock:
            if self._life is not None:
                self._life.close()
                self._life = None
        if self._own_parent:
            self._parent.close()
