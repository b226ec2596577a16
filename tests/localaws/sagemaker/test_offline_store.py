"""The offline store through boto3: its layout, its answer to a point in time."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.flying import (
    RUNTIME,
    gone,
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


def test_a_group_made_again_by_its_name_is_queried_again(
    aws: Callable[[str], Any], store: Any, role: str, bucket: str
) -> None:
    def partitions() -> list[list[str]]:
        put(store, flight="AA1", at="2026-01-05T10:00:00Z", delay=1.5)
        offline(aws, bucket)
        found = client.describe_feature_group(FeatureGroupName="flights")
        catalog = found["OfflineStoreConfig"]["DataCatalogConfig"]
        table = {"DatabaseName": catalog["Database"], "TableName": catalog["TableName"]}
        return [p["Values"] for p in aws("glue").get_partitions(**table)["Partitions"]]

    client = aws("sagemaker")
    first = partitions()
    client.delete_feature_group(FeatureGroupName="flights")
    gone(aws)
    client.create_feature_group(**group(role, bucket))
    assert made(aws)["FeatureGroupStatus"] == "Created"
    assert partitions() == first == [["2026", "01", "05", "10"]]


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


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_the_daemon_does_not_load_pyarrow(
    endpoint: Connection, aws: Callable[[str], Any], store: Any, bucket: str
) -> None:
    put(store, flight="a", at="2026-01-05T00:00:00Z")
    assert len(offline(aws, bucket)) == 1
    assert "libarrow" not in Path(f"/proc/{endpoint.pid}/maps").read_text()
