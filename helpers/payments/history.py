"""A table of payments for Amazon Athena, and a feature group of what was counted."""

import io
import time
from typing import TYPE_CHECKING

from helpers.payments.frauds import frauds
from helpers.payments.naming import Clients, Given, bucket_made, there
from helpers.payments.roles import role

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "payments/payments.parquet"
PATIENCE = 300
PIECE = 25
COLUMNS = {
    "payment_id": "bigint",
    "terminal_id": "string",
    "paid_at": "bigint",
    "cents": "bigint",
    "fraud": "bigint",
}
FEATURES = {
    "terminal_id": "String",
    "counted_at": "Fractional",
    "charges": "Integral",
    "frauds": "Integral",
}


def land(given: Given, aws: Clients) -> Given:
    """Land the payments as a table, and the counts in an offline store, once.

    Returns:
        What was given, with `features`, the database and the table of that store.
    """
    drawn, bucket = frauds(given["seed"]), given["bucket"]
    bucket_made(aws, bucket)
    if not there(aws, bucket, KEY):
        body = io.BytesIO()
        drawn.payments.to_parquet(body, index=False)
        aws("s3").put_object(Bucket=bucket, Key=KEY, Body=body.getvalue())
    _table(given, aws)
    sagemaker, group = aws("sagemaker"), given["group"]
    listed = sagemaker.list_feature_groups(NameContains=group)["FeatureGroupSummaries"]
    if group not in [each["FeatureGroupName"] for each in listed]:
        _group(group, bucket, aws)
        _write(group, drawn.counts, aws)
    told = sagemaker.describe_feature_group(FeatureGroupName=group)
    catalog = told["OfflineStoreConfig"]["DataCatalogConfig"]
    features = {"database": catalog["Database"], "table": catalog["TableName"]}
    return given | {"features": features}


def _table(given: Given, aws: Clients) -> None:
    glue, name = aws("glue"), given["database"]
    if name in [each["Name"] for each in glue.get_databases()["DatabaseList"]]:
        return
    glue.create_database(DatabaseInput={"Name": name})
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    glue.create_table(
        DatabaseName=name,
        TableInput={
            "Name": given["table"],
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "parquet"},
            "StorageDescriptor": {
                "Columns": [{"Name": n, "Type": kind} for n, kind in COLUMNS.items()],
                "Location": f"s3://{given['bucket']}/{KEY.rpartition('/')[0]}/",
                "InputFormat": f"{parquet}.MapredParquetInputFormat",
                "OutputFormat": f"{parquet}.MapredParquetOutputFormat",
                "SerdeInfo": {
                    "SerializationLibrary": f"{parquet}.serde.ParquetHiveSerDe"
                },
            },
        },
    )


def _group(group: str, bucket: str, aws: Clients) -> None:
    arn, sagemaker = f"arn:aws:s3:::{bucket}", aws("sagemaker")
    rights = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]},
        {"Effect": "Allow", "Action": "glue:*", "Resource": "*"},
    ]
    sagemaker.create_feature_group(
        FeatureGroupName=group,
        RecordIdentifierFeatureName="terminal_id",
        EventTimeFeatureName="counted_at",
        FeatureDefinitions=[
            {"FeatureName": name, "FeatureType": kind}
            for name, kind in FEATURES.items()
        ],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": f"s3://{bucket}/offline"}},
        RoleArn=role(f"historian-{group}", "sagemaker", rights, aws),
    )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told = sagemaker.describe_feature_group(FeatureGroupName=group)
        if told["FeatureGroupStatus"] == "Created":
            return
        time.sleep(0.1)
    raise TimeoutError(f"the feature group {group} is not created")


def _write(group: str, counts: "DataFrame", aws: Clients) -> None:
    runtime = aws("sagemaker-featurestore-runtime")
    entries = [
        {
            "FeatureGroupName": group,
            "Record": [
                {"FeatureName": name, "ValueAsString": str(value)}
                for name, value in row.items()
            ],
        }
        for row in counts.to_dict("records")
    ]
    while entries:
        answer = runtime.batch_write_record(Entries=entries[:PIECE])
        entries = answer["UnprocessedEntries"] + entries[PIECE:]
