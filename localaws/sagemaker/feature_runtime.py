"""Feature Store's runtime: records put, read and deleted."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.feature_values import (
    check_value,
    checked,
    event_time,
    invalid,
)
from localaws.sagemaker.offline_store import OfflineStore, Row
from localaws.sagemaker.online_store import OnlineStore, Record, lifetime
from localaws.sagemaker.rest_runtime import Handler, RestRuntime
from localaws.store import page

SERVICE = "sagemaker-featurestore-runtime"
Members = dict[str, Any]
_MOST_LISTED = 100


def put_record(engine: Engine, request: Members) -> Members:
    """Check a record, and put it into its stores."""
    group = _group(engine, request["FeatureGroupName"])
    values = checked(group, request["Record"])
    identifier = values[group["RecordIdentifierFeatureName"]]
    at = event_time(group, values[group["EventTimeFeatureName"]])
    stores = _stores(group, request)
    if "OnlineStore" in stores:
        ttl = request.get("TtlDuration") or group["OnlineStoreConfig"].get(
            "TtlDuration"
        )
        length = lifetime(ttl)
        record = Record(values, at, at + length if length else None)
        engine.part(OnlineStore).put(group["FeatureGroupName"], identifier, record)
        _charge(engine, group, values, written=True)
    elif request.get("TtlDuration"):
        raise invalid("TtlDuration is of the OnlineStore, which is not a target.")
    if "OfflineStore" in stores:
        row = Row(values, at, engine.clock.now(), deleted=False)
        engine.part(OfflineStore).append(group["FeatureGroupName"], row)
    return {}


def get_record(engine: Engine, request: Members) -> Members:
    """Return the latest record of an identifier, or nothing."""
    try:
        group = _group(engine, request["FeatureGroupName"])
    except AwsError as error:
        raise AwsError("ResourceNotFound", error.message, 404) from error
    return _read(engine, group, request["RecordIdentifierValueAsString"], request)


def batch_get_record(engine: Engine, request: Members) -> Members:
    """Return the latest records of many identifiers in many groups."""
    records, errors = [], []
    for wanted in request["Identifiers"]:
        name = wanted["FeatureGroupName"]
        for identifier in wanted["RecordIdentifiersValueAsString"]:
            key = {
                "FeatureGroupName": name,
                "RecordIdentifierValueAsString": identifier,
            }
            try:
                found = get_record(engine, {**request, **wanted, **key})
            except AwsError as error:
                code = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append(key | code)
            else:
                records += [key | found] if found else []
    return {"Records": records, "Errors": errors, "UnprocessedIdentifiers": []}


def batch_write_record(engine: Engine, request: Members) -> Members:
    """Put many records; one that is wrong does not hinder the others."""
    errors = []
    for entry in request["Entries"]:
        ttl = entry.get("TtlDuration") or request.get("TtlDuration")
        try:
            put_record(engine, {**entry, "TtlDuration": ttl})
        except AwsError as error:
            code = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"Entry": entry} | code)
    return {"Errors": errors, "UnprocessedEntries": []}


def delete_record(engine: Engine, request: Members) -> Members:
    """Hide or remove the record of an identifier, and mark it in the offline store."""
    group = _group(engine, request["FeatureGroupName"])
    name, identifier = (
        group["FeatureGroupName"],
        request["RecordIdentifierValueAsString"],
    )
    key = group["RecordIdentifierFeatureName"]
    check_value(group, key, identifier)
    at = event_time(group, request["EventTime"])
    values = {key: identifier, group["EventTimeFeatureName"]: request["EventTime"]}
    stores = _stores(group, request)
    if "OnlineStore" in stores:
        _charge(engine, group, values, written=True)
        online = engine.part(OnlineStore)
        if request.get("DeletionMode", "SoftDelete") == "SoftDelete":
            online.hide(name, identifier, Record(values, at, deleted=True))
        elif not online.remove(name, identifier, at):
            raise invalid(
                f"EventTime {request['EventTime']} is not after that of the record in "
                "the OnlineStore; nothing was deleted."
            )
    if "OfflineStore" in stores:
        row = Row(values, at, engine.clock.now(), deleted=True)
        engine.part(OfflineStore).append(name, row)
    return {}


def list_records(engine: Engine, request: Members) -> Members:
    """Return the identifiers that the online store holds."""
    try:
        group = _group(engine, request["FeatureGroupName"])
    except AwsError as error:
        raise AwsError("ResourceNotFound", error.message, 404) from error
    _need_online(group)
    found = engine.part(OnlineStore).identifiers(
        group["FeatureGroupName"], bool(request.get("IncludeSoftDeletedRecords"))
    )
    return page("RecordIdentifiers", found, {"MaxResults": _MOST_LISTED, **request})


def _group(engine: Engine, name: str) -> Members:
    try:
        group = engine.store.find("FeatureGroup", name)
    except AwsError as error:
        raise invalid(error.message) from error
    if group["FeatureGroupStatus"] != "Created":
        raise invalid(
            f"FeatureGroup {name} is {group['FeatureGroupStatus']}, not Created."
        )
    return group


def _stores(group: Members, request: Members) -> Iterable[str]:
    """Return the stores that a write goes to: those asked for, or all there are."""
    present = [
        store
        for store, there in (
            ("OnlineStore", _online(group)),
            ("OfflineStore", "OfflineStoreConfig" in group),
        )
        if there
    ]
    for store in request.get("TargetStores", ()):
        if store not in present:
            name = group["FeatureGroupName"]
            raise invalid(f"{store} is not enabled for FeatureGroup {name}.")
    return request.get("TargetStores") or present


def _online(group: Members) -> bool:
    return bool(group.get("OnlineStoreConfig", {}).get("EnableOnlineStore"))


def _need_online(group: Members) -> None:
    if not _online(group):
        name = group["FeatureGroupName"]
        raise invalid(f"OnlineStore is not enabled for FeatureGroup {name}.")


def _read(engine: Engine, group: Members, identifier: str, request: Members) -> Members:
    _need_online(group)
    features = [f["FeatureName"] for f in group["FeatureDefinitions"]]
    wanted = request.get("FeatureNames") or features
    unknown = set(wanted) - set(features)
    if unknown:
        raise invalid(f"FeatureNames that do not exist: {sorted(unknown)}")
    record = engine.part(OnlineStore).get(group["FeatureGroupName"], identifier)
    if record is None:
        return {}
    _charge(engine, group, record.values, written=False)
    answer: Members = {
        "Record": [
            {"FeatureName": name, "ValueAsString": record.values[name]}
            for name in wanted
            if name in record.values
        ]
    }
    if request.get("ExpirationTimeResponse") == "Enabled" and record.expires:
        answer["ExpiresAt"] = record.expires.astimezone(dt.UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
    return answer


def _charge(
    engine: Engine, group: Members, values: dict[str, str], *, written: bool
) -> None:
    """Bill a request to the online store: a unit for each 1 KB written or 4 KB read."""
    size = sum(len(name.encode()) + len(v.encode()) for name, v in values.items())
    kind, unit = ("writes", 1024) if written else ("reads", 4096)
    engine.meter.add(
        f"feature-store-{kind}",
        max(1, -(-size // unit)),
        resource=group["FeatureGroupName"],
    )


HANDLERS: dict[str, Handler] = {
    "PutRecord": put_record,
    "GetRecord": get_record,
    "BatchGetRecord": batch_get_record,
    "BatchWriteRecord": batch_write_record,
    "DeleteRecord": delete_record,
    "ListRecords": list_records,
}
_RUNTIME = RestRuntime(SERVICE, HANDLERS, invalid)
operation_of, invoke = _RUNTIME.operation_of, _RUNTIME.invoke
