"""The endpoint: one WSGI application on the loopback address.

A request passes the guard, is named (service and operation), metered, and answered by
the room that acts: SageMaker and the services here, the rest by moto. What acts in
neither answers 501 with its name.
"""

import contextlib
import datetime as dt
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from cheroot.wsgi import Server as WSGIServer

from localaws import compat, control, sagemaker
from localaws.clock import Clock
from localaws.errors import AwsError, NotImplementedHere
from localaws.fidelity import (
    check_members,
    check_values,
    fidelity,
    refuse,
    services,
)
from localaws.guard import CONTROL, Credential, Guard, Keys
from localaws.jobs import WarmParent
from localaws.loopback import ENGINE_KEY, Loopback
from localaws.meter import Meter
from localaws.sagemaker import feature_runtime, hosting, runtime
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.state_changes import StateChanges
from localaws.services import CHECKS, FOLLOWERS, HANDLERS, PREPARERS
from localaws.services.alarms import Alarms
from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.store import Store, model
from localaws.wire import (
    FORM,
    Request,
    Response,
    error_response,
    json_response,
    parse_json,
    project,
)

ACCOUNT = "123456789012"
REGION = "us-east-1"
_READS = ("Get", "List", "Describe", "Head", "Filter", "Simulate", "Invoke")
_THREADS = 24
# Services that share SageMaker's signing name, each known by its paths.
_RUNTIMES = (runtime, feature_runtime)
log = logging.getLogger(__name__)


