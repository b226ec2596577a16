"""Feature Store's runtime through boto3: both stores, deletion, TTL, point in time."""

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.test_features import group, made

RUNTIME = "sagemaker-featurestore-runtime"


@pytest.fixture
def store(aws: Callable[[str], Any], role: str, bucket: str) -> Any:
    """A client of the runtime, and a feature group with both stores."""
    aws("sagemaker").create_feature_group(**group(role, bucket))
    assert made(aws)["FeatureGroupStatus"] == "Created"
    return aws(RUNTIME)


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


def test_the_latest_by_event_time_is_read(store: Any) -> None:
    put(store, flight="AA1", at="2026-01-05T10:00:00Z", delay=5, seats=100)
    put(store, flight="AA1", at="2026-01-05T09:00:00Z", delay=1, seats=100)
    assert get(store, "AA1") == {
        "flight": "AA1",
        "at": "2026-01-05T10:00:00Z",
        "delay": "5",
        "seats": "100",
    }
    put(store, flight="AA1", at="2026-01-05T11:00:00.500Z", delay=7.5)
    assert get(store, "AA1", FeatureNames=["delay", "seats"]) == {"delay": "7.5"}
    assert get(store, "none") is None


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"at": "2026-01-05T10:00:00Z"}, "RecordIdentifierFeatureName"),
        ({"flight": "AA1"}, "EventTimeFeatureName"),
        ({"flight": "AA1", "at": "yesterday"}, "yyyy-MM-dd'T'HH:mm:ssZ"),
        ({"flight": "AA1", "at": "2026-13-05T10:00:00Z"}, "Event time"),
        (
            {"flight": "AA1", "at": "2026-01-05T10:00:00Z", "seats": "1.5"},
            "'seats' is of type Integral",
        ),
        (
            {"flight": "AA1", "at": "2026-01-05T10:00:00Z", "seats": "1_0"},
            "'seats' is of type Integral",
        ),
        (
            {"flight": "AA1", "at": "2026-01-05T10:00:00Z", "delay": "late"},
            "'delay' is of type Fractional",
        ),
        (
            {"flight": "AA1", "at": "2026-01-05T10:00:00Z", "colour": "red"},
            "do not exist: \\['colour'\\]",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    store: Any, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        put(store, **members)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert get(store, "AA1") is None


def test_groups_that_are_not_there(aws: Callable[[str], Any]) -> None:
    store = aws(RUNTIME)
    with pytest.raises(store.exceptions.ResourceNotFound, match="can't find"):
        get(store, "AA1")
    with pytest.raises(store.exceptions.ValidationError, match="can't find"):
        put(store, flight="AA1", at="2026-01-05T10:00:00Z")
    found = store.batch_get_record(
        Identifiers=[
            {"FeatureGroupName": "none", "RecordIdentifiersValueAsString": ["AA1"]}
        ]
    )
    assert [e["ErrorCode"] for e in found["Errors"]] == ["ResourceNotFound"]


def test_operations_that_do_not_act_are_refused(store: Any) -> None:
    with pytest.raises(ClientError, match="UpdateRecord") as caught:
        store.update_record(
            FeatureGroupName="flights",
            RecordIdentifierValueAsString="AA1",
            Features=[{"FeatureName": "delay", "ValueAsString": "1"}],
        )
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    with pytest.raises(ClientError, match="ValueAsStringList"):
        store.put_record(
            FeatureGroupName="flights",
            Record=[{"FeatureName": "delay", "ValueAsStringList": ["1"]}],
        )


def test_many_are_read_and_written_at_once(store: Any) -> None:
    entries = [
        {
            "FeatureGroupName": "flights",
            "Record": [
                {"FeatureName": "flight", "ValueAsString": flight},
                {"FeatureName": "at", "ValueAsString": "2026-01-05T10:00:00Z"},
                {"FeatureName": "seats", "ValueAsString": seats},
            ],
        }
        for flight, seats in (("AA1", "100"), ("AA2", "many"), ("AA3", "90"))
    ]
    (error,) = store.batch_write_record(Entries=entries)["Errors"]
    assert error["ErrorCode"] == "ValidationError"
    assert error["Entry"]["Record"][0]["ValueAsString"] == "AA2"
    found = store.batch_get_record(
        Identifiers=[
            {
                "FeatureGroupName": "flights",
                "RecordIdentifiersValueAsString": ["AA1", "AA2", "AA3"],
                "FeatureNames": ["seats"],
            }
        ]
    )
    assert not found["Errors"] and not found["UnprocessedIdentifiers"]
    assert {
        r["RecordIdentifierValueAsString"]: r["Record"][0]["ValueAsString"]
        for r in found["Records"]
    } == {"AA1": "100", "AA3": "90"}
    listed = store.list_records(FeatureGroupName="flights", MaxResults=1)
    assert listed["RecordIdentifiers"] == ["AA1"]
    rest = store.list_records(FeatureGroupName="flights", NextToken=listed["NextToken"])
    assert rest["RecordIdentifiers"] == ["AA3"]


def test_soft_and_hard_deletion(
    aws: Callable[[str], Any], store: Any, bucket: str
) -> None:
    at = "2026-01-05T{}:00:00Z".format
    for flight in ("soft", "hard"):
        put(store, flight=flight, at=at("10"), delay=1)

    def delete(flight: str, hour: str, mode: str) -> None:
        store.delete_record(
            FeatureGroupName="flights",
            RecordIdentifierValueAsString=flight,
            EventTime=at(hour),
            DeletionMode=mode,
        )

    delete("soft", "09", "SoftDelete")
    assert get(store, "soft") is not None
    with pytest.raises(ClientError, match="not after that of the record"):
        delete("hard", "09", "HardDelete")
    delete("soft", "12", "SoftDelete")
    delete("hard", "12", "HardDelete")
    assert get(store, "soft") is None
    assert get(store, "hard") is None
    assert store.list_records(
        FeatureGroupName="flights", IncludeSoftDeletedRecords=True
    )["RecordIdentifiers"] == ["soft"]
    for flight in ("soft", "hard"):
        put(store, flight=flight, at=at("11"), delay=2)
    assert get(store, "soft") is None
    assert get(store, "hard") is not None
    rows = offline(aws, bucket)
    gone = rows[rows.is_deleted]
    assert sorted(gone.flight) == ["hard", "soft", "soft"]
    assert gone.delay.isna().all() and gone["at"].notna().all()


def test_records_expire_by_the_endpoints_clock(
    endpoint: Connection, aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    online = {
        "EnableOnlineStore": True,
        "TtlDuration": {"Unit": "Hours", "Value": 2},
    }
    aws("sagemaker").create_feature_group(
        **group(role, bucket, OnlineStoreConfig=online)
    )
    now = made(aws)["CreationTime"].astimezone(dt.UTC)
    store, at = aws(RUNTIME), now.strftime("%Y-%m-%dT%H:%M:%SZ")
    put(store, flight="two", at=at)
    put(store, flight="five", at=at, TtlDuration={"Unit": "Hours", "Value": 5})
    told = store.get_record(
        FeatureGroupName="flights",
        RecordIdentifierValueAsString="two",
        ExpirationTimeResponse="Enabled",
    )
    later = now + dt.timedelta(hours=2)
    assert told["ExpiresAt"] == later.strftime("%Y-%m-%dT%H:%M:%SZ")
    endpoint.control("POST", "clock", {"seconds": 3 * 3600})
    assert get(store, "two") is None
    assert get(store, "five") is not None


def test_a_record_goes_to_the_stores_that_are_asked_for(
    aws: Callable[[str], Any], store: Any, role: str, bucket: str
) -> None:
    at = "2026-01-05T10:00:00Z"
    put(store, flight="on", at=at, TargetStores=["OnlineStore"])
    put(store, flight="off", at=at, TargetStores=["OfflineStore"])
    assert get(store, "off") is None
    assert get(store, "on") is not None
    assert list(offline(aws, bucket).flight) == ["off"]
    request = group(role, bucket, "online")
    del request["OfflineStoreConfig"]
    aws("sagemaker").create_feature_group(**request)
    made(aws, "online")
    with pytest.raises(ClientError, match="OfflineStore is not enabled"):
        put(store, "online", flight="a", at=at, TargetStores=["OfflineStore"])


def test_the_offline_store_has_awss_layout(
    aws: Callable[[str], Any], store: Any, bucket: str
) -> None:
    put(store, flight="AA1", at="2026-01-05T10:00:00Z", delay=1.5, seats=7)
    put(store, flight="AA2", at="2026-01-05T10:59:59Z", delay=2)
    put(store, flight="AA1", at="2026-01-06T00:00:00Z", delay=3)
    rows = offline(aws, bucket)
    assert list(rows.columns[:-1]) == [
        "flight",
        "at",
        "delay",
        "seats",
        "write_time",
        "api_invocation_time",
        "is_deleted",
    ]
    assert rows.delay.dtype == float and rows.is_deleted.dtype == bool
    assert str(rows.write_time.dtype) == "datetime64[ms]"
    keys = sorted(set(rows.key))
    assert len(keys) == 2
    assert re.search(
        r"/data/year=2026/month=01/day=05/hour=10/"
        r"20260105T105959Z_[A-Za-z0-9]{16}\.parquet$",
        keys[0],
    )
    catalog = aws("sagemaker").describe_feature_group(FeatureGroupName="flights")[
        "OfflineStoreConfig"
    ]["DataCatalogConfig"]
    partitions = aws("glue").get_partitions(
        DatabaseName=catalog["Database"], TableName=catalog["TableName"]
    )["Partitions"]
    assert sorted(p["Values"] for p in partitions) == [
        ["2026", "01", "05", "10"],
        ["2026", "01", "06", "00"],
    ]


def test_a_bucket_that_goes_away_blocks_the_store_until_it_is_back(
    aws: Callable[[str], Any], store: Any, bucket: str
) -> None:
    put(store, flight="AA1", at="2026-01-05T10:00:00Z")
    s3, sagemaker = aws("s3"), aws("sagemaker")
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
    put(store, flight="AA2", at="2026-01-05T10:00:00Z")
    s3.list_buckets()
    status = sagemaker.describe_feature_group(FeatureGroupName="flights")
    assert status["OfflineStoreStatus"]["Status"] == "Blocked"
    assert "NoSuchBucket" in status["OfflineStoreStatus"]["BlockedReason"]
    s3.create_bucket(Bucket=bucket)
    assert list(offline(aws, bucket).flight) == ["AA2"]
    status = sagemaker.describe_feature_group(FeatureGroupName="flights")
    assert status["OfflineStoreStatus"] == {"Status": "Active"}


def test_the_point_in_time_answer_equals_merge_asof(
    aws: Callable[[str], Any], store: Any, bucket: str
) -> None:
    random = np.random.default_rng(7)
    start = pd.Timestamp("2026-01-05T00:00:00Z")
    minutes = random.choice(600, 120, replace=False)
    history = pd.DataFrame(
        {
            "flight": random.choice(["AA1", "AA2", "AA3"], 120),
            "when": [start + pd.Timedelta(minutes=int(m)) for m in minutes],
            "delay": random.normal(10, 5, 120).round(3),
        }
    )
    for row in history.itertuples():
        at = row.when.strftime("%Y-%m-%dT%H:%M:%SZ")
        put(store, flight=row.flight, at=at, delay=row.delay)
    asked = pd.DataFrame(
        {
            "flight": random.choice(["AA1", "AA2", "AA3"], 40),
            "when": [
                start + pd.Timedelta(minutes=int(m)) for m in random.choice(700, 40)
            ],
        }
    ).sort_values("when", ignore_index=True)
    expected = pd.merge_asof(asked, history.sort_values("when"), on="when", by="flight")
    rows = offline(aws, bucket)
    rows["when"] = pd.to_datetime(rows["at"])
    joined = asked.reset_index().merge(rows[~rows.is_deleted], on="flight")
    known = joined[joined.when_y <= joined.when_x]
    latest = (
        known.sort_values(["when_y", "api_invocation_time", "write_time"])
        .groupby("index")
        .tail(1)
        .set_index("index")
        .delay
    )
    found = latest.reindex(asked.index)
    assert found.notna().sum() > 20
    pd.testing.assert_series_equal(found, expected.delay, check_names=False)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_writes_leaves_what_a_plain_model_says(
    store: Any, seed: int
) -> None:
    random = np.random.default_rng(seed)
    model: dict[str, tuple[str, str | None]] = {}
    for step in range(60):
        flight = f"AA{random.integers(3)}"
        at = f"2026-01-05T{random.integers(24):02}:00:00Z"
        there = model.get(flight)
        match random.choice(["put", "put", "soft", "hard"]):
            case "put":
                put(store, flight=flight, at=at, delay=step)
                if there is None or there[0] <= at:
                    model[flight] = (at, str(step))
            case "soft":
                deletion(store, flight, at, "SoftDelete")
                if there is None or there[0] < at:
                    model[flight] = (at, None)
            case "hard" if there and there[0] >= at:
                with pytest.raises(ClientError, match="not after"):
                    deletion(store, flight, at, "HardDelete")
            case "hard":
                deletion(store, flight, at, "HardDelete")
                model.pop(flight, None)
        found = get(store, flight, FeatureNames=["delay"])
        delay = model.get(flight, ("", None))[1]
        assert found == (None if delay is None else {"delay": delay})
    live = sorted(flight for flight, (_, delay) in model.items() if delay)
    listed = store.list_records(FeatureGroupName="flights")["RecordIdentifiers"]
    assert listed == live


def deletion(store: Any, flight: str, at: str, mode: str) -> None:
    """Delete one record."""
    store.delete_record(
        FeatureGroupName="flights",
        RecordIdentifierValueAsString=flight,
        EventTime=at,
        DeletionMode=mode,
    )


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_the_daemon_does_not_load_pyarrow(
    endpoint: Connection, aws: Callable[[str], Any], store: Any, bucket: str
) -> None:
    put(store, flight="a", at="2026-01-05T00:00:00Z")
    assert len(offline(aws, bucket)) == 1
    assert "libarrow" not in Path(f"/proc/{endpoint.pid}/maps").read_text()
