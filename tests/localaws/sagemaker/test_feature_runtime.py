"""Feature Store's runtime through boto3: both stores, deletion, TTL."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.flying import (
    RUNTIME,
    deletion,
    get,
    group,
    made,
    offline,
    put,
)


@pytest.fixture
def store(aws: Callable[[str], Any], role: str, bucket: str) -> Any:
    """A client of the runtime, and a feature group with both stores."""
    aws("sagemaker").create_feature_group(**group(role, bucket))
    assert made(aws)["FeatureGroupStatus"] == "Created"
    return aws(RUNTIME)


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
