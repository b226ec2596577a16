"""Amazon EBS: limits of the types, modifications on the clock, costs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.storage import Aws

ZONE = "us-east-1a"


def make(aws: Aws, **members: Any) -> dict[str, Any]:
    """Make a volume, and return it as it is described afterwards."""
    ec2 = aws("ec2")
    made = ec2.create_volume(AvailabilityZone=ZONE, **members)
    assert made["State"] == "creating"
    return ec2.describe_volumes(VolumeIds=[made["VolumeId"]])["Volumes"][0]


def modification(aws: Aws, name: str) -> dict[str, Any]:
    """Return the last modification of a volume."""
    found = aws("ec2").describe_volumes_modifications(VolumeIds=[name])
    return found["VolumesModifications"][0]


@pytest.mark.parametrize(
    ("members", "iops", "throughput"),
    [
        ({"Size": 10}, 100, None),
        ({"Size": 500, "VolumeType": "gp2"}, 1500, None),
        ({"Size": 10000, "VolumeType": "gp2"}, 16000, None),
        ({"Size": 1, "VolumeType": "gp3"}, 3000, 125),
        (
            {"Size": 100, "VolumeType": "gp3", "Iops": 16000, "Throughput": 1000},
            16000,
            1000,
        ),
        ({"Size": 100, "VolumeType": "io1", "Iops": 5000}, 5000, None),
        ({"Size": 4, "VolumeType": "io2", "Iops": 4000}, 4000, None),
        ({"Size": 125, "VolumeType": "st1"}, None, None),
    ],
)
def test_volumes(
    aws: Aws, members: dict[str, Any], iops: int | None, throughput: int | None
) -> None:
    found = make(aws, **members)
    assert (found["State"], found["Size"]) == ("available", members["Size"])
    assert (found.get("Iops"), found.get("Throughput")) == (iops, throughput)


@pytest.mark.parametrize(
    ("members", "code", "said"),
    [
        ({}, "MissingParameter", "size or snapshotId"),
        ({"Size": 100, "VolumeType": "gp9"}, "InvalidParameterValue", "gp9"),
        ({"Size": 100, "VolumeType": "st1"}, "InvalidParameterValue", "minimum is 125"),
        ({"Size": 20000}, "InvalidParameterValue", "maximum is 16384"),
        ({"Size": 100, "VolumeType": "io1"}, "MissingParameter", "Iops"),
        (
            {"Size": 100, "VolumeType": "io1", "Iops": 50},
            "InvalidParameterValue",
            "Volume iops of 50 is too low; minimum is 100",
        ),
        (
            {"Size": 20, "VolumeType": "gp3", "Iops": 15000},
            "InvalidParameterValue",
            "ratio of 750.000000 is too high; maximum is 500",
        ),
        (
            {"Size": 4, "VolumeType": "io1", "Iops": 500},
            "InvalidParameterValue",
            "ratio of 125.000000 is too high; maximum is 50",
        ),
        (
            {"Size": 20, "VolumeType": "gp3", "Throughput": 1000},
            "InvalidParameterValue",
            "to iops ratio of 0.333333 is too high",
        ),
        ({"Size": 20, "Iops": 3000}, "InvalidParameterCombination", "not supported"),
        (
            {"Size": 200, "VolumeType": "st1", "Throughput": 200},
            "InvalidParameterCombination",
            "Throughput",
        ),
        (
            {"Size": 8, "VolumeType": "gp3", "MultiAttachEnabled": True},
            "NotImplementedInLocalEndpoint",
            "MultiAttachEnabled",
        ),
    ],
)
def test_wrong_volumes_are_refused(
    aws: Aws, members: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(ClientError, match=said) as caught:
        make(aws, **members)
    assert caught.value.response["Error"]["Code"] == code
    assert aws("ec2").describe_volumes()["Volumes"] == []


def test_a_modification_takes_its_time(aws: Aws, endpoint: Any) -> None:
    ec2 = aws("ec2")
    name = make(aws, Size=100)["VolumeId"]
    made = ec2.modify_volume(VolumeId=name, VolumeType="gp3", Iops=6000)
    found = made["VolumeModification"]
    assert (found["ModificationState"], found["Progress"]) == ("modifying", 0)
    assert (found["OriginalVolumeType"], found["OriginalIops"]) == ("gp2", 300)
    assert (found["TargetIops"], found["TargetThroughput"]) == (6000, 125)
    endpoint.control("POST", "clock", {"seconds": 120})
    assert modification(aws, name)["ModificationState"] == "optimizing"
    with pytest.raises(ClientError, match="IncorrectModificationState"):
        ec2.modify_volume(VolumeId=name, Size=200)
    endpoint.control("POST", "clock", {"seconds": 3600})
    done = modification(aws, name)
    assert (done["ModificationState"], done["Progress"]) == ("completed", 100)
    assert done["EndTime"] > done["StartTime"]
    found = ec2.describe_volumes(VolumeIds=[name])["Volumes"][0]
    assert (found["VolumeType"], found["Iops"]) == ("gp3", 6000)
    states = [{"Name": "modification-state", "Values": ["optimizing"]}]
    found = ec2.describe_volumes_modifications(Filters=states)
    assert found["VolumesModifications"] == []


def test_four_modifications_a_day(aws: Aws, endpoint: Any) -> None:
    ec2 = aws("ec2")
    name = make(aws, Size=100, VolumeType="gp3")["VolumeId"]
    for size in (101, 102, 103, 104):
        ec2.modify_volume(VolumeId=name, Size=size)
        endpoint.control("POST", "clock", {"seconds": 7200})
    with pytest.raises(ClientError, match="VolumeModificationRateExceeded"):
        ec2.modify_volume(VolumeId=name, Size=105)
    endpoint.control("POST", "clock", {"seconds": 16 * 3600})
    ec2.modify_volume(VolumeId=name, Size=105)
    assert ec2.describe_volumes(VolumeIds=[name])["Volumes"][0]["Size"] == 105


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"Size": 50}, "smaller than existing size"),
        ({}, "at least one of"),
        ({"VolumeType": "st1"}, "minimum is 125"),
        ({"VolumeType": "io1"}, "Iops for io1 volumes"),
        ({"Iops": 90000}, "maximum is 80000"),
    ],
)
def test_wrong_modifications_are_refused(
    aws: Aws, members: dict[str, Any], said: str
) -> None:
    name = make(aws, Size=100, VolumeType="gp3")["VolumeId"]
    with pytest.raises(ClientError, match=said):
        aws("ec2").modify_volume(VolumeId=name, **members)
    found = aws("ec2").describe_volumes_modifications()
    assert found["VolumesModifications"] == []


def test_attachments_snapshots_and_deletions(aws: Aws) -> None:
    ec2 = aws("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    instance = ec2.run_instances(
        ImageId=image, InstanceType="m5.large", MinCount=1, MaxCount=1
    )["Instances"][0]["InstanceId"]
    name = make(aws, Size=8, VolumeType="gp3")["VolumeId"]
    ec2.attach_volume(VolumeId=name, InstanceId=instance, Device="/dev/sdf")
    with pytest.raises(ClientError, match="VolumeInUse"):
        ec2.delete_volume(VolumeId=name)
    snapshot = ec2.create_snapshot(VolumeId=name)["SnapshotId"]
    restored = make(aws, SnapshotId=snapshot, VolumeType="gp3")
    assert (restored["Size"], restored["SnapshotId"]) == (8, snapshot)
    ec2.detach_volume(VolumeId=name, InstanceId=instance)
    ec2.attach_volume(VolumeId=name, InstanceId=instance, Device="/dev/sdg")
    ec2.detach_volume(VolumeId=name)
    with pytest.raises(ClientError, match=r"IncorrectState.*'available' state"):
        ec2.detach_volume(VolumeId=name)
    ec2.attach_volume(VolumeId=name, InstanceId=instance, Device="/dev/sdg")
    ec2.terminate_instances(InstanceIds=[instance])
    assert ec2.describe_volumes(VolumeIds=[name])["Volumes"][0]["Attachments"] == []
    ec2.delete_volume(VolumeId=name)
    with pytest.raises(ClientError, match=r"InvalidVolume\.NotFound"):
        ec2.describe_volumes(VolumeIds=[name])
    with pytest.raises(ClientError, match=r"InvalidVolume\.NotFound"):
        ec2.modify_volume(VolumeId=name, Size=9)
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        ec2.create_launch_template(
            LaunchTemplateName="desk", LaunchTemplateData={"InstanceType": "m5.large"}
        )


def test_what_is_provisioned_costs_until_it_is_deleted(aws: Aws, endpoint: Any) -> None:
    month = {"seconds": 730 * 3600}
    more = {"VolumeType": "gp3", "Iops": 4000, "Throughput": 225}
    name = make(aws, Size=100, **more)["VolumeId"]
    endpoint.control("POST", "clock", month)
    found = {
        one["usage"]: one["cost"]
        for one in endpoint.control("GET", "bill")["lines"]
        if one["resource"] == name
    }
    assert found == pytest.approx(
        {
            "Volume storage gp3": 8,
            "Provisioned IOPS gp3": 5,
            "Provisioned throughput gp3": 4,
        },
        rel=1e-3,
    )
    aws("ec2").modify_volume(VolumeId=name, Iops=3000, Throughput=125)
    endpoint.control("POST", "clock", month)
    aws("ec2").delete_volume(VolumeId=name)
    endpoint.control("POST", "clock", month)
    again = {
        one["usage"]: one["cost"]
        for one in endpoint.control("GET", "bill")["lines"]
        if one["resource"] == name
    }
    assert again["Volume storage gp3"] == pytest.approx(16, rel=1e-3)
    assert again["Provisioned IOPS gp3"] == pytest.approx(5, rel=1e-3)


def test_a_volume_has_its_tags(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "desk"}, {"Key": "day", "Value": "1"}]
    asked = [{"ResourceType": "volume", "Tags": tags}]
    found = make(aws, Size=10, VolumeType="gp3", TagSpecifications=asked)
    assert sorted(one["Key"] for one in found["Tags"]) == ["day", "team"]
