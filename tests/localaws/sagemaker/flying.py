"""Feature groups of flights for the tests, and the records in them."""

import io
from collections.abc import Callable
from typing import Any

import pandas as pd

from tests.localaws.sagemaker.conftest import wait

RUNTIME = "sagemaker-featurestore-runtime"


def group(role: str, bucket: str, name: str = "flights", **members: Any) -> Any:
    """Return an input of CreateFeatureGroup with both stores."""
    return {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "flight",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "flight", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "String"},
            {"FeatureName": "delay", "FeatureType": "Fractional"},
            {"FeatureName": "seats", "FeatureType": "Integral"},
        ],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": f"s3://{bucket}/fs"}},
        "RoleArn": role,
        **members,
    }


def made(aws: Callable[[str], Any], name: str = "flights") -> dict[str, Any]:
    """Wait until a feature group is made, and return its description."""
    return wait(
        lambda: aws("sagemaker").describe_feature_group(FeatureGroupName=name),
        "FeatureGroupStatus",
        "Creating",
    )


def gone(aws: Callable[[str], Any], name: str = "flights") -> None:
    """Wait until there is no such feature group."""

    def status() -> dict[str, Any]:
        try:
            return aws("sagemaker").describe_feature_group(FeatureGroupName=name)
        except aws("sagemaker").exceptions.ResourceNotFound:
            return {"FeatureGroupStatus": "gone"}

    assert (
        wait(status, "FeatureGroupStatus", "Deleting")["FeatureGroupStatus"] == "gone"
    )


def put(store: Any, name: str = "flights", **members: Any) -> None:
    """Put one record: `put(store, flight="AA1", at="...", delay=3)`."""
    extra = {k: members.pop(k) for k in ("TargetStores", "TtlDuration") if k in members}
    record = [
        {"FeatureName": name, "ValueAsString": str(value)}
        for name, value in members.items()
    ]
    store.put_record(FeatureGroupName=name, Record=record, **extra)


def get(store: Any, flight: str, **members: Any) -> dict[str, str] | None:
    """Return a record's features, or None."""
    found = store.get_record(
        FeatureGroupName="flights", RecordIdentifierValueAsString=flight, **members
    )
    if "Record" not in found:
        return None
    return {f["FeatureName"]: f["ValueAsString"] for f in found["Record"]}


def offline(aws: Callable[[str], Any], bucket: str) -> pd.DataFrame:
    """Read every Parquet file of the offline store, with its key."""
    s3 = aws("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="fs/")
    frames = []
    for page in pages:
        for item in page.get("Contents", ()):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            frames.append(pd.read_parquet(io.BytesIO(body)).assign(key=item["Key"]))
    return pd.concat(frames, ignore_index=True)


def deletion(store: Any, flight: str, at: str, mode: str) -> None:
    """Delete one record."""
    store.delete_record(
        FeatureGroupName="flights",
        RecordIdentifierValueAsString=flight,
        EventTime=at,
        DeletionMode=mode,
    )
