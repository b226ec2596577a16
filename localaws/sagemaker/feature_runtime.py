"""Feature Store's runtime: records put, read and deleted."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from botocore.model import OperationModel

from localaws import rest
from localaws.errors import AwsError
from localaws.fidelity import check_members, check_values, fidelity, refuse
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.offline_store import OfflineStore, Row
from localaws.sagemaker.online_store import OnlineStore, Record, lifetime
from localaws.store import page
from localaws.validate import validate
from localaws.wire import Request, Response, json_response, project

SERVICE = "sagemaker-featurestore-runtime"
Members = dict[str, Any]
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_NUMBER = {
    "Integral": re.compile(r"[+-]?\d+", re.ASCII),
    "Fractional": re.compile(
        r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf|infinity)",
        re.ASCII | re.IGNORECASE,
    ),
}
_MOST_LISTED = 100


def operation_of(request: Request) -> tuple[OperationModel, Members] | None:
    """Return the operation of this service that a request names, and its input."""
    return rest.find(SERVICE, request)


def invoke(
    engine: Engine, request: Request, operation: OperationModel, given: Members
) -> Response:
    """Answer one runtime operation.

    Args:
        engine: What it acts with.
        request: What was sent.
        operation: What it asks for.
        given: Its input.
    """
    if fidelity(SERVICE, operation.name).level == "refused":
        raise refuse(SERVICE, operation.name, operation.documentation)
    check_members(SERVICE, operation, given)
    try:
        validate(operation.input_shape, given)
    except AwsError as error:
        raise _invalid(error.message) from error
    check_values(SERVICE, operation, given)
    output = HANDLERS[operation.name](engine, given)
    return json_response(project(operation.output_shape, output), "application/json")


def put_record(engine: Engine, request: Members) -> Members:
    """Check a record, and put it into its stores."""
    group = _group(engine, request["FeatureGroupName"])
    values = _checked(group, request["Record"])
    identifier = values[group["RecordIdentifierFeatureName"]]
    at = _event_time(group, values[group["EventTimeFeatureName"]])
    stores = _stores(group, request)
    if "OnlineStore" in stores:
        ttl = request.get("TtlDuration") or group["OnlineStoreConfig"].get(
            "TtlDuration"
        )
        length = lifetime(ttl)
        record = Record(values, at, at + length if length else None)
        engine.part(OnlineStore).put(group["FeatureGroupName"], identifier, record)
    elif request.get("TtlDuration"):
        raise _invalid("TtlDuration is of the OnlineStore, which is not a target.")
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
    _check_value(group, key, identifier)
    at = _event_time(group, request["EventTime"])
    values = {key: identifier, group["EventTimeFeatureName"]: request["EventTime"]}
    stores = _stores(group, request)
    if "OnlineStore" in stores:
        online = engine.part(OnlineStore)
        if request.get("DeletionMode", "SoftDelete") == "SoftDelete":
            online.hide(name, identifier, Record(values, at, deleted=True))
        elif not online.remove(name, identifier, at):
            raise _invalid(
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
        raise _invalid(error.message) from error
    if group["FeatureGroupStatus"] != "Created":
        raise _invalid(
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
            raise _invalid(f"{store} is not enabled for FeatureGroup {name}.")
    return request.get("TargetStores") or present


def _online(group: Members) -> bool:
    return bool(group.get("OnlineStoreConfig", {}).get("EnableOnlineStore"))


def _need_online(group: Members) -> None:
    if not _online(group):
        name = group["FeatureGroupName"]
        raise _invalid(f"OnlineStore is not enabled for FeatureGroup {name}.")


def _read(engine: Engine, group: Members, identifier: str, request: Members) -> Members:
    _need_online(group)
    features = [f["FeatureName"] for f in group["FeatureDefinitions"]]
    wanted = request.get("FeatureNames") or features
    unknown = set(wanted) - set(features)
    if unknown:
        raise _invalid(f"FeatureNames that do not exist: {sorted(unknown)}")
    record = engine.part(OnlineStore).get(group["FeatureGroupName"], identifier)
    if record is None:
        return {}
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


def _checked(group: Members, record: list[Members]) -> dict[str, str]:
    """Return a record's values, if the feature group can hold them."""
    known = {f["FeatureName"] for f in group["FeatureDefinitions"]}
    names = [value["FeatureName"] for value in record]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise _invalid(f"FeatureNames that do not exist: {unknown}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _invalid(f"FeatureNames given more than once: {twice}")
    values = {
        value["FeatureName"]: value["ValueAsString"]
        for value in record
        if value.get("ValueAsString") is not None
    }
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if not values.get(group[member]):
            raise _invalid(f"The record needs a value for {group[member]!r} ({member})")
    for name, value in values.items():
        _check_value(group, name, value)
    return values


def _check_value(group: Members, name: str, value: str) -> None:
    kind = _kind(group, name)
    number = _NUMBER.get(kind)
    fits = number is None or number.fullmatch(value)
    if kind == "Integral" and fits:
        fits = -(2**63) <= int(value) < 2**63
    if not fits:
        raise _invalid(
            f"Feature {name!r} is of type {kind}; {value!r} is not a valid value."
        )


def _kind(group: Members, name: str) -> str:
    features = group["FeatureDefinitions"]
    return next(f["FeatureType"] for f in features if f["FeatureName"] == name)


def _event_time(group: Members, text: str) -> dt.datetime:
    numeric = _kind(group, group["EventTimeFeatureName"]) == "Fractional"
    try:
        if numeric:
            return dt.datetime.fromtimestamp(float(text), dt.UTC)
        if _TIME.fullmatch(text):
            return dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        pass
    form = (
        "in seconds since 1970"
        if numeric
        else ("of the form yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ")
    )
    raise _invalid(f"Event time {text!r} is not {form}.")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", f"Validation Error: {message}")


HANDLERS: dict[str, Callable[[Engine, Members], Members]] = {
    "PutRecord": put_record,
    "GetRecord": get_record,
    "BatchGetRecord": batch_get_record,
    "BatchWriteRecord": batch_write_record,
    "DeleteRecord": delete_record,
    "ListRecords": list_records,
}
