"""File systems as channels of a training job."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait
from tests.localaws.services.storage import (
    bucket_location,
    content,
    copier,
    copy,
    efs_location,
    file_system,
    fill,
    network,
)

READ = """
import os, pathlib
folder = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
for path in sorted(folder.rglob("*.csv")):
    print("read", path.relative_to(folder), path.read_text().strip())
try:
    (folder / "mine.txt").write_text("written by the job")
    print("written")
except OSError as error:
    print("refused", type(error).__name__)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("done")
"""
Start = Callable[..., dict[str, Any]]


@pytest.fixture
def start(bucket: str, role: str) -> Start:
    """Run a training job on a file system to its end, and return its description."""

    def run(system: dict[str, Any], **more: Any) -> dict[str, Any]:
        sagemaker = boto3.client("sagemaker")
        body = archive(train_py=READ)
        boto3.client("s3").put_object(Bucket=bucket, Key="code.tar.gz", Body=body)
        subnet, group = network(boto3.client)
        given = {
            "TrainingJobName": "desk",
            "AlgorithmSpecification": {
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
            },
            "RoleArn": role,
            "HyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{bucket}/code.tar.gz",
            },
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "DataSource": {"FileSystemDataSource": system},
                }
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/jobs"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "VpcConfig": {"Subnets": [subnet], "SecurityGroupIds": [group]},
            **more,
        }
        sagemaker.create_training_job(
            **{key: value for key, value in given.items() if value is not None}
        )
        return wait(
            lambda: sagemaker.describe_training_job(TrainingJobName="desk"),
            "TrainingJobStatus",
            "InProgress",
            "Stopping",
        )

    return run


def said() -> list[str]:
    """Return what the job printed."""
    found = boto3.client("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs"
    )
    return [event["message"] for event in found["events"]]


def source(name: str, mode: str = "ro", path: str = "/data") -> dict[str, str]:
    """Return the data source of an EFS file system."""
    return {
        "FileSystemId": name,
        "FileSystemType": "EFS",
        "DirectoryPath": path,
        "FileSystemAccessMode": mode,
    }


def filled() -> tuple[str, str]:
    """Make a file system with two files, and a location for what comes back."""
    aws = boto3.client
    fill(aws, in__a_csv=b"1,2\n", in__d__b_csv=b"3,4\n")
    name, access = file_system(aws), copier(aws)
    place = efs_location(aws, name, "/data")
    assert copy(aws, bucket_location(aws, access, "/in"), place)["Status"] == "SUCCESS"
    return name, access


def outcome(name: str, access: str) -> dict[str, bytes]:
    """Copy the file system's folder to S3, and return what is there."""
    aws = boto3.client
    place = efs_location(aws, name, "/data")
    copy(aws, place, bucket_location(aws, access, "/out"))
    return content(aws, "out/")


def test_a_read_only_file_system_stays_as_it_is(start: Start) -> None:
    name, access = filled()
    job = start(source(name))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    lines = said()
    assert "read a.csv 1,2" in lines
    assert "read d/b.csv 3,4" in lines
    assert any(line.startswith("refused") for line in lines)
    assert set(outcome(name, access)) == {"a.csv", "d/b.csv"}


def test_what_a_job_writes_is_in_the_file_system(start: Start) -> None:
    name, access = filled()
    job = start(source(name, "rw"))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "written" in said()
    assert outcome(name, access)["mine.txt"] == b"written by the job"


def test_a_job_cut_off_the_network_sees_its_file_system(start: Start) -> None:
    name, _ = filled()
    job = start(source(name), EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "read a.csv 1,2" in said()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nowhere", "the directory does not exist"),
        ("/data/../../../etc", "leads out of the file system"),
    ],
)
def test_a_directory_that_is_not_there(start: Start, path: str, reason: str) -> None:
    name, _ = filled()
    job = start(source(name, path=path))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Unable to mount file system")
    assert reason in job["FailureReason"]


def test_a_file_system_out_of_reach(start: Start) -> None:
    name = file_system(boto3.client, mounted=False)
    job = start(source(name))
    assert job["TrainingJobStatus"] == "Failed"
    assert "no mount target" in job["FailureReason"]


def test_a_file_system_that_is_not_there(start: Start) -> None:
    job = start(source("fs-0123456789abcdef0"))
    assert job["TrainingJobStatus"] == "Failed"
    assert "fs-0123456789abcdef0" in job["FailureReason"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"VpcConfig": None}, "VpcConfig must be specified"),
        (
            {"VpcConfig": {"Subnets": ["subnet-0"], "SecurityGroupIds": ["sg-0"]}},
            "subnet-0",
        ),
    ],
)
def test_wrong_networks_are_refused(
    start: Start, more: dict[str, Any], message: str
) -> None:
    name = file_system(boto3.client)
    with pytest.raises(ClientError, match=message) as caught:
        start(source(name), **more)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []


def lustre() -> dict[str, Any]:
    """Make a file system of Lustre on the bucket's prefix, and return it."""
    fsx = boto3.client("fsx")
    fill(boto3.client, in__a_csv=b"1,2\n")
    fsx.create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=1200,
        SubnetIds=[network(boto3.client)[0]],
        LustreConfiguration={
            "DeploymentType": "SCRATCH_2",
            "ImportPath": "s3://on-time-desk/in",
        },
    )
    return fsx.describe_file_systems()["FileSystems"][0]


def test_lustre_has_the_objects_of_its_repository(start: Start) -> None:
    system = lustre()
    path = f"/{system['LustreConfiguration']['MountName']}"
    name = system["FileSystemId"]
    job = start({**source(name, path=path), "FileSystemType": "FSxLustre"})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    lines = said()
    assert "read a.csv 1,2" in lines
    assert any("Lazy loading is simulated: 1 files (4 bytes)" in line for line in lines)


def test_lustre_is_reached_by_its_mount_name(start: Start) -> None:
    name = lustre()["FileSystemId"]
    job = start({**source(name), "FileSystemType": "FSxLustre"})
    assert job["TrainingJobStatus"] == "Failed"
    assert "must begin with its mount name" in job["FailureReason"]
