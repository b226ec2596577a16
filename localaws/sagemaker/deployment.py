"""The running side of one endpoint: it answers, copies to shadows, and takes notes."""

import contextlib
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from localaws.errors import AwsError
from localaws.jobs import Answer, JobError
from localaws.sagemaker.call import Call, Server
from localaws.sagemaker.capture import capture_of
from localaws.sagemaker.chains import check_target
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.observation import Note, Observer
from localaws.sagemaker.variants import Fleet, Traffic, Variant

if TYPE_CHECKING:
    from localaws.sagemaker.rollout import Rollout

_MIRRORED = 64
_GIBIBYTE = 1024
Members = dict[str, Any]


class Deployment:
    """What runs for one endpoint.

    Args:
        engine: What it acts with.
        endpoint: Name of the endpoint.
        config: Its configuration.

    Attributes:
        traffic: Who answers.
        observer: Sends metrics and captured data.
        rollout: The update under way, or None.
        closed: Set when the endpoint ends.
        awake: Not set while containers that ran before a restart load their models.
    """

    def __init__(self, engine: Engine, endpoint: str, config: Members) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._random = random.Random(f"{endpoint}/sample")
        self._mirror = ThreadPoolExecutor(2, thread_name_prefix="shadow")
        self._mirrored = threading.BoundedSemaphore(_MIRRORED)
        self.traffic = Traffic(endpoint, Fleet(engine, endpoint, config))
        self.observer = Observer(engine, endpoint)
        self.rollout: Rollout | None = None
        self.closed = threading.Event()
        self.awake = threading.Event()
        self.awake.set()
        self.capture(config)

    def capture(self, config: Members) -> None:
        """Capture data from now on as a configuration says."""
        model = self.traffic.fleet.variants[0].model
        found = capture_of(self._engine, self._endpoint, config, model)
        self.observer.capture = found

    def ask(
        self,
        call: Call,
        *,
        target: str | None = None,
        server: Server | None = None,
        started: float | None = None,
    ) -> tuple[Variant, Answer]:
        """Put one request to the variant on which it falls.

        Args:
            call: The request.
            target: Name of the variant that is to answer.
            server: Answers instead of the variant's own containers.
            started: When the request came, by `time.monotonic`.

        Returns:
            Who answered, and what.

        Raises:
            AwsError: There is no such variant, model or capacity.
            JobError: The container crashed, was closed, or took too long.
        """
        self.awake.wait(call.timeout)
        chosen = self.traffic.choose(target)
        if chosen is None:
            raise AwsError("ValidationError", f"Variant {target} not found for Request")
        fleet, variant = chosen
        if server is None and variant.model is not None:
            check_target(self._endpoint, variant.model, call.headers)
        begun = time.monotonic()
        overhead = begun - (started or begun)
        for shadow in fleet.shadows:
            self._copy(shadow, variant, call)
        return variant, self._answer(variant, server, call, overhead)

    def _answer(
        self,
        variant: Variant,
        server: Server | None,
        call: Call,
        overhead: float,
    ) -> Answer:
        begun = time.monotonic()
        status, captured = 500, None
        capture = self.observer.capture
        try:
            answer = (server or variant).invoke(call)
            status = answer.status
            if (
                capture is not None
                and status < 400
                and self._random.random() < capture.fraction
            ):
                captured = (call, answer)
        except AwsError as error:
            status = error.status
            raise
        finally:
            took = time.monotonic() - begun
            now = self._engine.clock.now()
            self.observer.note(
                Note(
                    variant.name,
                    now,
                    status,
                    took,
                    overhead,
                    variant.instances,
                    captured,
                )
            )
            if variant.serverless:
                memory = variant.serverless["MemorySizeInMB"] / _GIBIBYTE
                self._engine.meter.add(
                    "serverless-inference", took * memory, resource=self._endpoint
                )
        if variant.serverless:
            self._engine.meter.add(
                "serverless-inference-bytes",
                len(call.body) + len(answer.body),
                resource=self._endpoint,
            )
        return answer

    def _copy(self, shadow: Variant, variant: Variant, call: Call) -> None:
        """Let a shadow answer beside the request; its answer is dropped."""
        share = shadow.weight / variant.weight if variant.weight else 1.0
        if self._random.random() >= share or not self._mirrored.acquire(blocking=False):
            return

        def mirror() -> None:
            try:
                with contextlib.suppress(AwsError, JobError):
                    self._answer(shadow, None, replace(call, timeout=60.0), 0.0)
            finally:
                self._mirrored.release()

        with contextlib.suppress(RuntimeError):
            self._mirror.submit(mirror)

    def close(self) -> None:
        """End every container, and send what is still to be sent."""
        self.closed.set()
        for fleet in (self.traffic.fleet, self.traffic.green):
            if fleet is not None:
                fleet.close()
        if self.rollout is not None:
            self.rollout.green.close()
        self._mirror.shutdown(cancel_futures=True)
        self.observer.close()
