"""Workgroups: where results go, the limit that cancels, metrics, the bill."""

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from localaws.daemon import Connection
from tests.localaws.services.lake import BUCKET, Aws, asked, done, put, started, table

MEGABYTES = 11


@pytest.fixture
def wide(aws: Aws, bucket: str) -> None:
    """A table of 11 MB of text."""
    line = f"1,{'x' * 1021}\n"
    put(aws, "wide/a.csv", line * 1024 * MEGABYTES)
    table(
        aws,
        "CREATE EXTERNAL TABLE wide (id int, text string) ROW FORMAT DELIMITED FIELDS "
        "TERMINATED BY ',' LOCATION 's3://on-time-desk/wide/'",
    )


def group(aws: Aws, name: str = "desk", **configuration: object) -> None:
    """Make a workgroup."""
    given = {
        "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/{name}/"},
        **configuration,
    }
    aws("athena").create_work_group(Name=name, Configuration=given)


def test_a_query_over_the_limit_is_cancelled(
    endpoint: Connection, aws: Aws, wide: None
) -> None:
    group(aws, BytesScannedCutoffPerQuery=10_000_000)
    execution = asked(aws, "SELECT count(text) FROM wide", WorkGroup="desk")
    assert execution["Status"]["State"] == "CANCELLED"
    assert (
        execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    )
    size = aws("s3").head_object(Bucket=BUCKET, Key="wide/a.csv")["ContentLength"]
    assert execution["Statistics"]["DataScannedInBytes"] == size
    aws("athena").update_work_group(
        WorkGroup="desk",
        ConfigurationUpdates={"BytesScannedCutoffPerQuery": 20_000_000},
    )
    done(aws, "SELECT count(text) FROM wide", WorkGroup="desk")
    figures = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/Athena",
        MetricName="ProcessedBytes",
        Dimensions=[
            {"Name": "QueryState", "Value": "SUCCEEDED"},
            {"Name": "QueryType", "Value": "DML"},
            {"Name": "WorkGroup", "Value": "desk"},
        ],
        StartTime="2026-01-05T00:00:00Z",
        EndTime="2026-01-06T00:00:00Z",
        Period=86400,
        Statistics=["Sum"],
    )
    assert [point["Sum"] for point in figures["Datapoints"]] == [size]
    (line,) = [
        line
        for line in endpoint.control("GET", "bill")["lines"]
        if line["resource"] == "desk"
    ]
    assert line["quantity"] * 2**40 == pytest.approx(2 * size, rel=0.1)


def test_a_workgroup_that_enforces_its_place(aws: Aws, bucket: str) -> None:
    group(aws)
    execution = done(aws, "SELECT 1", WorkGroup="desk")
    place = execution["ResultConfiguration"]["OutputLocation"]
    assert place.startswith("s3://on-time-desk/desk/")
    group(aws, "free", EnforceWorkGroupConfiguration=False)
    execution = done(aws, "SELECT 1", WorkGroup="free")
    place = execution["ResultConfiguration"]["OutputLocation"]
    assert place.startswith("s3://on-time-desk/results/")


def test_workgroups_are_made_changed_and_deleted(aws: Aws, bucket: str) -> None:
    athena = aws("athena")
    group(aws)
    with pytest.raises(ClientError, match="WorkGroup is already created"):
        group(aws)
    with pytest.raises(ParamValidationError, match="min value: 10000000"):
        group(aws, "small", BytesScannedCutoffPerQuery=5)
    with pytest.raises(ClientError, match="keeps results in Athena"):
        group(aws, "managed", ManagedQueryResultsConfiguration={"Enabled": True})
    athena.update_work_group(WorkGroup="desk", State="DISABLED", Description="shut")
    with pytest.raises(ClientError, match="WorkGroup desk is disabled"):
        started(aws, "SELECT 1", WorkGroup="desk")
    found = {one["Name"]: one for one in athena.list_work_groups()["WorkGroups"]}
    assert found["desk"]["State"] == "DISABLED"
    assert "primary" in found
    athena.update_work_group(WorkGroup="desk", State="ENABLED")
    done(aws, "SELECT 1", WorkGroup="desk")
    with pytest.raises(ClientError, match="WorkGroup desk is not empty"):
        athena.delete_work_group(WorkGroup="desk")
    athena.delete_work_group(WorkGroup="desk", RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="WorkGroup desk is not found"):
        started(aws, "SELECT 1", WorkGroup="desk")


def test_tags_of_a_workgroup(aws: Aws) -> None:
    athena = aws("athena")
    athena.create_work_group(Name="desk", Tags=[{"Key": "team", "Value": "delay"}])
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/desk"
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "cost", "Value": "low"}])
    athena.untag_resource(ResourceARN=arn, TagKeys=["team"])
    found = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert found == [{"Key": "cost", "Value": "low"}]
