"""The process that finds personal data: started at the first use, and kept."""

import contextlib
import json
import logging
import shutil
import threading
from typing import Any

from localaws.clock import real_now
from localaws.errors import AwsError
from localaws.jobs import FunctionProcess, JobError, Reply
from localaws.services.comprehend.warmth import Warmth
from localaws.services.context import Context

_HANDLER = "localaws.pii.answering.handler"
_MEMORY = 2 * 2**30
_DISK = 2**20
_START_SECONDS = 120.0
_SECONDS = 60.0
log = logging.getLogger(__name__)


class Engine:
    """Answers one text at a time.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._warmth = context.part(Warmth)
        self._folder = context.home / "pii"
        self._lock = threading.Lock()
        self._process: FunctionProcess | None = None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def ask(self, do: str, text: str) -> list[list[Any]]:
        """Return what the engine finds in a text.

        Args:
            do: `find` or `entities`.
            text: English.

        Raises:
            AwsError: The engine cannot be started, or has died on this text.
        """
        event = json.dumps({"do": do, "text": text}).encode()
        with self._lock:
            reply = self._running().ask(self._header(), event, _SECONDS, log.info)
            if reply.kind == "result":
                found: list[list[Any]] = json.loads(reply.body)
                return found
            self._end()
        raise _broken(reply)

    def _running(self) -> FunctionProcess:
        if self._process is not None and self._process.alive:
            return self._process
        self._end()
        self._folder.mkdir(parents=True, exist_ok=True)
        env = {"_LOCALAWS": "pii", "LANG": "C.UTF-8", "TMPDIR": str(self._folder)}
        try:
            process = FunctionProcess(
                _HANDLER,
                [self._folder],
                env,
                memory_bytes=_MEMORY,
                disk_bytes=_DISK,
                parent=self._warmth.parent,
            )
        except JobError as error:
            raise AwsError("InternalServerException", str(error), 500) from error
        reply = process.start(_START_SECONDS, log.info)
        if reply.kind != "ready":
            process.close()
            raise _broken(reply)
        self._process = process
        return process

    def _header(self) -> dict[str, Any]:
        return {
            "invoke_id": "pii",
            "invoked_function_arn": "pii",
            "deadline_time_in_ms": int((real_now().timestamp() + _SECONDS) * 1000),
            "client_context": None,
            "now": None,
        }

    def _end(self) -> None:
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.close()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _broken(reply: Reply) -> AwsError:
    log.error("the engine of personal data: %s %r", reply.kind, reply.body[:2000])
    told = ""
    with contextlib.suppress(ValueError, AttributeError):
        told = f" {json.loads(reply.body).get('errorMessage', '')}"
    return AwsError(
        "InternalServerException",
        f"The local engine for personal data has failed ({reply.kind}).{told}",
        500,
    )
