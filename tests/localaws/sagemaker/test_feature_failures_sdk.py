"""Feature groups and records that go wrong, through the SageMaker Python SDK v3."""

from collections.abc import Callable
from typing import Any

import boto3
import pandas as pd
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.desk import BUCKET, ROLE
from tests.localaws.sagemaker.racing import WON, race

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("role", "bucket"),
]
AT = "2026-01-05T10:00:00Z"


def make(kind: str, name: str = "flights", bucket: str = BUCKET, **members: Any) -> Any:
    """Create a feature group by one of the SDK's classes."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import FeatureGroup
    from sagemaker.mlops.feature_store.feature_group_manager import FeatureGroupManager

    classes = {"FeatureGroup": FeatureGroup, "FeatureGroupManager": FeatureGroupManager}
    features = {"flight": "String", "at": "String", "delay": "Fractional"}
    given = {
        "feature_group_name": name,
        "record_identifier_feature_name": "flight",
        "event_time_feature_name": "at",
        "feature_definitions": [
            shapes.FeatureDefinition(feature_name=key, feature_type=value)
            for key, value in features.items()
        ],
        "online_store_config": shapes.OnlineStoreConfig(enable_online_store=True),
        "offline_store_config": shapes.OfflineStoreConfig(
            s3_storage_config=shapes.S3StorageConfig(s3_uri=f"s3://{bucket}/fs")
        ),
        "role_arn": ROLE,
        **members,
    }
    return classes[kind].create(**given)


by_class = pytest.mark.parametrize("kind", ["FeatureGroup", "FeatureGroupManager"])


def values(**record: str) -> list[Any]:
    """Return a record of the SDK."""
    from sagemaker.core.shapes import FeatureValue

    return [
        FeatureValue(feature_name=name, value_as_string=value)
        for name, value in record.items()
    ]


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of an error."""
    return caught.value.response["Error"]["Code"]


@by_class
def test_a_bucket_that_is_not_there_fails_the_group(kind: str) -> None:
    from sagemaker.core.utils.exceptions import FailedStatusError

    group = make(kind, bucket="nowhere-at-all")
    with pytest.raises(FailedStatusError, match="Final Resource State: CreateFailed"):
        group.wait_for_status("Created", poll=1)
    assert "HeadBucket" in group.failure_reason
    group.delete()
    group.wait_for_delete(poll=1)


@by_class
def test_one_of_many_creates_wins(kind: str) -> None:
    assert race(lambda: make(kind)) == ["ResourceInUse"] * 4 + [WON]
    with pytest.raises(ClientError, match="FeatureGroup with name flights already"):
        make(kind)


@by_class
def test_what_each_state_of_a_group_allows(kind: str) -> None:
    from sagemaker.core.resources import FeatureGroup
    from sagemaker.core.shapes import FeatureDefinition
    from sagemaker.core.utils.exceptions import TimeoutExceededError

    group = make(kind)
    group.wait_for_status("Created", poll=1)
    with pytest.raises(TimeoutExceededError, match="Final Resource State: Created"):
        group.wait_for_delete(poll=1, timeout=0)
    taken = [FeatureDefinition(feature_name="delay", feature_type="String")]
    with pytest.raises(ClientError, match="'delay' is defined more than once") as hit:
        # the manager of 3.27.0 logs the error and returns
        FeatureGroup.update(group, feature_additions=taken)
    assert code(hit) == "ValidationException"
    group.delete()
    group.wait_for_delete(poll=1)
    gone = FeatureGroup(feature_group_name="flights")
    more = [FeatureDefinition(feature_name="seats", feature_type="Integral")]
    for call in (
        gone.refresh,
        gone.delete,
        lambda: gone.update(feature_additions=more),
        lambda: gone.get_record(record_identifier_value_as_string="AA1"),
    ):
        with pytest.raises(ClientError, match="can't find") as caught:
            call()
        assert code(caught) == "ResourceNotFound"
    with pytest.raises(ClientError, match="can't find") as caught:
        gone.put_record(record=values(flight="AA1", at=AT))
    assert code(caught) == "ValidationError"


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"at": AT}, "RecordIdentifierFeatureName"),
        ({"flight": "AA1"}, "EventTimeFeatureName"),
        ({"flight": "AA1", "at": "yesterday"}, "yyyy-MM-dd'T'HH:mm:ssZ"),
        ({"flight": "AA1", "at": AT, "delay": "late"}, "'delay' is of type Fractional"),
        ({"flight": "AA1", "at": AT, "colour": "red"}, "do not exist: ['colour']"),
    ],
)
def test_a_record_that_does_not_fit(record: dict[str, str], text: str) -> None:
    group = make("FeatureGroup")
    group.wait_for_status("Created", poll=1)
    with pytest.raises(ClientError) as caught:
        group.put_record(record=values(**record))
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert text in error["Message"]
    assert not boto3.client("sagemaker-featurestore-runtime").list_records(
        FeatureGroupName="flights"
    )["RecordIdentifiers"]


