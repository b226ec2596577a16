"""Clusters after their start: what they are told, and what they show."""

import math
from collections.abc import Iterator
from typing import Any

from localaws.services.context import Context
from localaws.services.emr.creating import concurrency, idle
from localaws.services.emr.documents import (
    CLUSTERS,
    OVER,
    cluster_of,
    invalid,
    summary,
)
from localaws.services.emr.instances import normalized_hours
from localaws.services.emr.lifecycle import Clusters
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

_PAGE = 50
_SHOWN = (
    *("LogUri", "ReleaseLabel", "Configurations", "ScaleDownBehavior", "ServiceRole"),
    *("Applications", "Tags", "TerminationProtected", "StepConcurrencyLevel"),
)
_STATES = {"STARTING": "PROVISIONING", "WAITING": "RUNNING"}
_USER = {"Code": "USER_REQUEST", "Message": "Terminated by user request"}


def _summary(context: Context, cluster: Members) -> Members:
    return summary(cluster, normalized_hours(cluster, context.clock.now()))


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeCluster."""
    cluster_of(context, given["ClusterId"])
    context.part(Clusters).polled(given["ClusterId"])
    cluster = cluster_of(context, given["ClusterId"])
    fleet = cluster["machines"][0]["fleet"]
    return {
        "Cluster": {
            **{name: cluster[name] for name in _SHOWN if name in cluster},
            **_summary(context, cluster),
            "Ec2InstanceAttributes": {
                **cluster["place"],
                "IamInstanceProfile": cluster["JobFlowRole"],
            },
            "InstanceCollectionType": "INSTANCE_FLEET" if fleet else "INSTANCE_GROUP",
            "AutoTerminate": not cluster["keep"],
            "VisibleToAllUsers": True,
        }
    }


def listed(context: Context, given: Members) -> Members:
    """Answer ListClusters, newest first."""
    context.part(Clusters).polled()
    after = given.get("CreatedAfter", 0.0)
    before = given.get("CreatedBefore", math.inf)
    states = given.get("ClusterStates")
    found = []
    for one in [*context.part(Records).all(CLUSTERS).values()][::-1]:
        made = one["Timeline"]["CreationDateTime"].timestamp()
        if after < made < before and (not states or one["State"] in states):
            found.append(_summary(context, one))
    return page("Clusters", found, given, _PAGE, "Marker")


def terminate(context: Context, given: Members) -> None:
    """Answer TerminateJobFlows."""
    with context.part(Records).lock:
        found = [cluster_of(context, key) for key in given["JobFlowIds"]]
        free = [one for one in found if not one["TerminationProtected"]]
        for cluster in free:
            context.part(Clusters).end(cluster["Id"], _USER)
        if any(one["State"] not in OVER for one in found if one not in free):
            raise invalid(
                "Could not shut down one or more job flows since they are termination "
                "protected."
            )


def _changed(context: Context, keys: list[str], **members: Any) -> None:
    records = context.part(Records)
    with records.lock:
        for key in keys:
            if cluster_of(context, key)["State"] in OVER:
                raise invalid(
                    "A job flow that is shutting down, terminated, or finished may not "
                    "be modified."
                )
        for key in keys:
            records.change(CLUSTERS, key, **members)
            context.part(Clusters).go_on(key)


def protect(context: Context, given: Members) -> None:
    """Answer SetTerminationProtection."""
    value = given["TerminationProtected"]
    _changed(context, given["JobFlowIds"], TerminationProtected=value)


def keep(context: Context, given: Members) -> None:
    """Answer SetKeepJobFlowAliveWhenNoSteps."""
    _changed(context, given["JobFlowIds"], keep=given["KeepJobFlowAliveWhenNoSteps"])


def modify(context: Context, given: Members) -> Members:
    """Answer ModifyCluster."""
    level = concurrency(given.get("StepConcurrencyLevel", 1))
    _changed(context, [given["ClusterId"]], StepConcurrencyLevel=level)
    return {"StepConcurrencyLevel": level}


def put_policy(context: Context, given: Members) -> Members:
    """Answer PutAutoTerminationPolicy."""
    seconds = idle(given.get("AutoTerminationPolicy", {}))
    _changed(context, [given["ClusterId"]], idle=seconds)
    return {}


def get_policy(context: Context, given: Members) -> Members:
    """Answer GetAutoTerminationPolicy."""
    seconds = cluster_of(context, given["ClusterId"])["idle"]
    return {"AutoTerminationPolicy": {"IdleTimeout": seconds}} if seconds else {}


def remove_policy(context: Context, given: Members) -> Members:
    """Answer RemoveAutoTerminationPolicy."""
    _changed(context, [given["ClusterId"]], idle=None)
    return {}


def tag(context: Context, given: Members) -> Members:
    """Answer AddTags."""
    records, key = context.part(Records), given["ResourceId"]
    with records.lock:
        tags = {one["Key"]: one for one in cluster_of(context, key)["Tags"]}
        tags |= {one["Key"]: one for one in given["Tags"]}
        records.change(CLUSTERS, key, Tags=[*tags.values()])
    return {}


def untag(context: Context, given: Members) -> Members:
    """Answer RemoveTags."""
    records, key = context.part(Records), given["ResourceId"]
    with records.lock:
        tags = cluster_of(context, key)["Tags"]
        left = [one for one in tags if one["Key"] not in given["TagKeys"]]
        records.change(CLUSTERS, key, Tags=left)
    return {}


def _machines(cluster: Members, fleet: bool) -> Iterator[Members]:
    state = "TERMINATED" if cluster["State"] in OVER[1:] else cluster["State"]
    running = "rented" in cluster and state not in OVER
    for one in cluster["machines"]:
        if one["fleet"] == fleet:
            yield {
                "Id": one["id"],
                "Name": one["name"],
                "Status": {
                    "State": _STATES.get(state, state),
                    "Timeline": cluster["Timeline"],
                },
                "count": one["count"] if running else 0,
                "machines": one,
            }


def groups(context: Context, given: Members) -> Members:
    """Answer ListInstanceGroups."""
    cluster = cluster_of(context, given["ClusterId"])
    if cluster["machines"][0]["fleet"]:
        raise invalid("Instance fleets and instance groups are mutually exclusive.")
    found = [
        {
            **one,
            "Market": "ON_DEMAND",
            "InstanceGroupType": one["machines"]["role"],
            "InstanceType": one["machines"]["type"],
            "RequestedInstanceCount": one["machines"]["count"],
            "RunningInstanceCount": one["count"],
        }
        for one in _machines(cluster, fleet=False)
    ]
    return page("InstanceGroups", found, given, _PAGE, "Marker")


def fleets(context: Context, given: Members) -> Members:
    """Answer ListInstanceFleets."""
    cluster = cluster_of(context, given["ClusterId"])
    if not cluster["machines"][0]["fleet"]:
        raise invalid("Instance fleets and instance groups are mutually exclusive.")
    found = [
        {
            **one,
            "InstanceFleetType": one["machines"]["role"],
            "TargetOnDemandCapacity": one["machines"]["target"],
            "ProvisionedOnDemandCapacity": one["count"] * one["machines"]["weight"],
            "InstanceTypeSpecifications": one["machines"]["types"],
        }
        for one in _machines(cluster, fleet=True)
    ]
    return page("InstanceFleets", found, given, _PAGE, "Marker")


OPERATIONS = {
    "DescribeCluster": describe,
    "ListClusters": listed,
    "TerminateJobFlows": terminate,
    "SetTerminationProtection": protect,
    "SetKeepJobFlowAliveWhenNoSteps": keep,
    "ModifyCluster": modify,
    "PutAutoTerminationPolicy": put_policy,
    "GetAutoTerminationPolicy": get_policy,
    "RemoveAutoTerminationPolicy": remove_policy,
    "AddTags": tag,
    "RemoveTags": untag,
    "ListInstanceGroups": groups,
    "ListInstanceFleets": fleets,
}
