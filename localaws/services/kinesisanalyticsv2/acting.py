"""StartApplication, StopApplication, CreateApplicationSnapshot, DeleteApplication."""

from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.flink_runtime import place
from localaws.services.context import Context
from localaws.services.kinesisanalyticsv2 import history, snapshots
from localaws.services.kinesisanalyticsv2.documents import (
    TABLE,
    demand_state,
    find,
    identity,
)
from localaws.services.kinesisanalyticsv2.lifecycle import Lifecycle
from localaws.services.records import Records

_LATEST = "RESTORE_FROM_LATEST_SNAPSHOT"
_TRANSIENT = ("STARTING", "UPDATING", "STOPPING", "AUTOSCALING", "RUNNING")
_DOWN = (
    "Failed to take snapshot for the application at this moment. The application is "
    "currently experiencing downtime. Please check the application's CloudWatch "
    "metrics or CloudWatch logs for any possible errors and retry the request. You can "
    "also retry the request after disabling the snapshots."
)
Members = dict[str, Any]


def start(context: Context, given: Members) -> Members:
    """Answer StartApplication."""
    name = given["ApplicationName"]
    document = find(context, name)
    demand_state(document, ("READY",), "started")
    if not place.ready():
        raise NotImplementedHere(
            "kinesisanalyticsv2:StartApplication before `make flink` (Apache Flink and "
            f"Java, {place.SIZE})",
            "starts the application",
        )
    told = given.get("RunConfiguration", {})
    asked, restore = restoring(context, document, told)
    context.part(Records).change(TABLE, name, status="STARTING", run=asked)
    operation = history.begin(context, document, "StartApplication")
    lifecycle = context.part(Lifecycle)
    lifecycle.later(name, lifecycle.start, operation, restore)
    return {"OperationId": operation}


def restoring(
    context: Context, document: Members, told: Members
) -> tuple[Members, Members]:
    """Return a RunConfigurationDescription, and what state a run begins with.

    Args:
        context: The endpoint.
        document: The application.
        told: A RunConfiguration.

    Raises:
        AwsError: The snapshot is not there.
    """
    asked = told.get("ApplicationRestoreConfiguration", {})
    kind = asked.get("ApplicationRestoreType", _LATEST)
    lenient = told.get("FlinkRunConfiguration", {}).get("AllowNonRestoredState", False)
    found: Members | None = None
    if kind == "RESTORE_FROM_CUSTOM_SNAPSHOT":
        if "SnapshotName" not in asked:
            raise AwsError("InvalidArgumentException", "SnapshotName is required.")
        found = snapshots.named(context, document, asked["SnapshotName"])
        if found["SnapshotStatus"] != "READY":
            raise AwsError("ResourceInUseException", "The snapshot is not ready.")
    elif kind == _LATEST:
        found = snapshots.latest(context, document)
    described = {
        "ApplicationRestoreConfigurationDescription": {
            **asked,
            "ApplicationRestoreType": kind,
        },
        "FlinkRunConfigurationDescription": {"AllowNonRestoredState": lenient},
    }
    path = {"path": found["path"]} if found else {}
    return described, {**path, "lenient": lenient}


def snapshots_on(document: Members) -> bool:
    """Return whether an application's snapshots are enabled."""
    given = document["config"]["ApplicationSnapshotConfigurationDescription"]
    return bool(given["SnapshotsEnabled"])


def demand_healthy(context: Context, document: Members) -> None:
    """Raise AWS's error where a snapshot cannot be taken now."""
    running = context.part(Lifecycle).running(document["name"])
    if running is None or not running.healthy():
        raise AwsError("InvalidApplicationConfigurationException", _DOWN)


def stop(context: Context, given: Members) -> Members:
    """Answer StopApplication."""
    name, force = given["ApplicationName"], given.get("Force", False)
    document = find(context, name)
    demand_state(document, _TRANSIENT if force else ("RUNNING",), "stopped")
    lifecycle, key = context.part(Lifecycle), None
    if snapshots_on(document) and not force:
        demand_healthy(context, document)
        key = snapshots.begin(context, document, identity(context, "snapshot"))
    status = "FORCE_STOPPING" if force else "STOPPING"
    context.part(Records).change(TABLE, name, status=status)
    operation = history.begin(context, document, "StopApplication")
    running = lifecycle.running(name)
    if force and running is not None:
        running.interrupt()
    lifecycle.later(name, lifecycle.stop, operation, key)
    return {"OperationId": operation}


def snapshot(context: Context, given: Members) -> Members:
    """Answer CreateApplicationSnapshot."""
    name = given["ApplicationName"]
    document = find(context, name)
    demand_state(document, ("RUNNING",), "snapshotted")
    if not snapshots_on(document):
        raise AwsError(
            "InvalidApplicationConfigurationException",
            "Snapshots are not enabled for the application.",
        )
    demand_healthy(context, document)
    key = snapshots.begin(context, document, given["SnapshotName"])
    operation = history.begin(context, document, "CreateApplicationSnapshot")
    lifecycle = context.part(Lifecycle)
    lifecycle.later(name, lifecycle.snapshot, operation, key)
    return {}


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteApplication: what runs is halted."""
    name = given["ApplicationName"]
    document = find(context, name)
    if not snapshots.same(document["created"], given["CreateTimestamp"]):
        raise AwsError(
            "InvalidArgumentException",
            "CreateTimestamp is not that of the application.",
        )
    demand_state(document, ("READY", "RUNNING"), "deleted")
    context.part(Records).change(TABLE, name, status="DELETING")
    operation = history.begin(context, document, "DeleteApplication")
    lifecycle = context.part(Lifecycle)
    lifecycle.later(name, lifecycle.delete, operation)
    return {}


def resume(context: Context) -> None:
    """Take up the applications of an endpoint that was killed."""
    records = context.part(Records)
    for key, row in records.all(history.TABLE).items():
        if row["OperationStatus"] == "IN_PROGRESS":
            history.end(context, key, "the local endpoint was restarted")
    for key, row in records.all(snapshots.TABLE).items():
        if row["SnapshotStatus"] == "CREATING":
            snapshots.end(context, key, None)
    for name, document in records.all(TABLE).items():
        lifecycle, status = context.part(Lifecycle), document["status"]
        if status == "DELETING":
            lifecycle.later(name, lifecycle.delete, "")
        elif status in ("STOPPING", "FORCE_STOPPING"):
            records.change(TABLE, name, status="READY")
        elif status != "READY":
            records.change(TABLE, name, status="STARTING")
            operation = history.begin(context, document, "StartApplication")
            lifecycle.later(name, lifecycle.again, operation)


OPERATIONS: dict[str, Any] = {
    "StartApplication": start,
    "StopApplication": stop,
    "CreateApplicationSnapshot": snapshot,
    "DeleteApplication": delete,
}