class Server:
    """One account in one region, served on a free port of 127.0.0.1.

    Args:
        home: Folder for private files.
        keys: This run's secrets.
        epoch: ISO 8601 time of a standing clock; None runs freely.
    """

    def __init__(self, home: Path, keys: Keys, epoch: str | None = None) -> None:
        self.keys = keys
        self.clock = Clock(epoch)
        self.meter = Meter()
        self.warm = WarmParent()
        self._home = home
        self._last = time.monotonic()
        self._resetting = threading.Lock()
        self._stopped = threading.Event()
        self._wsgi = WSGIServer(
            ("127.0.0.1", 0), self._application, numthreads=_THREADS, timeout=120
        )
        self._wsgi.prepare()
        self.port: int = self._wsgi.bind_addr[1]
        url = f"http://127.0.0.1:{self.port}"
        self.aws = Loopback(self._application, url, REGION, secrets.token_hex(20))
        self._guard = Guard(self.port, keys.token, self._credential)
        self._moto = compat.application()
        self._engine = self._start()

    def _start(self) -> Engine:
        compat.reset(ACCOUNT, self.keys.access_key, self.keys.secret_key)
        self.bus = Bus(self.aws)
        self.alarms = Alarms(self.aws, self.bus)
        self.context = Context(self.aws, self.clock, self.alarms, self.moto)
        store = Store(ACCOUNT, REGION, self.clock)
        store.on_change = StateChanges(store, self.bus)
        return Engine(self._home, store, self.aws, self.meter, self.warm)

    def serve_forever(self) -> None:
        """Answer requests until `stop` is called."""
        if not self.clock.standing:
            threading.Thread(target=self._watch, name="alarms", daemon=True).start()
        self._wsgi.serve()

    def _watch(self) -> None:
        """Evaluate alarms every second, while the clock runs."""
        while not self._stopped.wait(1):
            self.alarms.evaluate(self.clock.now())

    def stop(self) -> None:
        """End every job and container, then the server."""
        self._stopped.set()
        self._engine.close()
        self.bus.close()
        self.warm.close()
        self._wsgi.stop()
        self.clock.close()

    def stop_soon(self) -> None:
        """Stop once the request that asks for it has been answered."""
        threading.Timer(0.05, self.stop).start()

    def reset(self) -> None:
        """End all work and empty every service; the keys stay."""
        with self._resetting:
            self._engine.close()
            self.bus.close()
            self.meter.reset()
            self.clock.reset()
            self._engine = self._start()

    def advance(self, seconds: float) -> dt.datetime:
        """Move the clock on, and let what watches the metrics see them first."""
        hosting.flush_all(self._engine)
        now = self.clock.advance(seconds)
        self.alarms.evaluate(now)
        return now

    def running(self) -> tuple[int, int]:
        """Return how many jobs and how many endpoints there are."""
        endpoints = sum(
            isinstance(process, hosting.Deployment)
            for process in list(self._engine.running.values())
        )
        running = list(self._engine.running)
        parts = sum(":inference-component/" in arn for arn in running)
        return len(running) - endpoints - parts, endpoints

    def idle_for(self) -> float:
        """Return real seconds since the last request; 0.0 while something runs."""
        return 0.0 if any(self.running()) else time.monotonic() - self._last

    def bill(self) -> list[dict[str, Any]]:
        """Return what AWS would have billed until now, line by line."""
        hosting.charge_all(self._engine)
        return self.meter.bill()

    def _credential(self, access_key: str) -> Credential | None:
        if access_key == ENGINE_KEY:
            return self.aws.credential
        return compat.credential(ACCOUNT, access_key)

    def _application(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request.read(environ)
        try:
            self._guard.admit(request)
            if request.path.startswith(CONTROL):
                response = control.answer(self, request)
            else:
                self._last = time.monotonic()
                response = self._answer(request)
        except AwsError as error:
            response = error_response(request, error)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            response = error_response(
                request,
                AwsError(
                    "InternalFailure", "The endpoint failed; see daemon.log.", 500
                ),
            )
        start_response(*response.start())
        return [response.body]

    def _answer(self, request: Request) -> Response:
        if request.service == "sagemaker":
            return self._sagemaker(request)
        assert request.scope is not None
        self._engine.settle(wait=request.scope[0] != ENGINE_KEY)
        operation = _operation(request)
        self._admit(request, operation)
        self._count(request, operation)
        named = (request.service, operation)
        if named in PREPARERS:
            PREPARERS[named](self.context)
        handler = HANDLERS.get(named)
        if handler:
            return handler(self.context, request)
        response = self.moto(request)
        if named in FOLLOWERS and response.status == 200:
            FOLLOWERS[named](self.context, request)
        return response

    def moto(self, request: Request) -> Response:
        """Let moto answer a request."""
        return compat.call(self._moto, request)

    def _sagemaker(self, request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        if target.startswith("SageMaker."):
            operation = target.partition(".")[2]
            self._count(request, operation)
            output = sagemaker.call(self._engine, operation, parse_json(request.body))
            shape = model().operation_model(operation).output_shape
            return json_response(project(shape, output))
        for service in _RUNTIMES:
            found = service.operation_of(request)
            if found:
                return service.invoke(self._engine, request, *found)
        subject = f"sagemaker {request.method} {request.path}"
        raise NotImplementedHere(subject, "is an operation of another family")

    def _admit(self, request: Request, operation: str) -> None:
        """Refuse what does not act: the operation, or a member of its input."""
        service = request.service
        row = fidelity(service, operation)
        if row.level != "refused":
            if row.honours:
                known = model(services()[service]["model"]).operation_model(operation)
                given = parse_json(request.body)
                check_members(service, known, given)
                check_values(service, known, given)
                CHECKS.get((service, operation), lambda _: None)(given)
            return
        documentation = ""
        with contextlib.suppress(UnknownServiceError, OperationNotFoundError):
            known = model(services().get(service, {}).get("model", service))
            documentation = known.operation_model(operation).documentation
        raise refuse(service, operation, documentation)

    def _count(self, request: Request, operation: str) -> None:
        """Let a change of the learner take its second, and meter S3's requests."""
        assert request.scope is not None
        by_learner = request.scope[0] == self.keys.access_key
        if by_learner and not operation.startswith(_READS):
            self.clock.tick()
        if request.service == "s3" and request.scope[0] != ENGINE_KEY:
            reads = operation.startswith(("Get", "Head"))
            self.meter.add("s3-get" if reads else "s3-put", 1)


def _operation(request: Request) -> str:
    """Name the operation, by the protocol that its service speaks."""
    target = request.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if "/operation/" in request.path:
        return request.path.rpartition("/")[2]
    if request.headers.get("content-type", "").startswith(FORM):
        action = parse_qs(request.body.decode("latin-1")).get("Action")
        return action[0] if action else "UnknownOperation"
    found = compat.rest_operation(request.service, request.environ)
    return found or f"{request.method} {request.path}"
