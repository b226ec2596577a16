"""AWS DataSync between S3 and EFS: really copied, compared, refused."""

import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.storage import (
    Aws,
    bucket_location,
    content,
    copier,
    copy,
    efs_location,
    file_system,
    fill,
    network,
    run,
    task,
)

LOCATION = "arn:aws:datasync:us-east-1:123456789012:location/loc-0123456789abcdef"
ACCESS = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point"


@pytest.fixture
def ends(aws: Aws, bucket: str) -> tuple[str, str, str]:
    """Locations of s3://on-time-desk/in, of a file system and of /out in the bucket."""
    fill(aws, in__a_csv=b"1,2\n", in__d__b_csv=b"3,4\n5,6\n", other=b"x")
    role, name = copier(aws), file_system(aws)
    places = [bucket_location(aws, role, path) for path in ("/in", "/out")]
    return places[0], efs_location(aws, name, "/data"), places[1]


def test_objects_become_files_and_objects_again(
    aws: Aws, ends: tuple[str, str, str]
) -> None:
    source, middle, target = ends
    there = copy(aws, source, middle)
    assert there["Status"] == "SUCCESS", there
    counted = ("FilesTransferred", "BytesTransferred", "BytesWritten", "FilesVerified")
    assert [there[name] for name in counted] == [2, 12, 12, 2]
    assert there["Result"]["VerifyStatus"] == "SUCCESS"
    assert there["Result"]["TransferDuration"] > 0
    back = copy(aws, middle, target)
    assert back["FilesTransferred"] == 2
    assert content(aws, "out/") == {"a.csv": b"1,2\n", "d/b.csv": b"3,4\n5,6\n"}
    told = aws("s3").head_object(Bucket="on-time-desk", Key="out/a.csv")["Metadata"]
    assert told["file-permissions"] == "0755"
    size = aws("efs").describe_file_systems()["FileSystems"][0]["SizeInBytes"]
    assert size["Value"] >= 12


def test_only_what_has_changed_is_copied_again(
    aws: Aws, ends: tuple[str, str, str]
) -> None:
    source, middle, _ = ends
    name = task(aws, source, middle)
    run(aws, name)
    again = run(aws, name)
    assert (again["FilesTransferred"], again["FilesSkipped"]) == (0, 2)
    assert again["FilesVerified"] == 2
    fill(aws, in__a_csv=b"7,8,9\n")
    third = run(aws, name)
    assert (third["FilesTransferred"], third["BytesTransferred"]) == (1, 6)
    everything = run(aws, name, OverrideOptions={"TransferMode": "ALL"})
    assert everything["FilesTransferred"] == 2


def test_filters_and_deletions(aws: Aws, ends: tuple[str, str, str]) -> None:
    source, middle, target = ends
    pattern = [{"FilterType": "SIMPLE_PATTERN", "Value": "/d"}]
    assert copy(aws, source, middle, Includes=pattern)["FilesTransferred"] == 1
    assert copy(aws, source, middle, Excludes=pattern)["FilesTransferred"] == 1
    fill(aws, out__old_csv=b"0\n")
    kept = copy(aws, middle, target)
    assert set(content(aws, "out/")) == {"a.csv", "d/b.csv", "old.csv"}
    assert kept["FilesDeleted"] == 0
    removed = copy(aws, middle, target, Options={"PreserveDeletedFiles": "REMOVE"})
    assert removed["FilesDeleted"] == 1
    assert set(content(aws, "out/")) == {"a.csv", "d/b.csv"}


def test_never_overwrite(aws: Aws, ends: tuple[str, str, str]) -> None:
    source, middle, target = ends
    copy(aws, source, middle)
    fill(aws, out__a_csv=b"mine\n")
    options = {"OverwriteMode": "NEVER", "VerifyMode": "ONLY_FILES_TRANSFERRED"}
    done = copy(aws, middle, target, Options=options)
    assert (done["Status"], done["FilesTransferred"]) == ("SUCCESS", 1)
    assert content(aws, "out/")["a.csv"] == b"mine\n"
    compared = copy(aws, middle, target, Options={"OverwriteMode": "NEVER"})
    assert compared["Status"] == "ERROR"
    assert compared["Result"]["ErrorCode"] == "OpVerifyFailed"
    assert "a.csv differs" in compared["Result"]["ErrorDetail"]


def test_an_access_point_has_its_folder_and_its_owner(
    aws: Aws, ends: tuple[str, str, str]
) -> None:
    source, _, target = ends
    name = aws("efs").describe_file_systems()["FileSystems"][0]["FileSystemId"]
    point = aws("efs").create_access_point(
        ClientToken="t",
        FileSystemId=name,
        PosixUser={"Uid": 1001, "Gid": 1002},
        RootDirectory={
            "Path": "/teams/desk",
            "CreationInfo": {"OwnerUid": 1001, "OwnerGid": 1002, "Permissions": "750"},
        },
    )
    assert point["LifeCycleState"] == "creating"
    through = efs_location(
        aws,
        name,
        AccessPointArn=f"{ACCESS}/{point['AccessPointId']}",
        InTransitEncryption="TLS1_2",
    )
    assert copy(aws, source, through)["Status"] == "SUCCESS"
    whole = efs_location(aws, name, "/teams")
    assert copy(aws, whole, target)["FilesTransferred"] == 2
    assert content(aws, "out/")["desk/a.csv"] == b"1,2\n"
    told = aws("s3").head_object(Bucket="on-time-desk", Key="out/desk/a.csv")
    if os.geteuid() == 0:
        assert told["Metadata"]["file-owner"] == "1001"
        assert told["Metadata"]["file-group"] == "1002"


