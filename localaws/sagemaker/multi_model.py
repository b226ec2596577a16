"""Multi-model endpoints: one container that loads models from a prefix when asked."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.jobs import Answer, JobError, ModelServerError
from localaws.sagemaker.call import Call
from localaws.sagemaker.containers import Container
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import LogStream
from localaws.sagemaker.tally import Tally
from localaws.sagemaker.transfer import TransferError

MODEL = "x-amzn-sagemaker-target-model"
LOADED = 4
Members = dict[str, Any]


def check_multi_model(definition: Members) -> None:
    """Raise `ValidationError` unless a definition names a prefix if it has to."""
    multi = definition.get("Mode") == "MultiModel"
    if "MultiModelConfig" in definition and not multi:
        raise ValidationError("MultiModelConfig needs the Mode MultiModel.")
    if not multi:
        return
    uri = definition.get("ModelDataUrl")
    if uri is None:
        raise ValidationError("A container in the Mode MultiModel needs ModelDataUrl.")
    if uri.endswith(".tar.gz"):
        raise ValidationError(
            f"ModelDataUrl of a container in the Mode MultiModel is the prefix of its "
            f"models; found {uri}."
        )


class _Slot:
    """One model that is loaded, or about to be."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.loading = threading.Lock()
        self.loaded = False
        self.error: Exception | None = None
        self.users = 0


class MultiModel:
    """Serves every model below a prefix of S3.

    A model is fetched and loaded when a request first names it. Of more than `LOADED`
    models, the one that was asked longest ago is unloaded. An archive that changes in
    S3 is seen when its model is loaded the next time, as on AWS.

    Args:
        engine: What it acts with.
        name: Of whom it serves.
        definition: A `ContainerDefinition` whose `ModelDataUrl` is the prefix.
        role_arn: Execution role.
        log: Where the output of every model goes.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        definition: Members,
        role_arn: str,
        log: LogStream,
    ) -> None:
        self._new = (engine, name)
        self._definition = definition
        self._role = role_arn
        self._lock = threading.Lock()
        self._slots: OrderedDict[str, _Slot] = OrderedDict()
        self._closed = False
        setting = definition.get("MultiModelConfig", {}).get("ModelCacheSetting")
        self._kept = 0 if setting == "Disabled" else LOADED
        self.log = log
        self._tally = engine.part(Tally)
        kind, _, owner = log.group.rpartition("/")
        component = kind.endswith("InferenceComponents")
        self._dimensions = (
            ("InferenceComponentName" if component else "EndpointName", owner),
            ("VariantName", log.stream.partition("/")[0]),
        )

    def start(self, timeout: float = 60.0) -> None:
        """Load nothing: no model has been asked for."""

    def invoke(self, call: Call) -> Answer:
        """Ask the model that the headers name.

        Raises:
            AwsError: The model is not below the prefix.
            ModelServerError: It did not load, or crashed.
        """
        with self._loaded(call.headers[MODEL], call.timeout) as container:
            return container.invoke(call)

    @contextmanager
    def _loaded(self, target: str, timeout: float) -> Iterator[Container]:
        with self._lock:
            if self._closed:
                raise ModelServerError("the container is closed")
            hit = target in self._slots
            slot = self._slots.get(target) or self._slot(target)
            slot.users += 1
            self._slots.move_to_end(target)
        self._measure("ModelCacheHit", float(hit))
        self._evict(max(self._kept, 1))
        try:
            began = time.perf_counter()
            self._load(target, slot, timeout)
            if not hit:
                self._took("ModelLoadingWaitTime", began)
            yield slot.container
        finally:
            with self._lock:
                slot.users -= 1
            self._evict(self._kept)

    def _slot(self, target: str) -> _Slot:
        uri = f"{self._definition['ModelDataUrl'].rstrip('/')}/{target.lstrip('/')}"
        definition = {**self._definition, "ModelDataUrl": uri}
        slot = _Slot(Container(*self._new, definition, self._role, self.log))
        self._slots[target] = slot
        return slot

    def _load(self, target: str, slot: _Slot, timeout: float) -> None:
        with slot.loading:
            if slot.error:
                raise slot.error
            if slot.loaded:
                return
            began = time.perf_counter()
            try:
                slot.container.start(timeout)
            except Exception as error:
                slot.error = self._failure(target, error)
                with self._lock:
                    self._slots.pop(target, None)
                slot.container.close()
                raise slot.error from error
            finally:
                self.log.flush()
            self._took("ModelLoadingTime", began)
            slot.loaded = True

    def _measure(self, name: str, value: float) -> None:
        self._tally.add(self._dimensions, name, value)

    def _took(self, name: str, began: float) -> None:
        self._measure(name, (time.perf_counter() - began) * 1e6)

    def _failure(self, target: str, error: Exception) -> Exception:
        prefix = self._definition["ModelDataUrl"].rstrip("/")
        bucket, _, key = f"{prefix}/{target}".removeprefix("s3://").partition("/")
        if isinstance(error, TransferError):
            return AwsError(
                "ValidationError",
                f"Failed to download model data(bucket: {bucket}, key: {key}). Please "
                "ensure that there is an object located at the URL and that the role "
                "passed to CreateModel has permissions to download the model.",
            )
        if isinstance(error, JobError):
            return ModelServerError(f"the model {target} did not load: {error}")
        return error

    def _evict(self, kept: int) -> None:
        """Unload the models that were asked longest ago and answer nobody now."""
        with self._lock:
            idle = [n for n, s in self._slots.items() if s.loaded and not s.users]
            over = max(len(self._slots) - kept, 0)
            gone = [self._slots.pop(name) for name in idle[:over]]
        for slot in gone:
            began = time.perf_counter()
            slot.container.close()
            self._took("ModelUnloadingTime", began)

    def close(self) -> None:
        """Unload every model."""
        with self._lock:
            self._closed = True
            slots = list(self._slots.values())
            self._slots.clear()
        for slot in slots:
            slot.container.close()
