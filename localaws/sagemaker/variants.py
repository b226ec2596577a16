"""What serves an endpoint configuration: its variants, and which of them answers."""

import contextlib
import random
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.errors import AwsError
from localaws.jobs import Answer, JobError
from localaws.sagemaker.call import Call
from localaws.sagemaker.chains import served
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import Logs, LogStream

GROUP = "/aws/sagemaker/Endpoints"
IDLE = 300
_WAIT = 60.0
Members = dict[str, Any]


class Variant:
    """One running variant.

    Args:
        engine: What it acts with.
        endpoint: Name of the endpoint.
        definition: A `ProductionVariant`.

    Attributes:
        name: Of the variant.
        model: The `Model` that it serves; None where inference components do.
        definition: As it was given.
        summary: What DescribeEndpoint shows of it.
        container: What answers.
    """

    def __init__(self, engine: Engine, endpoint: str, definition: Members) -> None:
        self.name: str = definition["VariantName"]
        self.definition = definition
        self.model: Members | None = None
        self.container: Any = None
        self.log: LogStream | None = None
        self._clock = engine.clock
        self._busy = 0
        self._used = engine.clock.now()
        self._lock = threading.Lock()
        if "ModelName" in definition:
            self.model = engine.store.find("Model", definition["ModelName"])
            self.log = engine.part(Logs).open(
                f"{GROUP}/{endpoint}",
                f"{self.name}/i-{engine.clock.count('instance'):017x}",
            )
            self.container = served(engine, endpoint, self.model, self.log)
        self.summary = _summary(self.model, definition, engine.clock.now())

    @property
    def weight(self) -> float:
        """Share of the traffic, to be divided by the sum of all."""
        return self.summary["CurrentWeight"]

    @property
    def serverless(self) -> Members | None:
        """Its `ServerlessConfig`; None if it has instances."""
        return self.summary.get("CurrentServerlessConfig")

    @property
    def instances(self) -> int:
        """How many instances it is billed for, 0 without instances."""
        return self.summary.get("CurrentInstanceCount", 0)

    def start(self) -> None:
        """Load the model; a serverless container then stops until it is called."""
        if self.container is None:
            return
        limit = self.definition.get("ContainerStartupHealthCheckTimeoutInSeconds")
        self.container.start(float(limit or _WAIT))
        assert self.log is not None
        self.log.flush()
        if self.serverless:
            self.container.rest()

    @contextlib.contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold one of the concurrent requests that a serverless variant may have.

        Raises:
            AwsError: `ThrottlingException`: there are as many already.
        """
        if not self.serverless:
            yield
            return
        with self._lock:
            if self._busy >= self.serverless["MaxConcurrency"]:
                raise AwsError("ThrottlingException", "Rate exceeded", 429)
            idle = self._clock.now() - self._used
            if not self._busy and idle.total_seconds() > IDLE:
                self.container.rest()
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._used = self._clock.now()

    def invoke(self, call: Call) -> Answer:
        """Put one request to the model.

        Raises:
            AwsError: `ThrottlingException`, beyond the concurrency of a serverless one.
            JobError: The container crashed, was closed, or took too long.
        """
        with self.admitted():
            return self.container.invoke(call)

    def close(self) -> None:
        """End its containers."""
        if self.container is not None:
            self.container.close()


def _summary(model: Members | None, definition: Members, now: Any) -> Members:
    weight = definition.get("InitialVariantWeight", 1.0)
    shown: Members = {
        "VariantName": definition["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
    if model:
        containers = model.get("Containers") or [model["PrimaryContainer"]]
        shown["DeployedImages"] = [
            {"SpecifiedImage": one["Image"], "ResolutionTime": now}
            for one in containers
            if "Image" in one
        ]
    serverless = definition.get("ServerlessConfig")
    if serverless:
        shown["CurrentServerlessConfig"] = dict(serverless)
        shown["DesiredServerlessConfig"] = dict(serverless)
    else:
        count = definition.get("InitialInstanceCount", 1)
        shown["CurrentInstanceCount"] = shown["DesiredInstanceCount"] = count
        shown["InstanceType"] = definition.get("InstanceType")
    return shown


class Fleet:
    """The variants of one endpoint configuration.

    Args:
        engine: What it acts with.
        endpoint: Name of the endpoint.
        config: The `EndpointConfig`.
        kept: Summaries of variants whose weights and counts are taken over.
    """

    def __init__(
        self,
        engine: Engine,
        endpoint: str,
        config: Members,
        kept: Mapping[str, Members] | None = None,
    ) -> None:
        self.config = config
        self.variants: list[Variant] = []
        self.shadows: list[Variant] = []
        self._closing = threading.Lock()
        self._closed = False
        try:
            for member, found in (
                ("ProductionVariants", self.variants),
                ("ShadowProductionVariants", self.shadows),
            ):
                for definition in config.get(member, []):
                    found.append(Variant(engine, endpoint, definition))
        except AwsError:
            self.close()
            raise
        for variant in self.variants:
            variant.summary |= (kept or {}).get(variant.name, {})

    def start(self) -> None:
        """Load every model.

        Raises:
            VariantFailed: One did not load.
        """
        for variant in [*self.variants, *self.shadows]:
            try:
                variant.start()
            except JobError as error:
                if variant.log:
                    variant.log.flush()
                raise VariantFailed(variant.name, error) from error

    def variant(self, name: str) -> Variant | None:
        """Return a variant by name."""
        return next((one for one in self.variants if one.name == name), None)

    def choose(self, draw: float) -> Variant:
        """Return the variant on which a number from 0 to 1 falls, by weight."""
        if len(self.variants) == 1:
            return self.variants[0]
        weights = [variant.weight for variant in self.variants]
        left = draw * sum(weights)
        for variant, weight in zip(self.variants, weights, strict=True):
            if left < weight:
                return variant
            left -= weight
        return self.variants[-1]

    def close(self) -> None:
        """End every container, once."""
        with self._closing:
            if not self._closed:
                self._closed = True
                for variant in [*self.variants, *self.shadows]:
                    variant.close()


class VariantFailed(Exception):
    """A variant did not become ready; the text is the reason on AWS.

    Args:
        variant: Its name.
        error: What happened.
    """

    def __init__(self, variant: str, error: JobError) -> None:
        tail = getattr(error, "tail", None)
        if tail is None:
            super().__init__(str(error))
            return
        super().__init__(
            f"The primary container for production variant {variant} did not pass the "
            "ping health check. Please check CloudWatch logs for this endpoint. "
            f"{' '.join(tail[-3:])}"
        )


class Traffic:
    """Which fleet, and which of its variants, answers a request.

    The order of random choices depends on the endpoint's name alone.

    Args:
        endpoint: Name of the endpoint.
        fleet: What answers.

    Attributes:
        fleet: The fleet in service; blue, while another is tried.
        green: The fleet that is tried, or None.
        share: Part of the traffic that the green fleet gets.
    """

    def __init__(self, endpoint: str, fleet: Fleet) -> None:
        self.fleet = fleet
        self.green: Fleet | None = None
        self.share = 0.0
        self._random = random.Random(endpoint)

    def choose(self, target: str | None = None) -> tuple[Fleet, Variant] | None:
        """Return who answers the next request; None if nobody has the name."""
        fleet, green = self.fleet, self.green
        if green is not None and self._random.random() < self.share:
            fleet = green
        if target is None:
            return fleet, fleet.choose(self._random.random())
        for one in (fleet, self.fleet, green):
            found = one.variant(target) if one else None
            if found is not None and one is not None:
                return one, found
        return None
