"""Feature groups through boto3: definition, stores, metadata, failures."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.flying import gone, group, made


def test_a_group_is_created_described_listed_deleted(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    sagemaker = aws("sagemaker")
    request = group(role, bucket, Tags=[{"Key": "team", "Value": "desk"}])
    arn = sagemaker.create_feature_group(**request)["FeatureGroupArn"]
    first = sagemaker.describe_feature_group(FeatureGroupName="flights")
    assert first["FeatureGroupStatus"] in ("Creating", "Created")
    found = made(aws)
    assert found["FeatureGroupStatus"] == "Created"
    assert found["FeatureDefinitions"] == request["FeatureDefinitions"]
    created = int(found["CreationTime"].timestamp())
    assert found["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"] == (
        f"s3://{bucket}/fs/123456789012/sagemaker/us-east-1/offline-store/"
        f"flights-{created}/data"
    )
    assert found["OfflineStoreStatus"] == {"Status": "Active"}
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == request["Tags"]
    by_arn = sagemaker.describe_feature_group(FeatureGroupName=arn)
    assert by_arn["FeatureGroupName"] == "flights"
    (listed,) = sagemaker.list_feature_groups(
        NameContains="fli",
        FeatureGroupStatusEquals="Created",
        OfflineStoreStatusEquals="Active",
    )["FeatureGroupSummaries"]
    assert listed["FeatureGroupArn"] == arn
    assert not sagemaker.list_feature_groups(OfflineStoreStatusEquals="Blocked")[
        "FeatureGroupSummaries"
    ]
    catalog = found["OfflineStoreConfig"]["DataCatalogConfig"]
    sagemaker.delete_feature_group(FeatureGroupName="flights")
    gone(aws)
    table = aws("glue").get_table(
        DatabaseName=catalog["Database"], Name=catalog["TableName"]
    )
    assert table["Table"]["Name"] == f"flights_{created}"


def test_the_glue_table_has_awss_columns_and_partitions(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    aws("sagemaker").create_feature_group(**group(role, bucket))
    catalog = made(aws)["OfflineStoreConfig"]["DataCatalogConfig"]
    assert catalog["Database"] == "sagemaker_featurestore"
    table = aws("glue").get_table(
        DatabaseName=catalog["Database"], Name=catalog["TableName"]
    )["Table"]
    columns = {c["Name"]: c["Type"] for c in table["StorageDescriptor"]["Columns"]}
    assert columns == {
        "flight": "string",
        "at": "string",
        "delay": "double",
        "seats": "bigint",
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "boolean",
    }
    assert [k["Name"] for k in table["PartitionKeys"]] == [
        "year",
        "month",
        "day",
        "hour",
    ]


def test_features_are_added_and_described(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.create_feature_group(**group(role, bucket))
    catalog = made(aws)["OfflineStoreConfig"]["DataCatalogConfig"]
    sagemaker.update_feature_group(
        FeatureGroupName="flights",
        FeatureAdditions=[{"FeatureName": "wind", "FeatureType": "Fractional"}],
        OnlineStoreConfig={"TtlDuration": {"Unit": "Hours", "Value": 2}},
    )
    found = wait(
        lambda: {
            **sagemaker.describe_feature_group(FeatureGroupName="flights"),
            "Update": sagemaker.describe_feature_group(FeatureGroupName="flights")[
                "LastUpdateStatus"
            ]["Status"],
        },
        "Update",
        "InProgress",
    )
    assert found["Update"] == "Successful"
    assert found["FeatureDefinitions"][-1]["FeatureName"] == "wind"
    assert found["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Hours", "Value": 2}
    table = aws("glue").get_table(
        DatabaseName=catalog["Database"], Name=catalog["TableName"]
    )["Table"]
    names = [c["Name"] for c in table["StorageDescriptor"]["Columns"]]
    assert "wind" in names
    with pytest.raises(ClientError, match="more than once"):
        sagemaker.update_feature_group(
            FeatureGroupName="flights",
            FeatureAdditions=[{"FeatureName": "wind", "FeatureType": "String"}],
        )
    key = {"FeatureGroupName": "flights", "FeatureName": "wind"}
    sagemaker.update_feature_metadata(
        **key,
        Description="gusts in mph",
        ParameterAdditions=[
            {"Key": "unit", "Value": "mph"},
            {"Key": "a", "Value": "1"},
        ],
    )
    sagemaker.update_feature_metadata(**key, ParameterRemovals=["a"])
    told = sagemaker.describe_feature_metadata(**key)
    assert told["FeatureType"] == "Fractional"
    assert told["Description"] == "gusts in mph"
    assert told["Parameters"] == [{"Key": "unit", "Value": "mph"}]
    with pytest.raises(ClientError, match="has no feature 'none'"):
        sagemaker.describe_feature_metadata(
            FeatureGroupName="flights", FeatureName="none"
        )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"RecordIdentifierFeatureName": "none"}, "RecordIdentifierFeatureName 'none'"),
        ({"EventTimeFeatureName": "none"}, "EventTimeFeatureName 'none'"),
        ({"EventTimeFeatureName": "seats"}, "must be of type String or Fractional"),
        (
            {"OnlineStoreConfig": {}, "OfflineStoreConfig": None},
            "Enable the OnlineStore",
        ),
        ({"RoleArn": None}, "needs a RoleArn"),
        (
            {"RoleArn": "arn:aws:iam::123456789012:role/none"},
            "Could not assume role",
        ),
        (
            {"FeatureDefinitions": [{"FeatureName": "is_deleted"}]},
            "reserved feature name",
        ),
    ],
)
def test_what_is_wrong_is_refused(
    aws: Callable[[str], Any],
    role: str,
    bucket: str,
    members: dict[str, Any],
    message: str,
) -> None:
    request = group(role, bucket, **members)
    request = {name: value for name, value in request.items() if value is not None}
    for feature in request["FeatureDefinitions"]:
        feature.setdefault("FeatureType", "String")
    with pytest.raises(ClientError, match=message) as caught:
        aws("sagemaker").create_feature_group(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_bucket_that_is_not_there_fails_the_group(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    sagemaker = aws("sagemaker")
    store = {"S3StorageConfig": {"S3Uri": "s3://none-there/fs"}}
    sagemaker.create_feature_group(**group(role, bucket, OfflineStoreConfig=store))
    found = made(aws)
    assert found["FeatureGroupStatus"] == "CreateFailed"
    assert "404" in found["FailureReason"]
    with pytest.raises(ClientError, match="CreateFailed"):
        sagemaker.update_feature_group(FeatureGroupName="flights")
    sagemaker.delete_feature_group(FeatureGroupName="flights")
    gone(aws)


def test_collections_and_in_memory_stores_are_refused(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    request = group(
        role,
        bucket,
        OnlineStoreConfig={"EnableOnlineStore": True, "StorageType": "InMemory"},
    )
    with pytest.raises(ClientError, match="StorageType='InMemory'") as caught:
        aws("sagemaker").create_feature_group(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
