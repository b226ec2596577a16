"""Feature Store by the SageMaker Python SDK v3."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.flying import offline

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def frame() -> pd.DataFrame:
    """Three records of two flights, one value missing."""
    return pd.DataFrame(
        {
            "flight": pd.Series(["AA1", "AA2", "AA1"], dtype="string"),
            "at": pd.Series(
                [f"2026-01-05T{hour}:00:00Z" for hour in ("10", "11", "12")],
                dtype="string",
            ),
            "delay": [1.5, None, 3.0],
            "seats": [100, 90, 100],
        }
    )


@pytest.mark.parametrize("batch", [False, True])
def test_a_frame_is_ingested_read_and_deleted(
    endpoint: Connection,
    aws: Callable[[str], Any],
    role: str,
    bucket: str,
    frame: pd.DataFrame,
    batch: bool,
) -> None:
    from sagemaker.mlops import feature_store as fs

    group = fs.FeatureGroup.create(
        feature_group_name="flights",
        record_identifier_feature_name="flight",
        event_time_feature_name="at",
        feature_definitions=fs.load_feature_definitions_from_dataframe(frame),
        online_store_config=fs.OnlineStoreConfig(enable_online_store=True),
        offline_store_config=fs.OfflineStoreConfig(
            s3_storage_config=fs.S3StorageConfig(s3_uri=f"s3://{bucket}/fs")
        ),
        role_arn=role,
    )
    group.wait_for_status("Created", poll=1)
    manager = fs.ingest_dataframe("flights", frame, use_batch_write_record=batch)
    assert manager.failed_rows == []
    found = group.get_record(record_identifier_value_as_string="AA1")
    values = {f.feature_name: f.value_as_string for f in found.record}
    assert values == {
        "flight": "AA1",
        "at": "2026-01-05T12:00:00Z",
        "delay": "3.0",
        "seats": "100",
    }
    assert fs.list_records("flights").record_identifiers == ["AA1", "AA2"]
    rows = offline(aws, bucket).sort_values("at", ignore_index=True)
    pd.testing.assert_frame_equal(
        rows[["flight", "at", "delay", "seats"]], frame, check_dtype=False
    )
    group.delete_record(
        record_identifier_value_as_string="AA2", event_time="2026-01-05T13:00:00Z"
    )
    assert fs.list_records("flights").record_identifiers == ["AA1"]
    group.delete()


def test_rows_that_do_not_fit_are_named(
    endpoint: Connection, role: str, frame: pd.DataFrame
) -> None:
    from sagemaker.mlops import feature_store as fs

    group = fs.FeatureGroup.create(
        feature_group_name="flights",
        record_identifier_feature_name="flight",
        event_time_feature_name="at",
        feature_definitions=fs.load_feature_definitions_from_dataframe(frame),
        online_store_config=fs.OnlineStoreConfig(enable_online_store=True),
    )
    group.wait_for_status("Created", poll=1)
    frame.loc[1, "at"] = "yesterday"
    with pytest.raises(fs.IngestionError) as caught:
        fs.ingest_dataframe("flights", frame)
    assert caught.value.failed_rows == [1]