def test_an_access_point_without_its_folder(
    aws: Aws, ends: tuple[str, str, str]
) -> None:
    source, _, _ = ends
    name = aws("efs").describe_file_systems()["FileSystems"][0]["FileSystemId"]
    point = aws("efs").create_access_point(
        ClientToken="t", FileSystemId=name, RootDirectory={"Path": "/nowhere"}
    )["AccessPointId"]
    more = {"AccessPointArn": f"{ACCESS}/{point}"}
    with pytest.raises(ClientError, match="TLS1_2"):
        efs_location(aws, name, **more)
    through = efs_location(aws, name, InTransitEncryption="TLS1_2", **more)
    done = copy(aws, source, through)
    assert done["Status"] == "ERROR"
    assert "no CreationInfo" in done["Result"]["ErrorDetail"]


def test_a_role_that_may_not(aws: Aws, bucket: str) -> None:
    fill(aws, in__a_csv=b"1\n")
    role, name = copier(aws, "s3:ListBucket"), file_system(aws)
    source = bucket_location(aws, role, "/in")
    done = copy(aws, source, efs_location(aws, name))
    assert done["Status"] == "ERROR"
    assert done["Result"]["ErrorCode"] == "AccessDenied"
    assert "s3:GetObject" in done["Result"]["ErrorDetail"]
    assert "FilesTransferred" not in done
    aws("iam").delete_role_policy(RoleName="copier", PolicyName="p")
    with pytest.raises(ClientError, match="has s3:ListBucket permission"):
        bucket_location(aws, role, "/in")


def test_locations_are_looked_at(aws: Aws, bucket: str, role: str) -> None:
    with pytest.raises(ClientError, match="Unable to assume role"):
        bucket_location(aws, role, "/in")
    lonely = file_system(aws, mounted=False)
    with pytest.raises(ClientError, match="no mount target"):
        efs_location(aws, lonely)
    with pytest.raises(ClientError, match="fs-0123"):
        efs_location(aws, "fs-0123")
    with pytest.raises(ClientError, match="is not found"):
        task(aws, f"{LOCATION}1", f"{LOCATION}2")


def test_a_missing_source_folder_is_an_error(
    aws: Aws, ends: tuple[str, str, str]
) -> None:
    _, middle, target = ends
    done = copy(aws, middle, target)
    assert done["Status"] == "ERROR"
    assert "does not exist" in done["Result"]["ErrorDetail"]


def test_descriptions_and_deletions(aws: Aws, ends: tuple[str, str, str]) -> None:
    source, middle, _ = ends
    datasync, name = aws("datasync"), task(aws, source, middle, Name="desk")
    assert run(aws, name)["TaskMode"] == "BASIC"
    assert datasync.describe_task(TaskArn=name)["Status"] == "AVAILABLE"
    assert datasync.list_tasks()["Tasks"][0]["Name"] == "desk"
    assert len(datasync.list_task_executions(TaskArn=name)["TaskExecutions"]) == 1
    found = datasync.describe_location_efs(LocationArn=middle)
    assert found["LocationUri"].startswith("efs://us-east-1.fs-")
    assert network(aws)[0] in found["Ec2Config"]["SubnetArn"]
    uri = datasync.describe_location_s3(LocationArn=source)["LocationUri"]
    assert uri == "s3://on-time-desk/in/"
    assert len(datasync.list_locations()["Locations"]) == 3
    with pytest.raises(ClientError, match="in use by task"):
        datasync.delete_location(LocationArn=source)
    datasync.update_task(TaskArn=name, Options={"VerifyMode": "NONE"})
    assert run(aws, name, OverrideOptions={"TransferMode": "ALL"})["FilesVerified"] == 0
    datasync.delete_task(TaskArn=name)
    datasync.delete_location(LocationArn=source)
    assert len(datasync.list_locations()["Locations"]) == 2


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"Schedule": {"ScheduleExpression": "rate(1 hour)"}}, "runs by itself"),
        ({"TaskMode": "ENHANCED"}, "'ENHANCED' .here only 'BASIC'"),
        ({"Options": {"LogLevel": "TRANSFER"}}, "LogLevel"),
        (
            {"Options": {"TransferMode": "ALL", "PreserveDeletedFiles": "REMOVE"}},
            "needs TransferMode CHANGED",
        ),
    ],
)
def test_what_does_not_act_is_refused(
    aws: Aws, ends: tuple[str, str, str], members: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        task(aws, ends[0], ends[1], **members)


def test_a_copy_takes_time_and_costs(
    aws: Aws, ends: tuple[str, str, str], endpoint: Any
) -> None:
    source, middle, _ = ends
    done = copy(aws, source, middle, Options={"BytesPerSecond": 1})
    assert (done["EndTime"] - done["LaunchTime"]).total_seconds() == 72
    assert done["Result"]["TransferDuration"] == 22_000
    lines = endpoint.control("GET", "bill")["lines"]
    copied = [one for one in lines if one["service"] == "AWS DataSync"]
    assert copied[0]["quantity"] == pytest.approx(12 / 2**30, abs=1e-6)
    points = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/DataSync",
        MetricName="BytesTransferred",
        Dimensions=[{"Name": "TaskId", "Value": copied[0]["resource"]}],
        StartTime="2026-01-01T00:00:00Z",
        EndTime="2026-02-01T00:00:00Z",
        Period=86400,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [one["Sum"] for one in points] == [12]
