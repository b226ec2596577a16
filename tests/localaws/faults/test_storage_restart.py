"""F1 for file systems, volumes and copies: what was acknowledged outlives a kill."""

from pathlib import Path
from typing import Any

import boto3

from localaws import daemon
from localaws.shares import Shares
from tests.localaws.faults.killing import again, running
from tests.localaws.services import storage, test_fsx

ZONE = "us-east-1a"


def seen() -> list[Any]:
    """Return what the services describe."""
    ec2, efs, fsx = (boto3.client(one) for one in ("ec2", "efs", "fsx"))
    datasync = boto3.client("datasync")
    systems = efs.describe_file_systems()["FileSystems"]
    for one in systems:
        one["SizeInBytes"].pop("Timestamp")
    answers = (
        systems,
        efs.describe_mount_targets(FileSystemId=systems[0]["FileSystemId"]),
        fsx.describe_file_systems()["FileSystems"],
        fsx.describe_data_repository_associations()["Associations"],
        ec2.describe_volumes()["Volumes"],
        ec2.describe_volumes_modifications()["VolumesModifications"],
        datasync.list_locations()["Locations"],
        datasync.list_task_executions()["TaskExecutions"],
    )
    for one in answers:
        if isinstance(one, dict):
            one.pop("ResponseMetadata")
    return list(answers)


def test_files_and_volumes_are_there_again(home: Path) -> None:
    with running() as connection:
        aws = boto3.client
        aws("s3").create_bucket(Bucket=storage.BUCKET)
        storage.fill(aws, in__a_csv=b"1,2\n")
        role, name = storage.copier(aws), storage.file_system(aws)
        source = storage.bucket_location(aws, role, "/in")
        place = storage.efs_location(aws, name, "/data")
        assert storage.copy(aws, source, place)["Status"] == "SUCCESS"
        lustre = test_fsx.persistent(aws)
        test_fsx.link(aws, lustre, BatchImportMetaDataOnCreate=True)
        volume = aws("ec2").create_volume(
            AvailabilityZone=ZONE, Size=100, VolumeType="gp3"
        )["VolumeId"]
        aws("ec2").modify_volume(VolumeId=volume, Iops=4000)
        connection.control("POST", "clock", {"seconds": 3600})
        before, bill = seen(), connection.control("GET", "bill")["lines"]
        connection = again()
        assert seen() == before
        kept = {(one["usage"], one["resource"]): one["quantity"] for one in bill}
        now = connection.control("GET", "bill")["lines"]
        rented = [one for one in now if one["resource"] in (volume, lustre, name)]
        assert len(rented) == 4
        for one in rented:
            least = 0 if one["resource"] == name else 1e-6
            assert one["quantity"] >= kept[one["usage"], one["resource"]] >= least
        back = storage.bucket_location(aws, role, "/out")
        storage.copy(aws, place, back)
        assert storage.content(aws, "out/") == {"a.csv": b"1,2\n"}
        folder = Shares(Path(connection.home))
        assert (folder.root(lustre) / "data" / "a.csv").stat().st_size == 4
        daemon.stop()
        assert not folder.folder(name).exists()
