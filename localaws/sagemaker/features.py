"""Feature groups: their definition, stores and metadata."""

from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import listed
from localaws.sagemaker.offline_store import (
    CATALOG,
    DATABASE,
    RESERVED,
    OfflineStore,
    create_table,
)
from localaws.sagemaker.online_store import OnlineStore
from localaws.sagemaker.roles import assume, check_role
from localaws.sagemaker.transfer import split
from localaws.store import operation
from localaws.wire import project

Members = dict[str, Any]
MOST_FEATURES = 2500
# How long each change is modelled to take on a standing clock, in seconds.
CREATING, UPDATING, DELETING = 15, 10, 5


def create_feature_group(engine: Engine, request: Members) -> Members:
    """Store a feature group, and make its stores beside the request."""
    _check_definitions(request)
    online = request.get("OnlineStoreConfig", {})
    offline = request.get("OfflineStoreConfig")
    if not online.get("EnableOnlineStore") and offline is None:
        raise ValidationError(
            "Enable the OnlineStore, or give an OfflineStoreConfig, or both."
        )
    if offline is not None:
        split(offline["S3StorageConfig"]["S3Uri"])
        if "RoleArn" not in request:
            raise ValidationError("An OfflineStore needs a RoleArn to write with.")
    if "RoleArn" in request:
        check_role(engine.aws, request["RoleArn"])
    document = engine.store.create(
        "FeatureGroup",
        request,
        FeatureGroupStatus="Creating",
        ThroughputConfig={"ThroughputMode": "OnDemand"},
    )
    engine.store.change(document, **_offline(engine, document))
    engine.submit(_build, engine, document)
    return {"FeatureGroupArn": document["FeatureGroupArn"]}


def _check_definitions(request: Members) -> None:
    kinds = {
        feature["FeatureName"]: feature["FeatureType"]
        for feature in request["FeatureDefinitions"]
    }
    _check_names(list(request["FeatureDefinitions"]), {})
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if request[member] not in kinds:
            raise ValidationError(
                f"{member} {request[member]!r} must be one of the FeatureDefinitions."
            )
    event_time = request["EventTimeFeatureName"]
    if kinds[event_time] not in ("String", "Fractional"):
        raise ValidationError(
            f"The event time feature {event_time!r} must be of type String or "
            f"Fractional; found {kinds[event_time]}."
        )


def _check_names(new: list[Members], known: dict[str, Any]) -> None:
    names = [*known]
    for feature in new:
        name = feature["FeatureName"]
        if name in RESERVED:
            raise ValidationError(f"{name!r} is a reserved feature name.")
        if name in names:
            raise ValidationError(f"Feature {name!r} is defined more than once.")
        if "FeatureType" not in feature:
            raise ValidationError(f"Feature {name!r} needs a FeatureType.")
        names.append(name)
    if len(names) > MOST_FEATURES:
        raise ValidationError(f"A feature group has at most {MOST_FEATURES} features.")


def _offline(engine: Engine, document: Members) -> Members:
    """Return the members that say where the offline store is."""
    config = document.get("OfflineStoreConfig")
    if config is None:
        return {"OfflineStoreStatus": {"Status": "Disabled"}}
    store, name = engine.store, document["FeatureGroupName"]
    created = int(document["CreationTime"].timestamp())
    storage = config["S3StorageConfig"]
    resolved = (
        f"{storage['S3Uri'].rstrip('/')}/{store.account}/sagemaker/{store.region}"
        f"/offline-store/{name}-{created}/data"
    )
    config = {
        "TableFormat": "Glue",
        "DisableGlueTableCreation": False,
        **config,
        "S3StorageConfig": {**storage, "ResolvedOutputS3Uri": resolved},
    }
    if not config["DisableGlueTableCreation"]:
        config["DataCatalogConfig"] = {
            "TableName": f"{name.replace('-', '_').lower()}_{created}",
            "Catalog": CATALOG,
            "Database": DATABASE,
            **config.get("DataCatalogConfig", {}),
        }
    return {"OfflineStoreConfig": config, "OfflineStoreStatus": {"Status": "Active"}}


def _build(engine: Engine, document: Members) -> None:
    """Make what the stores need; a group whose bucket is not there fails."""
    try:
        _make(engine, document)
    except ClientError as error:
        change = {"FeatureGroupStatus": "CreateFailed", "FailureReason": str(error)}
    else:
        change = {"FeatureGroupStatus": "Created"}
    engine.clock.elapse(document["CreationTime"], CREATING)
    engine.store.change(document, **change)


def _make(engine: Engine, document: Members) -> None:
    config = document.get("OfflineStoreConfig")
    if config is None:
        return
    bucket, _ = split(config["S3StorageConfig"]["ResolvedOutputS3Uri"])
    session = assume(engine.aws, document["RoleArn"])
    engine.aws.client("s3", session).head_bucket(Bucket=bucket)
    if "DataCatalogConfig" in config and not config["DisableGlueTableCreation"]:
        create_table(engine, document)


def describe_feature_group(engine: Engine, request: Members) -> Members:
    """Answer with the group as it stands; its features fit on one page."""
    document = engine.store.find("FeatureGroup", request["FeatureGroupName"])
    with engine.store.lock:
        shape = operation("DescribeFeatureGroup").output_shape
        return project(shape, {**document, "NextToken": ""})


