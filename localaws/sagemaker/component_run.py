"""What happens to an inference component between its states."""

import logging
import re
from functools import partial
from typing import Any

from localaws.errors import ValidationError
from localaws.jobs import ArchiveError, ModelLoadError
from localaws.meter import memory_bytes
from localaws.sagemaker.call import Server
from localaws.sagemaker.chains import served
from localaws.sagemaker.copies import Copies
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import Logs
from localaws.sagemaker.transfer import TransferError
from localaws.sagemaker.variants import Variant

NOUN = "InferenceComponent"
GROUP = "/aws/sagemaker/InferenceComponents"
COMPUTE = "ComputeResourceRequirements"
CREATING, UPDATING = 120, 60
Members = dict[str, Any]
log = logging.getLogger(__name__)


class _Unplaced(Exception):
    """The instances of the variant have no room for the copies."""


def variant_of(engine: Engine, endpoint: Members, name: str) -> tuple[Variant, str]:
    """Return a variant of an endpoint that hosts components, and their role.

    Raises:
        ValidationError: There is none, or it has a model of its own.
    """
    running = engine.process(endpoint["EndpointArn"])
    variant = running.traffic.fleet.variant(name) if running else None
    where = f"endpoint {endpoint['EndpointName']}"
    if variant is None:
        raise ValidationError(f"The {where} has no variant {name}.")
    if variant.model is not None:
        raise ValidationError(
            f"Variant {name} of {where} has a ModelName; inference components need a "
            "variant without one."
        )
    return variant, running.traffic.fleet.config["ExecutionRoleArn"]


def create(engine: Engine, document: Members) -> None:
    """Start the first copies of a component."""
    reason = _start(engine, document, document, replace=False, before=0)
    status = "Failed" if reason else "InService"
    _settle(engine, document, CREATING, reason, InferenceComponentStatus=status)


def restart(engine: Engine, document: Members, reason: str | None) -> None:
    """Start the copies of a component that had some when the process was killed.

    Args:
        engine: What it acts with.
        document: The component.
        reason: Why an update was given up, or None.
    """
    failed = _start(engine, document, document, replace=False, before=0)
    current = {"CurrentCopyCount": len(document["__copies"])}
    why = failed or reason
    engine.store.change(
        document,
        InferenceComponentStatus="Failed" if failed else "InService",
        RuntimeConfig=document["RuntimeConfig"] | current,
        FailureReason=why[:1024] if why else None,
    )


def update(engine: Engine, document: Members, wanted: Members, replace: bool) -> None:
    """Bring a component to what is wanted; what runs goes on if that fails.

    Args:
        engine: What it acts with.
        document: The component.
        wanted: Its `Specification`, `RuntimeConfig` and `_model` to be.
        replace: Whether it is to serve another model.
    """
    before = len(document["__copies"])
    reason = _start(engine, document, wanted, replace, before)
    status = "Failed" if reason and not before else "InService"
    more = {**({} if reason else wanted), "InferenceComponentStatus": status}
    _settle(engine, document, UPDATING, reason, **more)


def _start(
    engine: Engine, document: Members, wanted: Members, replace: bool, before: int
) -> str | None:
    """Bring the copies to what is wanted; return why not, or None.

    Args:
        engine: What it acts with.
        document: The component.
        wanted: What it is to be.
        replace: Whether it is to serve another model.
        before: How many copies are to be left if that fails.
    """
    copies: Copies = document["__copies"]
    count = wanted["RuntimeConfig"]["DesiredCopyCount"]
    startup = wanted["Specification"].get("StartupParameters", {})
    timeout = startup.get("ContainerStartupHealthCheckTimeoutInSeconds", 60)
    change = copies.replace if replace else copies.resize
    taken = document["_taken"]
    try:
        _place(engine, document, wanted)
        model = wanted["_model"]
        change(count, partial(_server, engine, document, model, timeout))
    except Exception as error:
        document["_taken"] = taken
        copies.shrink(before)
        return _reason(document, error)
    return None


def _reason(document: Members, error: Exception) -> str:
    if isinstance(error, ModelLoadError):
        return (
            "The container of the inference component did not pass the ping health "
            "check. Please check CloudWatch logs for this inference component. "
            f"{' '.join(error.tail[-3:])}"
        )
    if isinstance(error, _Unplaced | TransferError | ArchiveError):
        return str(error)
    log.error("component %s", document["InferenceComponentName"], exc_info=error)
    return f"{type(error).__name__}: {error}"


def _server(
    engine: Engine, document: Members, model: Members, timeout: float
) -> Server:
    """Start one copy of a component."""
    name = document["InferenceComponentName"]
    number = engine.clock.count("instance")
    stream = f"{document['VariantName']}/i-{number:017x}"
    output = engine.part(Logs).open(f"{GROUP}/{name}", stream)
    server = served(engine, name, model, output)
    try:
        server.start(timeout)
    except Exception:
        server.close()
        raise
    output.flush()
    return server


def _place(engine: Engine, document: Members, wanted: Members) -> None:
    """Raise `_Unplaced` unless the variant's instances have room; take it."""
    endpoint = engine.store.find("Endpoint", document["EndpointName"])
    variant, _ = variant_of(engine, endpoint, document["VariantName"])
    kind, count = variant.definition["InstanceType"], variant.instances
    copies = wanted["RuntimeConfig"]["DesiredCopyCount"]
    compute = wanted["Specification"][COMPUTE]
    taken = {name: compute.get(name, 0) * copies for name in ROOM}
    with engine.store.lock:
        others = [
            one["_taken"]
            for one in engine.store.documents(NOUN)
            if one["EndpointName"] == document["EndpointName"]
            and one["VariantName"] == document["VariantName"]
            and one is not document
        ]
        for name, room_of in ROOM.items():
            room = room_of(kind)
            needed = sum(one.get(name, 0) for one in (*others, taken))
            if room is not None and needed > room * count:
                raise _Unplaced(
                    "There are not enough hardware resources on the instances to "
                    f"place the copies: {name} adds up to {needed:g}, and {count} x "
                    f"{kind} have {room * count:g}."
                )
        document["_taken"] = taken


def _memory(instance: str) -> float | None:
    size = memory_bytes(instance)
    return size and size / 2**20


def _cores(instance: str) -> float | None:
    """Return the virtual CPUs of the general types, which their size says."""
    family, size = instance.split(".")[1:]
    if not re.fullmatch(r"[mcrt]\d.*", family):
        return None
    if size in ("medium", "large"):
        return 1.0 if family.endswith("g") and size == "medium" else 2.0
    return 4.0 * int(size.removesuffix("xlarge") or 1)


ROOM = {"MinMemoryRequiredInMb": _memory, "NumberOfCpuCoresRequired": _cores}


def _settle(
    engine: Engine, document: Members, modelled: float, reason: str | None, **more: Any
) -> None:
    engine.clock.elapse(document["_since"], modelled)
    current = more.pop("RuntimeConfig", document["RuntimeConfig"])
    more["RuntimeConfig"] = {**current, "CurrentCopyCount": len(document["__copies"])}
    more["FailureReason"] = reason[:1024] if reason else None
    engine.store.change(document, **more)
