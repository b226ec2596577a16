"""Load on a volume through Run Command: a slow volume, its metrics, its repair."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.storage import Aws

ZONE = "us-east-1a"
READ = "fio --filename=/dev/sdf --rw=randread --bs=16k --iodepth=32 --direct=1"
TIMED = f"{READ} --name=desk --time_based --output-format=json"


@pytest.fixture
def instance(aws: Aws) -> str:
    """An instance."""
    ec2 = aws("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(
        ImageId=image, InstanceType="m5.large", MinCount=1, MaxCount=1
    )
    return made["Instances"][0]["InstanceId"]


def attach(aws: Aws, instance: str, **members: Any) -> str:
    """Make a volume, and attach it as /dev/sdf."""
    ec2 = aws("ec2")
    name = ec2.create_volume(AvailabilityZone=ZONE, **members)["VolumeId"]
    ec2.attach_volume(VolumeId=name, InstanceId=instance, Device="/dev/sdf")
    return name


def run(aws: Aws, instance: str, *commands: str) -> dict[str, Any]:
    """Run commands on an instance to their end."""
    ssm = aws("ssm")
    sent = ssm.send_command(
        InstanceIds=[instance],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": list(commands)},
    )["Command"]
    found = {"CommandId": sent["CommandId"], "InstanceId": instance}
    ssm.get_waiter("command_executed").wait(**found)
    return ssm.get_command_invocation(**found)


def iops(done: dict[str, Any], direction: str = "read") -> float:
    """Return the operations a second that fio reports."""
    assert done["Status"] == "Success", done
    return json.loads(done["StandardOutputContent"])["jobs"][0][direction]["iops"]


def seen(aws: Aws, volume: str, metric: str, statistic: str) -> list[float]:
    """Return a metric of a volume, minute by minute."""
    points = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/EBS",
        MetricName=metric,
        Dimensions=[{"Name": "VolumeId", "Value": volume}],
        StartTime="2026-01-05T00:00:00Z",
        EndTime="2026-01-05T23:00:00Z",
        Period=60,
        Statistics=[statistic],
    )["Datapoints"]
    points.sort(key=lambda one: one["Timestamp"])
    return [one[statistic] for one in points]


def test_a_gp2_volume_slows_down_when_its_credits_are_spent(
    aws: Aws, instance: str, endpoint: Any
) -> None:
    name = attach(aws, instance, Size=100, VolumeType="gp2")
    quick = run(aws, instance, f"{TIMED} --runtime=600")
    assert iops(quick) == pytest.approx(3000)
    run(aws, instance, f"{TIMED} --runtime=1800")
    slow = run(aws, instance, f"{TIMED} --runtime=600")
    assert iops(slow) == pytest.approx(300, rel=0.02)
    balance = seen(aws, name, "BurstBalance", "Average")
    assert balance[0] > 90
    assert balance[-1] == pytest.approx(0, abs=0.01)
    operations = seen(aws, name, "VolumeReadOps", "Sum")
    assert max(operations) == pytest.approx(180_000)
    assert sum(operations) * 16384 == pytest.approx(
        sum(seen(aws, name, "VolumeReadBytes", "Sum"))
    )
    assert max(seen(aws, name, "VolumeQueueLength", "Average")) == pytest.approx(32)
    assert seen(aws, name, "VolumeIOPSExceededCheck", "Maximum")[-1] == 1
    assert seen(aws, name, "VolumeThroughputExceededCheck", "Maximum")[-1] == 0
    aws("ec2").modify_volume(VolumeId=name, VolumeType="gp3")
    endpoint.control("POST", "clock", {"seconds": 3700})
    mended = run(aws, instance, f"{TIMED} --runtime=600")
    assert iops(mended) == pytest.approx(3000)


def test_credits_come_back(aws: Aws, instance: str, endpoint: Any) -> None:
    attach(aws, instance, Size=100, VolumeType="gp2")
    run(aws, instance, f"{TIMED} --runtime=3600")
    assert iops(run(aws, instance, f"{TIMED} --runtime=60")) == pytest.approx(
        300, rel=0.02
    )
    endpoint.control("POST", "clock", {"seconds": 5 * 3600})
    assert iops(run(aws, instance, f"{TIMED} --runtime=60")) == pytest.approx(3000)


@pytest.mark.parametrize(
    ("members", "options", "expected"),
    [
        ({"Size": 100, "VolumeType": "gp3", "Iops": 10000}, "--bs=4k", 10000),
        ({"Size": 100, "VolumeType": "gp3"}, "--bs=128k", 1000),
        ({"Size": 100, "VolumeType": "io2", "Iops": 20000}, "--bs=16k", 20000),
        ({"Size": 100, "VolumeType": "io2", "Iops": 64000}, "--iodepth=1", 1000),
        ({"Size": 1024, "VolumeType": "st1"}, "--bs=1m --iodepth=8", 250),
        ({"Size": 1024, "VolumeType": "sc1"}, "--bs=1m --iodepth=8", 80),
    ],
)
def test_the_pace_of_the_types(
    aws: Aws, instance: str, members: dict[str, Any], options: str, expected: float
) -> None:
    name = attach(aws, instance, **members)
    command = f"fio --filename=/dev/sdf --rw=write --iodepth=32 {options} --runtime=60"
    done = run(aws, instance, f"{command} --time_based --output-format=json")
    assert iops(done, "write") == pytest.approx(expected, rel=1e-3)
    operations = sum(seen(aws, name, "VolumeWriteOps", "Sum"))
    assert operations == pytest.approx(expected * 60, rel=1e-3)
    if members["VolumeType"] == "io2" and "iodepth" not in options:
        share = seen(aws, name, "VolumeThroughputPercentage", "Average")
        assert share[-1] == pytest.approx(100)


def test_a_fixed_amount_takes_its_time(aws: Aws, instance: str) -> None:
    attach(aws, instance, Size=100, VolumeType="gp3")
    done = run(aws, instance, f"{READ} --size=1g", f"{READ} --size=1g")
    assert done["ExecutionElapsedTime"] == f"PT{2 * 65536 / 3000:.3f}S"
    assert done["StandardOutputContent"].count("IOPS=3000, BW=46.9MiB/s") == 2
    assert "(simulated)" in done["StandardOutputContent"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("fio --filename=/dev/sdg --rw=read", "No such file or directory"),
        ("fio --filename=/dev/sdf --rw=sideways", "bad value for rw"),
        ("fio --filename=/dev/sdf --rw=read --size=200g", "exceeds"),
        ("fio --filename=/dev/sdf --rw=read --time_based", "requires a runtime"),
        ("fio --rw=read", "filename is missing"),
    ],
)
def test_a_command_that_fails(aws: Aws, instance: str, command: str, said: str) -> None:
    attach(aws, instance, Size=100, VolumeType="gp3")
    ssm = aws("ssm")
    sent = ssm.send_command(
        InstanceIds=[instance],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": [command]},
    )["Command"]
    done = ssm.get_command_invocation(CommandId=sent["CommandId"], InstanceId=instance)
    assert (done["Status"], done["ResponseCode"]) == ("Failed", 1)
    assert said in done["StandardErrorContent"]


def test_what_does_not_act_is_refused(aws: Aws, instance: str) -> None:
    for command in ("dd if=/dev/zero of=/dev/sdf", "fio --filename=/dev/sdf --rate=1"):
        with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
            run(aws, instance, command)
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        run(aws, "i-0123456789abcdef0", READ)
    with pytest.raises(ClientError, match="InvocationDoesNotExist"):
        aws("ssm").get_command_invocation(CommandId="0" * 36, InstanceId=instance)
    with pytest.raises(ClientError, match="runs this document"):
        aws("ssm").send_command(
            InstanceIds=[instance], DocumentName="AWS-RunPowerShellScript"
        )