def update_feature_group(engine: Engine, request: Members) -> Members:
    """Add features, or change how long the online store keeps records."""
    document = engine.store.find("FeatureGroup", request["FeatureGroupName"])
    added = request.get("FeatureAdditions", [])
    ttl = request.get("OnlineStoreConfig", {}).get("TtlDuration")
    with engine.store.lock:
        _check_status(document, "Created")
        known = {f["FeatureName"]: f for f in document["FeatureDefinitions"]}
        _check_names(added, known)
        if ttl:
            online = document.get("OnlineStoreConfig", {})
            if not online.get("EnableOnlineStore"):
                raise ValidationError("TtlDuration needs an OnlineStore.")
            document["OnlineStoreConfig"] = {**online, "TtlDuration": ttl}
        engine.store.change(
            document,
            FeatureDefinitions=[*document["FeatureDefinitions"], *added],
            LastUpdateStatus={"Status": "InProgress"},
        )
    engine.submit(_update, engine, document)
    return {"FeatureGroupArn": document["FeatureGroupArn"]}


def _update(engine: Engine, document: Members) -> None:
    try:
        _make(engine, document)
    except ClientError as error:
        status = {"Status": "Failed", "FailureReason": str(error)}
    else:
        status = {"Status": "Successful"}
    engine.clock.elapse(document["LastModifiedTime"], UPDATING)
    engine.store.change(document, LastUpdateStatus=status)


def delete_feature_group(engine: Engine, request: Members) -> Members:
    """Remove the group and its online store; what is in S3 and Glue stays."""
    document = engine.store.find("FeatureGroup", request["FeatureGroupName"])
    with engine.store.lock:
        _check_status(document, "Created", "CreateFailed", "DeleteFailed")
        engine.store.change(document, FeatureGroupStatus="Deleting")
    engine.submit(_delete, engine, document)
    return {}


def _delete(engine: Engine, document: Members) -> None:
    name = document["FeatureGroupName"]
    engine.part(OfflineStore).drop(name)
    engine.part(OnlineStore).drop(name)
    engine.clock.elapse(document["LastModifiedTime"], DELETING)
    engine.store.delete("FeatureGroup", name)


def _check_status(document: Members, *allowed: str) -> None:
    status = document["FeatureGroupStatus"]
    if status not in allowed:
        raise ValidationError(
            f"FeatureGroup {document['FeatureGroupName']} is {status}; this needs it "
            f"to be {' or '.join(allowed)}."
        )


def describe_feature_metadata(engine: Engine, request: Members) -> Members:
    """Answer with a feature's type, description and parameters."""
    group, feature = _feature(engine, request)
    with engine.store.lock:
        said = group.get("Metadata", {}).get(feature["FeatureName"], {})
        shape = operation("DescribeFeatureMetadata").output_shape
        return project(
            shape,
            {
                "CreationTime": group["CreationTime"],
                "LastModifiedTime": group["CreationTime"],
                **said,
                **feature,
                "FeatureGroupArn": group["FeatureGroupArn"],
                "FeatureGroupName": group["FeatureGroupName"],
            },
        )


def update_feature_metadata(engine: Engine, request: Members) -> Members:
    """Describe a feature, and add or remove its parameters."""
    group, feature = _feature(engine, request)
    name = feature["FeatureName"]
    with engine.store.lock:
        said = group.get("Metadata", {}).get(name, {})
        parameters = {p["Key"]: p["Value"] for p in said.get("Parameters", ())}
        for pair in request.get("ParameterAdditions", ()):
            parameters[pair["Key"]] = pair["Value"]
        for key in request.get("ParameterRemovals", ()):
            parameters.pop(key, None)
        said = said | {
            "LastModifiedTime": engine.clock.now(),
            "Parameters": [{"Key": k, "Value": v} for k, v in parameters.items()],
        }
        if "Description" in request:
            said["Description"] = request["Description"]
        group["Metadata"] = group.get("Metadata", {}) | {name: said}
        engine.store.save(group)
    return {}


def _feature(engine: Engine, request: Members) -> tuple[Members, Members]:
    group = engine.store.find("FeatureGroup", request["FeatureGroupName"])
    name = request["FeatureName"]
    for feature in group["FeatureDefinitions"]:
        if feature["FeatureName"] == name:
            return group, feature
    raise ValidationError(
        f"FeatureGroup {group['FeatureGroupName']} has no feature {name!r}."
    )


def resume(engine: Engine) -> None:
    """Go on with what was under way when the endpoint was killed."""
    for document in engine.store.documents("FeatureGroup"):
        status = document["FeatureGroupStatus"]
        if status == "Creating":
            # killed between the two writes of its creation
            if "OfflineStoreStatus" not in document:
                engine.store.change(document, **_offline(engine, document))
            engine.submit(_build, engine, document)
        elif status == "Deleting":
            engine.submit(_delete, engine, document)
        elif document.get("LastUpdateStatus", {}).get("Status") == "InProgress":
            engine.submit(_update, engine, document)


HANDLERS = {
    "CreateFeatureGroup": create_feature_group,
    "DescribeFeatureGroup": describe_feature_group,
    "ListFeatureGroups": listed("FeatureGroup"),
    "UpdateFeatureGroup": update_feature_group,
    "DeleteFeatureGroup": delete_feature_group,
    "DescribeFeatureMetadata": describe_feature_metadata,
    "UpdateFeatureMetadata": update_feature_metadata,
}
