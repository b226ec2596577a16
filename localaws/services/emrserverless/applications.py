"""Applications: what they are told, and what they show."""

from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.emr import classifications, releases
from localaws.services.emrserverless import capacity
from localaws.services.emrserverless.lifecycle import Serverless
from localaws.services.emrserverless.names import APPLICATIONS, arn, found, identity
from localaws.services.emrserverless.operations import SERVICE, Members, invalid, page
from localaws.services.records import Records

_KEPT = (
    *("name", "releaseLabel", "initialCapacity", "maximumCapacity", "tags"),
    *("autoStartConfiguration", "autoStopConfiguration", "architecture"),
    *("runtimeConfiguration", "monitoringConfiguration"),
)
_STILL = ("CREATED", "STOPPED")


def _checked(given: Members, operation: str) -> Members:
    """Return the settings of an input, checked."""
    settings = {name: given[name] for name in _KEPT if name in given}
    subject = f"{SERVICE}:{operation}"
    if "releaseLabel" in settings:
        releases.check(f"{subject} releaseLabel", settings["releaseLabel"])
    if "runtimeConfiguration" in settings:
        settings["settings"] = classifications.settings(
            subject, settings["runtimeConfiguration"], lower=True
        )
    return settings


def _check_capacity(application: Members) -> None:
    most = application.get("maximumCapacity", {})
    workers = capacity.initial(application.get("initialCapacity", {}))
    named = zip(("cpu", "memory", "disk"), capacity.total(workers), strict=True)
    for name, size in named:
        if name in most and size > capacity.number(most[name]):
            raise invalid(
                f"The initial capacity exceeds the maximum capacity: {name} is {size}."
            )


def create(context: Context, given: Members) -> Members:
    """Answer CreateApplication."""
    if given["type"].upper() != "SPARK":
        raise invalid(f"Unsupported engine {given['type']}")
    settings = _checked(given, "CreateApplication")
    records, now = context.part(Records), context.clock.now()
    with records.lock:
        for one in records.all(APPLICATIONS).values():
            if one["clientToken"] == given["clientToken"]:
                return _named(one)
        key = identity(context)
        application = {
            "architecture": "X86_64",
            "autoStartConfiguration": {"enabled": True},
            "tags": {},
            "settings": {},
            **settings,
            "id": key,
            "clientToken": given["clientToken"],
            "state": "CREATING",
            "stateDetails": "",
            "createdAt": now,
            "updatedAt": now,
            "due": None,
        }
        idle = given.get("autoStopConfiguration", {})
        application["autoStopConfiguration"] = {
            "enabled": True,
            "idleTimeoutMinutes": int(limit("emr_serverless", "idle_minutes")),
            **idle,
        }
        _check_capacity(application)
        context.part(Serverless).create(application)
    return _named(application)


def _named(application: Members) -> Members:
    key = application["id"]
    return {
        "applicationId": key,
        "arn": arn(key),
        **({"name": application["name"]} if "name" in application else {}),
    }


def _shown(application: Members) -> Members:
    return {
        **application,
        **_named(application),
        "type": "Spark",
    }


def get(context: Context, given: Members) -> Members:
    """Answer GetApplication."""
    found(context, given["applicationId"])
    context.part(Serverless).polled(given["applicationId"])
    return {"application": _shown(found(context, given["applicationId"]))}


def listed(context: Context, given: Members) -> Members:
    """Answer ListApplications."""
    context.part(Serverless).polled()
    states = given.get("states")
    every = [
        {**_shown(one), "id": one["id"]}
        for one in context.part(Records).all(APPLICATIONS).values()
        if not states or one["state"] in states
    ]
    return page("applications", every, given)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateApplication."""
    settings = _checked(given, "UpdateApplication")
    records, key = context.part(Records), given["applicationId"]
    with records.lock:
        application = found(context, key)
        _demand(application)
        _check_capacity({**application, **settings})
        now = context.clock.now()
        changed = records.change(APPLICATIONS, key, **settings, updatedAt=now)
    return {"application": _shown(changed)}


def _demand(application: Members) -> None:
    if application["state"] not in _STILL:
        raise invalid(
            f"Application {application['id']} must be in one of the following statuses "
            f"[{', '.join(_STILL)}]. Current status: {application['state']}"
        )


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteApplication."""
    with context.part(Records).lock:
        application = found(context, given["applicationId"])
        _demand(application)
        context.part(Serverless).become(application, "TERMINATED")
    return {}


def start(context: Context, given: Members) -> Members:
    """Answer StartApplication."""
    with context.part(Records).lock:
        application = found(context, given["applicationId"])
        if application["state"] not in ("STARTING", "STARTED"):
            _demand(application)
            context.part(Serverless).become(application, "STARTING")
    return {}


def stop(context: Context, given: Members) -> Members:
    """Answer StopApplication."""
    with context.part(Records).lock:
        application = found(context, given["applicationId"])
        serverless = context.part(Serverless)
        if serverless.active(application["id"]):
            raise invalid(
                f"Application {application['id']} has job runs that have not ended. "
                "They must be completed or cancelled before it is stopped."
            )
        if application["state"] in ("STARTING", "STARTED"):
            serverless.become(application, "STOPPING")
    return {}


OPERATIONS = {
    "CreateApplication": create,
    "GetApplication": get,
    "ListApplications": listed,
    "UpdateApplication": update,
    "DeleteApplication": delete,
    "StartApplication": start,
    "StopApplication": stop,
}
