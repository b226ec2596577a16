"""Amazon EFS: file systems, mount targets, access points."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.storage import Aws, file_system, network


def test_a_file_system_from_its_making_to_its_end(aws: Aws) -> None:
    efs = aws("efs")
    made = efs.create_file_system(
        CreationToken="desk",
        ThroughputMode="elastic",
        Encrypted=True,
        Tags=[{"Key": "Name", "Value": "desk"}],
    )
    assert (made["LifeCycleState"], made["Name"]) == ("creating", "desk")
    name = made["FileSystemId"]
    found = efs.describe_file_systems(FileSystemId=name)["FileSystems"][0]
    assert (found["LifeCycleState"], found["ThroughputMode"]) == (
        "available",
        "elastic",
    )
    assert found["SizeInBytes"]["Value"] == 0
    subnet, group = network(aws)
    target = efs.create_mount_target(
        FileSystemId=name, SubnetId=subnet, SecurityGroups=[group]
    )["MountTargetId"]
    with pytest.raises(ClientError, match="FileSystemInUse"):
        efs.delete_file_system(FileSystemId=name)
    assert efs.describe_mount_target_security_groups(MountTargetId=target)[
        "SecurityGroups"
    ] == [group]
    efs.delete_mount_target(MountTargetId=target)
    efs.delete_file_system(FileSystemId=name)
    with pytest.raises(ClientError, match="FileSystemNotFound"):
        efs.describe_file_systems(FileSystemId=name)


def test_a_token_makes_one_file_system(aws: Aws) -> None:
    file_system(aws)
    with pytest.raises(ClientError, match="FileSystemAlreadyExists"):
        file_system(aws)
    assert len(aws("efs").describe_file_systems()["FileSystems"]) == 1


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"ThroughputMode": "provisioned"}, "ProvisionedThroughputInMibps is required"),
        ({"ProvisionedThroughputInMibps": 8.0}, "goes with no other"),
        ({"PerformanceMode": "maxIO", "ThroughputMode": "elastic"}, "maxIO"),
        ({"KmsKeyId": "alias/desk", "Encrypted": True}, "encrypts with this key"),
        ({"Backup": True}, "backs the files up"),
    ],
)
def test_wrong_file_systems_are_refused(
    aws: Aws, members: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        aws("efs").create_file_system(CreationToken="t", **members)
    assert aws("efs").describe_file_systems()["FileSystems"] == []


def test_access_points(aws: Aws) -> None:
    efs, name = aws("efs"), file_system(aws)
    efs.create_access_point(ClientToken="t", FileSystemId=name)
    with pytest.raises(ClientError, match="AccessPointAlreadyExists"):
        efs.create_access_point(ClientToken="t", FileSystemId=name)
    with pytest.raises(ClientError, match="FileSystemNotFound"):
        efs.create_access_point(ClientToken="u", FileSystemId="fs-0123456789abcdef0")
    with pytest.raises(ClientError, match="up to four folders"):
        efs.create_access_point(
            ClientToken="u", FileSystemId=name, RootDirectory={"Path": "/a/b/c/d/e"}
        )
    points = efs.describe_access_points(FileSystemId=name)["AccessPoints"]
    assert [one["LifeCycleState"] for one in points] == ["available"]
    efs.delete_access_point(AccessPointId=points[0]["AccessPointId"])
    assert efs.describe_access_points()["AccessPoints"] == []


def test_lifecycle_policies_are_kept(aws: Aws) -> None:
    efs, name = aws("efs"), file_system(aws)
    rules = [{"TransitionToIA": "AFTER_30_DAYS"}]
    efs.put_lifecycle_configuration(FileSystemId=name, LifecyclePolicies=rules)
    found = efs.describe_lifecycle_configuration(FileSystemId=name)
    assert found["LifecyclePolicies"] == rules
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        efs.put_file_system_policy(FileSystemId=name, Policy="{}")


def test_mount_targets_need_a_network(aws: Aws) -> None:
    efs, name = aws("efs"), file_system(aws)
    with pytest.raises(ClientError, match="SubnetNotFound"):
        efs.create_mount_target(FileSystemId=name, SubnetId="subnet-0123456789abcdef0")
    with pytest.raises(ClientError, match="MountTargetConflict"):
        efs.create_mount_target(FileSystemId=name, SubnetId=network(aws)[0])


def test_provisioned_throughput_costs_by_the_month(aws: Aws, endpoint: Any) -> None:
    name = aws("efs").create_file_system(
        CreationToken="t",
        ThroughputMode="provisioned",
        ProvisionedThroughputInMibps=10.0,
    )["FileSystemId"]
    endpoint.control("POST", "clock", {"seconds": 730 * 3600})
    lines = endpoint.control("GET", "bill")["lines"]
    line = next(one for one in lines if one["usage"] == "Provisioned throughput")
    assert line["resource"] == name
    assert line["quantity"] == pytest.approx(10, rel=1e-3)
    assert line["cost"] == pytest.approx(60, rel=1e-3)
    aws("efs").delete_file_system(FileSystemId=name)
    endpoint.control("POST", "clock", {"seconds": 730 * 3600})
    again = endpoint.control("GET", "bill")["lines"]
    later = next(one for one in again if one["usage"] == "Provisioned throughput")
    assert later["quantity"] == pytest.approx(line["quantity"], rel=1e-3)
