"""The machines of a cluster: groups or fleets, what they are and what they cost."""

import datetime as dt
import math
from typing import Any

from localaws import meter
from localaws.errors import NotImplementedHere
from localaws.limits import limit
from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.emr.documents import identity, invalid
from localaws.services.emr.releases import instance_types

_NAMES = {"MASTER": "Primary", "CORE": "Core", "TASK": "Task"}
_MINIMUM = 60
# Normalized hours of an hour, by the size of the machine.
_SIZES = {"small": 1, "medium": 2, "large": 4, "xlarge": 8}
_EC2, _EMR = "ec2-instance", "emr-instance"
Members = dict[str, Any]


def made(context: Context, given: Members, release: str) -> list[Members]:
    """Return the groups or fleets of a cluster.

    Args:
        context: Where ids come from.
        given: Instances of RunJobFlow.
        release: Its release label.

    Raises:
        AwsError: Amazon EMR does not take them.
    """
    ways = ("InstanceGroups", "InstanceFleets", "MasterInstanceType")
    if sum(name in given for name in ways) != 1:
        raise invalid(
            "Specify either instance groups, instance fleets, or the instance types "
            "and the instance count."
        )
    if "InstanceFleets" in given:
        found = [_fleet(context, one) for one in given["InstanceFleets"]]
    else:
        asked = given.get("InstanceGroups") or _plain(given)
        found = [_group(context, one) for one in asked]
    roles = [one["role"] for one in found]
    if roles.count("MASTER") != 1 or roles.count("CORE") > 1:
        raise invalid(
            "A cluster has one instance group or fleet of the MASTER role, and at most "
            "one of the CORE role."
        )
    _check_types(found, release)
    return found


def _plain(given: Members) -> list[Members]:
    """Return groups of the older way to say what a cluster consists of."""
    count = given.get("InstanceCount", 1)
    first = given["MasterInstanceType"]
    groups = [{"InstanceRole": "MASTER", "InstanceType": first, "InstanceCount": 1}]
    if count > 1:
        kind = given.get("SlaveInstanceType", first)
        core = {"InstanceRole": "CORE", "InstanceType": kind}
        groups.append({**core, "InstanceCount": count - 1})
    return groups


def _group(context: Context, given: Members) -> Members:
    role, count = given["InstanceRole"], given["InstanceCount"]
    if count < 1 or (role == "MASTER" and count != 1):
        raise invalid(f"An instance group {role} of {count} instances is not valid.")
    return {
        "id": identity(context, "ig"),
        "fleet": False,
        "name": given.get("Name", _NAMES[role]),
        "role": role,
        "type": given["InstanceType"],
        "count": count,
    }


def _fleet(context: Context, given: Members) -> Members:
    """Return a fleet of the type that costs least, as `lowest-price` chooses it."""
    role, target = given["InstanceFleetType"], given.get("TargetOnDemandCapacity", 0)
    types = given.get("InstanceTypeConfigs", [])
    if target < 1 or not types:
        raise invalid(f"The instance fleet {role} has no capacity or no types.")

    def price(one: Members) -> tuple[bool, float]:
        value = meter.price_of(_EC2, one["InstanceType"]).value
        count = math.ceil(target / one.get("WeightedCapacity", 1))
        return value is None, (value or 0) * count

    chosen = min(types, key=price)
    return {
        "id": identity(context, "if"),
        "fleet": True,
        "name": given.get("Name", _NAMES[role]),
        "role": role,
        "type": chosen["InstanceType"],
        "count": math.ceil(target / chosen.get("WeightedCapacity", 1)),
        "target": target,
        "weight": chosen.get("WeightedCapacity", 1),
        "types": types,
    }


def _check_types(found: list[Members], release: str) -> None:
    known = {one["Type"] for one in instance_types(release)}
    kinds = {kind["InstanceType"] for one in found for kind in one.get("types", ())}
    for kind in sorted(kinds | {one["type"] for one in found}):
        if kind not in known:
            raise invalid(
                f"Instance type '{kind}' is not supported by release {release}."
            )
    if sum(one["count"] for one in found) > limit("emr", "instances"):
        raise NotImplementedHere(
            "elasticmapreduce:RunJobFlow with so many instances", "starts them"
        )


def rent(context: Context, cluster: Members) -> None:
    """Begin to charge for the machines: EC2's price and EMR's."""
    for one in cluster["machines"]:
        cost = (one["type"], one["count"])
        name = f"{cluster['Id']}/{one['role']}/{one['id']}"
        rentals.rent(context, name, {_EC2: cost, _EMR: cost})


def release(context: Context, cluster: Members) -> None:
    """Charge for the last time, and for a minute at least."""
    for one in cluster["machines"]:
        name = f"{cluster['Id']}/{one['role']}/{one['id']}"
        rentals.end(context, name)
        began = cluster.get("rented")
        if began is None:
            continue
        missing = _MINIMUM - (cluster["released"] - began).total_seconds()
        for kind in (_EC2, _EMR):
            quantity = max(0.0, missing) * one["count"]
            context.meter.add(kind, quantity, instance=one["type"], resource=name)


def normalized_hours(cluster: Members, now: dt.datetime) -> int:
    """Return how many hours of the smallest machine a cluster's are taken for."""
    if "rented" not in cluster:
        return 0
    end = cluster.get("released", now)
    hours = math.ceil((end - cluster["rented"]).total_seconds() / 3600)
    return sum(
        _factor(one["type"]) * one["count"] * hours for one in cluster["machines"]
    )


def _factor(kind: str) -> int:
    size = kind.rpartition(".")[2]
    many = size.removesuffix("xlarge")
    return 8 * int(many) if many.isdecimal() else _SIZES.get(size, 8)
