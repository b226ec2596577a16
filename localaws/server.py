"""The endpoint: one WSGI application on the loopback address.

A request passes the guard, is named (service and operation), metered, and answered by
the room that acts: SageMaker and the services here, the rest by moto. What acts in
neither answers 501 with its name.
"""

import datetime as dt
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from localaws import compat, control, sagemaker
from localaws.admission import admit, operation_of
from localaws.changes import Changes
from localaws.clock import Clock
from localaws.errors import (
    AwsError,
    NotImplementedHere,
    internal,
    no_space,
    unless_full,
)
from localaws.guard import CONTROL, EXAMINER_KEY, Credential, Guard, Keys
from localaws.jobs import Parent, WarmParent
from localaws.journal import Carrier, Journal
from localaws.journal_file import JOURNAL
from localaws.labelling.crowd import Crowd
from localaws.listening import listen
from localaws.loopback import ENGINE_KEY, Loopback
from localaws.meter import Meter
from localaws.recovery import begin, recover
from localaws.sagemaker import feature_runtime, hosting, metrics_runtime, runtime
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.state_changes import StateChanges
from localaws.services import (
    CHARGERS,
    FOLLOWERS,
    HANDLERS,
    LATENCY,
    LISTENERS,
    PREPARERS,
    TICKERS,
)
from localaws.services.access.holding import hold
from localaws.services.alarms import Alarms
from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.services.tickers import Tickers
from localaws.store import Store, model
from localaws.wire import (
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
# Services that share SageMaker's signing name, each known by its paths.
_RUNTIMES = (runtime, feature_runtime, metrics_runtime)
log = logging.getLogger(__name__)


class Server:
    """One account in one region, served on a free port of 127.0.0.1.

    Args:
        home: Folder for private files.
        keys: This run's secrets.
        epoch: ISO 8601 time of a standing clock; None runs freely.
        port: To be served on; a free one if it is 0 or taken.
        parent: Starts the jobs; None for a process that this one starts.
    """

    def __init__(
        self,
        home: Path,
        keys: Keys,
        epoch: str | None = None,
        port: int = 0,
        parent: Parent | None = None,
    ) -> None:
        self.keys = keys
        self.clock = Clock(epoch)
        self.meter = Meter()
        self.journal = Journal(
            home.parent / JOURNAL,
            self.clock.now,
            Carrier("clock", self.clock.unsaved, self.clock.saved, True),
            Carrier("bill", self.meter.unsaved, self.meter.saved),
        )
        self.changes = Changes(self.journal, self.clock)
        self.warm = parent or WarmParent()
        self._home = home
        self._last = time.monotonic()
        self._resetting = threading.Lock()
        self._stopped = threading.Event()
        self._forget = False
        self._wsgi = listen(self._application, port)
        self.port: int = self._wsgi.bind_addr[1]
        url = f"http://127.0.0.1:{self.port}"
        self.aws = Loopback(self._application, url, REGION, secrets.token_hex(20))
        self._guard = Guard(self.port, keys.token, self._credential)
        self.engine = self._start()
        try:
            self.restored = recover(self)
        except BaseException:
            self.stop()
            raise

    def _start(self) -> Engine:
        compat.reset(ACCOUNT, self.keys.access_key, self.keys.secret_key)
        self.bus = Bus(self.aws)
        self.alarms = Alarms(self.aws, self.bus, self.journal)
        self.context = Context(
            self.aws,
            self.clock,
            self.alarms,
            self.moto,
            self.meter,
            self.warm,
            self._home,
            self.journal,
        )
        for listener in LISTENERS:
            listener(self.context)
        self.tickers = Tickers(self.context, TICKERS)
        store = Store(ACCOUNT, REGION, self.clock, self.journal)
        store.on_change = StateChanges(store, self.bus)
        crowd = self.context.part(Crowd)
        return Engine(self._home, store, self.aws, self.meter, self.warm, crowd)

    def serve_forever(self) -> None:
        """Answer requests until `stop` is called."""
        if not self.clock.standing:
            threading.Thread(target=self._watch, name="alarms", daemon=True).start()
        self._wsgi.serve()

    def _watch(self) -> None:
        """Do every second what is due, while the clock runs."""
        while not self._stopped.wait(1):
            self.tickers.tick()
            self.alarms.evaluate(self.clock.now())

    def stop(self) -> None:
        """End every job and container, then the server; the journal stays."""
        self._stopped.set()
        self.journal.close(self._forget)
        self.engine.close()
        self.context.close()
        self.bus.close()
        self.warm.close()
        self._wsgi.stop()
        self.clock.close()

    def stop_soon(self) -> None:
        """Stop once the request that asks for it has been answered, and forget all."""
        self._forget = True
        threading.Timer(0.05, self.stop).start()

    def reset(self) -> None:
        """End all work and empty every service; the keys stay."""
        with self._resetting:
            self.engine.close()
            self.context.close()
            self.bus.close()
            self.meter.reset()
            self.clock.reset()
            self.engine = self._start()
            begin(self)

    def advance(self, seconds: float) -> dt.datetime:
        """Move the clock on, and let what watches the metrics see them first."""
        hosting.flush_all(self.engine)
        now = self.tickers.advance(seconds)
        self.alarms.evaluate(now)
        return now

    def running(self) -> tuple[int, int]:
        """Return how many jobs and how many endpoints there are."""
        endpoints = sum(
            isinstance(process, hosting.Deployment)
            for process in list(self.engine.running.values())
        )
        running = list(self.engine.running)
        parts = sum(":inference-component/" in arn for arn in running)
        return len(running) - endpoints - parts, endpoints

    def idle_for(self) -> float:
        """Return real seconds since the last request; 0.0 while something runs."""
        return 0.0 if any(self.running()) else time.monotonic() - self._last

    def bill(self) -> list[dict[str, Any]]:
        """Return what AWS would have billed until now, line by line."""
        hosting.charge_all(self.engine)
        for charge in CHARGERS:
            with unless_full():
                charge(self.context)
        return self.meter.bill()

    def _credential(self, access_key: str) -> Credential | None:
        own = {ENGINE_KEY: self.aws.credential, EXAMINER_KEY: self.keys.examiner}
        return own.get(access_key) or compat.credential(ACCOUNT, access_key)

    def _application(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request.read(environ)
        try:
            with self.journal.asking():
                response = self._admitted(request)
        except AwsError as error:
            response = error_response(request, error)
        except Exception as error:
            if not no_space(error):
                log.exception("%s %s", request.method, request.path)
            response = error_response(request, internal(error))
        if not self.journal.asked:
            self.engine.store.settle()
            self.journal.settle(self.clock.standing)
        start_response(*response.start())
        return response.chunks or [response.body]

    def _admitted(self, request: Request) -> Response:
        self._guard.admit(request)
        if request.path.startswith(CONTROL):
            return control.answer(self, request)
        assert request.scope is not None
        if self._stopped.is_set() and self.keys.learner(request.scope[0]):
            raise AwsError("ServiceUnavailable", "The local endpoint is stopping.", 503)
        self._last = time.monotonic()
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        if request.service == "sagemaker":
            return self._sagemaker(request)
        assert request.scope is not None
        self.engine.settle(wait=request.scope[0] != ENGINE_KEY)
        operation = operation_of(request)
        admit(request, operation)
        self._count(request, operation)
        if request.scope[0] != ENGINE_KEY:
            self.tickers.tick()
        if self.keys.learner(request.scope[0]) and self.clock.standing:
            self.context.settle()
        hold(self.context, request, operation)
        named = (request.service, operation)
        if named in PREPARERS:
            with unless_full():
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
        return self.changes.answer(request, operation_of(request))

    def _sagemaker(self, request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        if target.startswith("SageMaker."):
            operation = target.partition(".")[2]
            self._count(request, operation)
            hold(self.context, request, operation)
            output = sagemaker.call(self.engine, operation, parse_json(request.body))
            shape = model().operation_model(operation).output_shape
            return json_response(project(shape, output))
        for service in _RUNTIMES:
            found = service.operation_of(request)
            if found:
                name = getattr(found[0], "name", found[0])
                hold(self.context, request, name)
                return service.invoke(self.engine, request, *found)
        subject = f"sagemaker {request.method} {request.path}"
        raise NotImplementedHere(subject, "is an operation of another family")

    def _count(self, request: Request, operation: str) -> None:
        """Let a change of the learner take its second, and meter S3's requests."""
        assert request.scope is not None
        by_learner = self.keys.learner(request.scope[0])
        named = (request.service, operation)
        if by_learner and (named in LATENCY or not operation.startswith(_READS)):
            self.clock.tick(LATENCY.get(named, 1))
        if request.service == "s3" and request.scope[0] != ENGINE_KEY:
            reads = operation.startswith(("Get", "Head"))
            self.meter.add("s3-get" if reads else "s3-put", 1)