def test_a_deletion_that_comes_too_late() -> None:
    group = make("FeatureGroupManager")
    group.wait_for_status("Created", poll=1)
    group.put_record(record=values(flight="AA1", at=AT))
    with pytest.raises(ClientError, match="not after that of the record") as caught:
        group.delete_record(
            record_identifier_value_as_string="AA1",
            event_time="2026-01-05T09:00:00Z",
            deletion_mode="HardDelete",
        )
    assert code(caught) == "ValidationError"
    assert group.get_record(record_identifier_value_as_string="AA1").record


@pytest.mark.parametrize("batch", [False, True])
def test_an_ingestion_names_every_row_that_was_not_taken(batch: bool) -> None:
    from sagemaker.mlops import feature_store as fs

    frame = pd.DataFrame({"flight": ["AA1", "AA2"], "at": [AT, AT]})
    with pytest.raises(ClientError, match="can't find"):
        fs.ingest_dataframe("flights", frame, use_batch_write_record=batch)
    make("FeatureGroup").wait_for_status("Created", poll=1)
    frame["colour"] = "red"
    with pytest.raises(fs.IngestionError) as caught:
        fs.ingest_dataframe("flights", frame, use_batch_write_record=batch)
    assert sorted(caught.value.failed_rows) == [0, 1]
    assert fs.list_records("flights").record_identifiers == []


def test_a_feature_that_is_not_there() -> None:
    from sagemaker.core.resources import FeatureMetadata

    make("FeatureGroup").wait_for_status("Created", poll=1)
    known = FeatureMetadata.get(feature_group_name="flights", feature_name="delay")
    assert known.feature_type == "Fractional"
    for group, feature, expected in (
        ("flights", "none", "ValidationException"),
        ("none", "delay", "ResourceNotFound"),
    ):
        with pytest.raises(ClientError) as caught:
            FeatureMetadata.get(feature_group_name=group, feature_name=feature)
        assert code(caught) == expected


@pytest.mark.parametrize(
    ("members", "error", "text"),
    [
        ({"role_arn": f"{ROLE}-none"}, ClientError, "Could not assume role"),
        ({"record_identifier_feature_name": "x"}, ClientError, "must be one of the"),
        ({"iceberg": True}, ValueError, "table_format to be 'Iceberg'"),
        ({"lake": True}, RuntimeError, "acknowledge_risk is False"),
    ],
)
def test_a_manager_that_is_asked_for_too_much(
    members: dict[str, Any], error: type[Exception], text: str
) -> None:
    from sagemaker.mlops.feature_store import feature_group_manager as manager

    given: dict[str, Any] = dict(members)
    if given.pop("iceberg", False):
        wanted = {"write.target-file-size-bytes": "1000000"}
        given["iceberg_properties"] = manager.IcebergProperties(properties=wanted)
    if given.pop("lake", False):
        given["lake_formation_config"] = manager.LakeFormationConfig(
            enabled=True, hybrid_access_mode_enabled=True, acknowledge_risk=False
        )
    with pytest.raises(error, match=text):
        make("FeatureGroupManager", **given)
    assert not boto3.client("sagemaker").list_feature_groups()["FeatureGroupSummaries"]


def test_a_group_is_not_made_of_what_does_not_act(
    aws: Callable[[str], Any],
) -> None:
    from sagemaker.core import shapes

    online = shapes.OnlineStoreConfig(enable_online_store=True, storage_type="InMemory")
    with pytest.raises(ClientError, match="InMemory") as caught:
        make("FeatureGroup", online_store_config=online)
    assert code(caught) == "NotImplementedInLocalEndpoint"
    assert not aws("sagemaker").list_feature_groups()["FeatureGroupSummaries"]
