"""What AWS would have billed: usage, times the dated prices of `prices.yaml`.

A price that the file does not hold is never made up: the line then has no cost, and
says why. Free tiers, taxes, discounts and minimum charges are left out.
"""

import functools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PRICES = Path(__file__).with_name("prices.yaml")


@dataclass(frozen=True)
class Price:
    """The price of one kind of usage, or why there is none.

    Attributes:
        service: AWS's name of the service.
        usage: What is charged for, in words.
        unit: What one unit is, such as `hours`.
        per: How much measured usage makes one unit.
        value: US dollars a unit; None if unknown.
        note: What a reader of the bill should know of the price.
    """

    service: str
    usage: str
    unit: str
    per: float
    value: float | None
    note: str


class Meter:
    """Adds up what is used; safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str, str], float] = {}
        self._unsaved: set[tuple[str, str, str]] = set()

    def add(
        self,
        kind: str,
        quantity: float,
        *,
        instance: str | None = None,
        resource: str = "",
    ) -> None:
        """Record usage.

        Args:
            kind: A kind of `prices.yaml`: training, processing, transform or endpoint
                (in seconds), serverless-inference (in GB-seconds), s3-put or s3-get
                (in requests), logs-bytes.
            quantity: How much, in the measure of the kind.
            instance: Instance type, where the kind has one.
            resource: Name of what used it.

        Raises:
            ValueError: If the quantity is negative.
        """
        if quantity < 0:
            raise ValueError(f"usage of {kind} cannot be negative: {quantity}")
        key = (kind, instance or "", resource)
        with self._lock:
            self._used[key] = self._used.get(key, 0.0) + quantity
            self._unsaved.add(key)

    def bill(self) -> list[dict[str, Any]]:
        """Return one line for each kind of usage and resource, in a fixed order.

        Returns:
            service, usage, resource, quantity, unit, unit_price (USD or None), cost
            (USD or None), note, simulated.
        """
        with self._lock:
            used = sorted(self._used.items())
        return [
            line(kind, quantity, instance=instance or None, resource=resource)
            for (kind, instance, resource), quantity in used
        ]

    def reset(self) -> None:
        """Forget all usage."""
        with self._lock:
            self._used.clear()
            self._unsaved.clear()

    def unsaved(self) -> list[list[Any]]:
        """Return the kind, instance, resource and sum of what is not saved yet."""
        with self._lock:
            return [[*key, self._used[key]] for key in sorted(self._unsaved)]

    def saved(self, sums: list[list[Any]]) -> None:
        """Take note that sums of `unsaved` stand in the journal."""
        with self._lock:
            for *key, quantity in sums:
                if self._used.get(tuple(key)) == quantity:
                    self._unsaved.discard(tuple(key))

    def restore(self, sums: list[list[Any]]) -> None:
        """Take up sums that were saved."""
        with self._lock:
            for kind, instance, resource, quantity in sums:
                self._used[kind, instance, resource] = quantity


def line(
    kind: str, quantity: float, *, instance: str | None = None, resource: str = ""
) -> dict[str, Any]:
    """Return the line that a bill would have for some usage.

    Args:
        kind: As in `Meter.add`.
        quantity: As in `Meter.add`.
        instance: As in `Meter.add`.
        resource: As in `Meter.add`.
    """
    price = price_of(kind, instance)
    units = quantity / price.per
    return {
        "service": price.service,
        "usage": f"{price.usage} {instance}" if instance else price.usage,
        "resource": resource,
        "quantity": round(units, 6),
        "unit": price.unit,
        "unit_price": price.value,
        "cost": None if price.value is None else round(units * price.value, 6),
        "note": price.note,
        "simulated": True,
    }


def left_running(instance: str, kind: str = "endpoint", count: int = 1) -> float | None:
    """Return what instances cost in a month in which nobody stops them.

    Args:
        instance: Instance type, such as ml.m5.large.
        kind: endpoint or training.
        count: How many run.

    Returns:
        US dollars for 730 hours; None if the price is unknown.
    """
    seconds = _prices()["hours_per_month"] * 3600 * count
    return line(kind, seconds, instance=instance)["cost"]


def price_of(kind: str, instance: str | None = None) -> Price:
    """Return the price of a kind of usage.

    Args:
        kind: As in `Meter.add`.
        instance: Instance type, where the kind has one.
    """
    found = _prices()["kinds"].get(kind)
    if found is None:
        return Price(kind, kind, "", 1, None, f"no price for usage {kind!r}")
    row = found["instances"].get(instance, {}) if "instances" in found else found
    value = row.get("price")
    if value is None:
        note = f"no price for {instance} in {_PRICES.name}: see {found['source']}"
    elif row["verified"]:
        note = ""
    else:
        note = f"unverified: {_prices()['bases'][row['basis']]}"
    return Price(
        found["service"], found["usage"], found["unit"], found["per"], value, note
    )


def as_of() -> str:
    """Return the date and region of the prices, such as `2026-11-24, us-east-1`."""
    return f"{_prices()['as_of']}, {_prices()['region']}"


def memory_bytes(instance: str) -> int | None:
    """Return the memory of a machine, or None for a type that is not in the file."""
    gibibytes = _prices()["memory_gib"].get(instance)
    return gibibytes and gibibytes * 2**30


@functools.cache
def _prices() -> dict[str, Any]:
    data = yaml.safe_load(_PRICES.read_text())
    return data | {"kinds": {row["kind"]: row for row in data["services"]}}
