"""Workers: what a run takes, what an application may have, what they cost."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localaws.limits import limit, limits
from localaws.services.context import Context
from localaws.services.emrserverless.operations import invalid

_GIB = {"": 1 / 2**30, "k": 2**-20, "m": 2**-10, "g": 1, "t": 2**10}
_SIZE = re.compile(r"(\d+)\s*([kmgt]?)b?", re.IGNORECASE)
_OVERHEAD, _LEAST_OVERHEAD = 0.1, 384 / 1024
_CORES, _MEMORY, _DISK, _EXECUTORS = "4", "14g", "20g", "3"
_MINUTE = 60
Members = dict[str, Any]


@dataclass(frozen=True)
class Worker:
    """Some workers of one kind.

    Attributes:
        count: How many.
        cpu: vCPU of each.
        memory: GB of each.
        disk: GB of each.
    """

    count: int
    cpu: int
    memory: int
    disk: int


def number(text: str) -> int:
    """Return the number of a size such as `4 vCPU` or `16GB`."""
    found = re.match(r"\d+", text)
    if found is None:
        raise invalid(f"{text!r} is not a size of a worker.")
    return int(found[0])


def initial(given: Mapping[str, Members]) -> list[Worker]:
    """Return the workers of an initialCapacity, checked."""
    found = []
    for kind, one in given.items():
        if kind.lower() not in ("driver", "executor"):
            raise invalid(f"Worker type {kind} is not supported for SPARK.")
        size = one.get("workerConfiguration", {"cpu": _CORES, "memory": "16"})
        worker = Worker(
            one["workerCount"],
            number(size["cpu"]),
            number(size["memory"]),
            number(size.get("disk", _DISK)),
        )
        found.append(_checked(worker))
    return found


def _checked(worker: Worker) -> Worker:
    known = limits("emr_serverless", "workers")
    least, most = limits("emr_serverless", "disk_gb")
    if worker.cpu not in known:
        raise invalid(f"A worker has {', '.join(map(str, known))} vCPU: {worker.cpu}.")
    low, high = known[worker.cpu]
    if not low <= worker.memory <= high:
        raise invalid(
            f"A worker of {worker.cpu} vCPU has {low} to {high} GB of memory, memory "
            f"overhead included: {worker.memory}."
        )
    if not least <= worker.disk <= most:
        raise invalid(f"A worker has {least} to {most} GB of disk: {worker.disk}.")
    return worker


def of_run(settings: Mapping[str, str]) -> tuple[Worker, Worker]:
    """Return driver and executors of a job run, by its settings of Spark.

    Raises:
        AwsError: There are no such workers.
    """
    count = settings.get("spark.executor.instances", _EXECUTORS)
    return _worker(settings, "driver", "1"), _worker(settings, "executor", count)


def _worker(settings: Mapping[str, str], kind: str, count: str) -> Worker:
    cores = settings.get(f"spark.{kind}.cores", _CORES)
    if not (cores.isdecimal() and count.isdecimal()):
        raise invalid(f"spark.{kind}.cores and instances are whole numbers.")
    memory = _gib(settings.get(f"spark.{kind}.memory", _MEMORY))
    more = settings.get(f"spark.{kind}.memoryOverhead")
    overhead = max(_OVERHEAD * memory, _LEAST_OVERHEAD)
    if more is not None:
        overhead = _gib(f"{more}m" if more.isdecimal() else more)
    disk = _gib(settings.get(f"spark.emr-serverless.{kind}.disk", _DISK))
    return _checked(
        Worker(int(count), int(cores), math.ceil(memory + overhead), math.ceil(disk))
    )


def _gib(text: str) -> float:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise invalid(f"{text!r} is not a size of memory or disk.")
    return int(found[1]) * _GIB[found[2].lower()]


def total(workers: Sequence[Worker]) -> tuple[int, int, int]:
    """Return vCPU, memory and disk of workers together."""
    return (
        sum(one.count * one.cpu for one in workers),
        sum(one.count * one.memory for one in workers),
        sum(one.count * one.disk for one in workers),
    )


def fitting(
    wanted: tuple[Worker, Worker], taken: Sequence[Worker], most: Mapping[str, str]
) -> list[Worker] | None:
    """Return the workers that a run gets, or None if it cannot begin.

    Args:
        wanted: Its driver and executors.
        taken: What other runs of the application have.
        most: The application's maximumCapacity; empty for no limit.
    """
    driver, executor = wanted
    for count in range(executor.count, 0 if executor.count else -1, -1):
        found = [
            driver,
            Worker(count, executor.cpu, executor.memory, executor.disk),
        ]
        used = total([*taken, *found])
        named = zip(("cpu", "memory", "disk"), used, strict=True)
        if all(size <= number(most[name]) for name, size in named if name in most):
            return found
    return None


def beyond(most: Mapping[str, str]) -> str:
    """Return the reason of a run that does not fit into its application."""
    shown = ", ".join(f"{name}: {size}" for name, size in most.items())
    return (
        "Job failed, please check complete logs in configured logging destination. "
        "ApplicationMaxCapacityExceededException: Worker could not be allocated as the "
        f"application has exceeded maximumCapacity settings: [{shown}]"
    )


def charge(
    context: Context, application: Members, workers: Sequence[Worker], seconds: float
) -> Members:
    """Charge for a run's workers; return what it used and what was billed.

    Args:
        context: The endpoint.
        application: Where it ran.
        workers: Its.
        seconds: How long it had them.
    """
    cpu, memory, disk = total(workers)
    free = limit("emr_serverless", "free_disk_gb") * sum(one.count for one in workers)
    billed = max(seconds, _MINUTE)
    kind, name = application["architecture"], application["id"]
    meter = context.meter
    meter.add("emr-serverless-vcpu", cpu * billed, instance=kind, resource=name)
    meter.add("emr-serverless-memory", memory * billed, instance=kind, resource=name)
    extra = max(0.0, disk - free)
    if extra:
        meter.add("emr-serverless-storage", extra * billed, resource=name)
    return {
        "totalResourceUtilization": _hours(cpu, memory, disk, seconds),
        "billedResourceUtilization": _hours(cpu, memory, extra, billed),
    }


def _hours(cpu: float, memory: float, disk: float, seconds: float) -> Members:
    names = ("vCPUHour", "memoryGBHour", "storageGBHour")
    sizes = (cpu, memory, disk)
    return {
        name: round(size * seconds / 3600, 3)
        for name, size in zip(names, sizes, strict=True)
    }
