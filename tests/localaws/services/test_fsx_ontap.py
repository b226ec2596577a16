"""FSx for NetApp ONTAP: file systems, virtual machines, volumes that hold files."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.storage import (
    ACCOUNT,
    Aws,
    bucket_location,
    content,
    copier,
    copy,
    fill,
    network,
)


def make(aws: Aws, size: int = 1024, **more: Any) -> str:
    """Make a file system, and return its id."""
    return aws("fsx").create_file_system(
        FileSystemType="ONTAP",
        StorageCapacity=size,
        SubnetIds=[network(aws)[0]],
        OntapConfiguration={
            "DeploymentType": "SINGLE_AZ_1",
            "ThroughputCapacity": 128,
            **more,
        },
    )["FileSystem"]["FileSystemId"]


def machine(aws: Aws) -> dict[str, Any]:
    """Make a file system with a storage virtual machine."""
    fsx = aws("fsx")
    made = fsx.create_storage_virtual_machine(FileSystemId=make(aws), Name="desk")
    key = made["StorageVirtualMachine"]["StorageVirtualMachineId"]
    found = fsx.describe_storage_virtual_machines(StorageVirtualMachineIds=[key])
    return found["StorageVirtualMachines"][0]


def volume(aws: Aws, of: str, name: str = "vol1", path: str = "/vol1") -> str:
    """Make a volume."""
    return aws("fsx").create_volume(
        VolumeType="ONTAP",
        Name=name,
        OntapConfiguration={
            "JunctionPath": path,
            "SizeInMegabytes": 1024,
            "StorageVirtualMachineId": of,
        },
    )["Volume"]["VolumeId"]


def location(aws: Aws, of: str, folder: str) -> str:
    """Return the location of a folder of a volume."""
    group = network(aws)[1]
    return aws("datasync").create_location_fsx_ontap(
        Protocol={"NFS": {}},
        SecurityGroupArns=[f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{group}"],
        StorageVirtualMachineArn=of,
        Subdirectory=folder,
    )["LocationArn"]


def test_files_in_a_volume(aws: Aws, bucket: str) -> None:
    fill(aws, in__a_csv=b"1,2\n")
    role, found = copier(aws), machine(aws)
    assert found["Lifecycle"] == "CREATED"
    key = found["StorageVirtualMachineId"]
    name = volume(aws, key)
    described = aws("fsx").describe_volumes(VolumeIds=[name])["Volumes"][0]
    assert described["Lifecycle"] == "CREATED"
    assert described["OntapConfiguration"]["JunctionPath"] == "/vol1"
    place = location(aws, found["ResourceARN"], "/vol1/data")
    assert copy(aws, bucket_location(aws, role, "/in"), place)["Status"] == "SUCCESS"
    copy(aws, place, bucket_location(aws, role, "/out"))
    assert content(aws, "out/") == {"a.csv": b"1,2\n"}
    told = aws("datasync").describe_location_fsx_ontap(LocationArn=place)
    assert told["FsxFilesystemArn"].endswith(f"file-system/{found['FileSystemId']}")
    with pytest.raises(ClientError, match="junction path"):
        location(aws, found["ResourceARN"], "/other")
    with pytest.raises(ClientError, match="has volumes"):
        aws("fsx").delete_storage_virtual_machine(StorageVirtualMachineId=key)
    with pytest.raises(ClientError, match="storage virtual machines"):
        aws("fsx").delete_file_system(FileSystemId=found["FileSystemId"])
    aws("fsx").delete_volume(VolumeId=name)
    aws("fsx").delete_storage_virtual_machine(StorageVirtualMachineId=key)
    aws("fsx").delete_file_system(FileSystemId=found["FileSystemId"])
    assert aws("fsx").describe_file_systems()["FileSystems"] == []


@pytest.mark.parametrize(
    ("size", "members", "said"),
    [
        (1000, {}, "it takes 1024 to 196608 GiB"),
        (1024, {"ThroughputCapacity": 100}, "ThroughputCapacity 100"),
        (1024, {"DeploymentType": "MULTI_AZ_1"}, "takes 2 SubnetIds"),
        (1024, {"DeploymentType": "SINGLE_AZ_2"}, "SINGLE_AZ_2"),
        (1024, {"FsxAdminPassword": "Password-1"}, "obeys this setting"),
    ],
)
def test_wrong_file_systems_are_refused(
    aws: Aws, size: int, members: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        make(aws, size, **members)


def test_wrong_volumes_are_refused(aws: Aws) -> None:
    key = machine(aws)["StorageVirtualMachineId"]
    volume(aws, key)
    with pytest.raises(ClientError, match="JunctionPath /vol1 is in use"):
        volume(aws, key, name="vol2")
    with pytest.raises(ClientError, match="vol1 already"):
        volume(aws, key, path="/other")
    with pytest.raises(ClientError, match="StorageVirtualMachineNotFound"):
        volume(aws, "svm-0123456789abcdef0")


def test_what_is_provisioned_costs_by_the_month(aws: Aws, endpoint: Any) -> None:
    name = make(aws)
    endpoint.control("POST", "clock", {"seconds": 730 * 3600})
    lines = endpoint.control("GET", "bill")["lines"]
    costs = [one["cost"] for one in lines if one["resource"] == name]
    assert costs == pytest.approx([1024 * 0.125, 128 * 0.72], rel=1e-3)
