"""RDS snapshots, restores and exports: real data."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from tests.localaws.services.database import (
    Aws,
    became,
    connected,
    create,
    described,
    until,
)
from tests.localaws.services.lake import BUCKET

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "export.rds.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
WRITE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
TABLE = """
CREATE TABLE planes (
    tail text PRIMARY KEY, seats int, hours numeric(8,2), active boolean,
    built date, seen timestamp, raw bytea, note text
)
"""


def snapshot(aws: Aws, name: str = "first") -> Any:
    """Take a snapshot and wait for it."""
    aws("rds").create_db_snapshot(
        DBInstanceIdentifier="desk", DBSnapshotIdentifier=name
    )
    return available(aws, name)


def available(aws: Aws, name: str) -> Any:
    """Wait until a snapshot is there."""

    def look() -> Any:
        found = aws("rds").describe_db_snapshots(DBSnapshotIdentifier=name)
        one = found["DBSnapshots"][0]
        return one if one["Status"] == "available" else None

    return until(look)


def exported(aws: Aws, name: str = "nightly") -> Any:
    """Wait until an export has ended."""

    def look() -> Any:
        found = aws("rds").describe_export_tasks(ExportTaskIdentifier=name)
        task = found["ExportTasks"][0]
        return task if task["Status"] in ("COMPLETE", "FAILED", "CANCELED") else None

    return until(look)


def test_a_snapshot_is_the_data_of_its_moment(aws: Aws, bucket: str) -> None:
    instance = create(aws)
    with connected(instance) as found:
        found.execute(TABLE)
        found.execute(
            "INSERT INTO planes VALUES ('N1', 100, 12.50, true, '1999-01-02', "
            "'2013-01-01 05:00', '\\x0102', ''), ('N2', NULL, NULL, false, NULL, "
            "NULL, NULL, 'a, \"b\"\nc')"
        )
        snapshot(aws)
        found.execute("DELETE FROM planes")
    rds = aws("rds")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="again", DBSnapshotIdentifier="first"
    )
    again = became(aws, "available", "again")
    with connected(again) as found:
        assert found.execute("SELECT count(*) FROM planes").fetchone() == (2,)
    assert again["Endpoint"]["Port"] != instance["Endpoint"]["Port"]
    check_export(aws)
    rds.delete_db_instance(
        DBInstanceIdentifier="again", FinalDBSnapshotIdentifier="last"
    )
    assert described(aws, "again") is None
    available(aws, "last")
    rds.delete_db_snapshot(DBSnapshotIdentifier="first")
    with pytest.raises(ClientError, match="DBSnapshotNotFound"):
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="third", DBSnapshotIdentifier="first"
        )


def check_export(aws: Aws) -> None:
    """Export the snapshot, first with a role that may not write."""
    iam, rds = aws("iam"), aws("rds")
    made = iam.create_role(
        RoleName="export", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    aws("kms").create_alias(AliasName="alias/desk", TargetKeyId=key)
    request = {
        "ExportTaskIdentifier": "nightly",
        "SourceArn": "arn:aws:rds:us-east-1:123456789012:snapshot:first",
        "S3BucketName": BUCKET,
        "S3Prefix": "rds",
        "IamRoleArn": made["Role"]["Arn"],
        "KmsKeyId": "alias/desk",
    }
    with pytest.raises(ClientError, match="IamRoleNotFound"):
        rds.start_export_task(**{**request, "IamRoleArn": f"{made['Role']['Arn']}x"})
    rds.start_export_task(**{**request, "ExportTaskIdentifier": "refused"})
    failed = exported(aws, "refused")
    assert failed["Status"] == "FAILED"
    assert "not authorized to perform: s3:PutObject" in failed["FailureCause"]
    iam.put_role_policy(
        RoleName="export", PolicyName="p", PolicyDocument=json.dumps(WRITE)
    )
    started = rds.start_export_task(**request)
    assert started["Status"] == "STARTING"
    with pytest.raises(ClientError, match="ExportTaskAlreadyExists"):
        rds.start_export_task(**request)
    task = exported(aws)
    assert (task["Status"], task.get("FailureCause")) == ("COMPLETE", None)
    s3 = aws("s3")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="rds/nightly/")["Contents"]
    keys = [one["Key"] for one in listed]
    (key,) = [one for one in keys if one.endswith(".gz.parquet")]
    assert key.startswith("rds/nightly/flights/public.planes/1/part-00000-")
    assert "rds/nightly/export_info_nightly.json" in keys
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    rows = parquet.read_table(io.BytesIO(body)).sort_by("tail").to_pylist()
    assert rows == [
        {
            "tail": "N1",
            "seats": 100,
            "hours": Decimal("12.50"),
            "active": True,
            "built": "1999-01-02",
            "seen": "2013-01-01 05:00:00",
            "raw": b"\x01\x02",
            "note": "",
        },
        {
            "tail": "N2",
            "seats": None,
            "hours": None,
            "active": False,
            "built": None,
            "seen": None,
            "raw": None,
            "note": 'a, "b"\nc',
        },
    ]
    with pytest.raises(ClientError, match="DBSnapshotNotFound"):
        rds.start_export_task(
            **{**request, "ExportTaskIdentifier": "x", "SourceArn": "a:b:nobody"}
        )
    with pytest.raises(ClientError, match="ExportTaskNotFound"):
        rds.cancel_export_task(ExportTaskIdentifier="nobody")
