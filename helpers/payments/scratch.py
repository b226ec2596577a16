"""The scratch volume on which the extracts are sorted, and its slow night."""

from dataclasses import dataclass
from typing import Any

from helpers.payments.naming import Clients, Given, dice

SIZE = 200
DEVICE = "/dev/sdf"


@dataclass(frozen=True)
class Sort:
    """A sort that asks a plain gp3 volume for too much.

    Attributes:
        line: The command that reads the volume as the sort does.
        seconds: The time in which it is to be done.
        limit: `Iops` or `Throughput`: the setting of the volume that is too low.
        need: What it takes of that: operations, or MiB, a second.
    """

    line: str
    seconds: int
    limit: str
    need: int


def sort(seed: int) -> Sort:
    """Draw a sort."""
    draw_from = dice(seed, "scratch")
    seconds = draw_from.randrange(120, 301, 20)
    if draw_from.random() < 0.5:
        limit, need, piece = "Iops", draw_from.randrange(4_000, 13_000, 64), 8
        size = need * seconds * piece // 2**10
    else:
        limit, need, piece = "Throughput", draw_from.randrange(180, 600, 5), 256
        size = need * seconds
    line = (
        f"fio --name=sort --filename={DEVICE} --rw=randread --bs={piece}k "
        f"--iodepth=32 --size={size}m"
    )
    return Sort(line, seconds, limit, need)


def land(owner: str, seed: int, aws: Clients) -> Given:
    """Make the volume and an instance that has it, and sort there, once.

    Returns:
        The ids of the `volume`, of the `instance`, and of the `command` of the night.
    """
    ec2 = aws("ec2")
    tag = {"Key": "Name", "Value": f"scratch-{owner}"}
    filters = [{"Name": "tag:Name", "Values": [tag["Value"]]}]
    found = ec2.describe_volumes(Filters=filters)["Volumes"]
    volume = found[0] if found else _made(tag, ec2)
    name, places = volume["VolumeId"], volume["Attachments"]
    instance = places[0]["InstanceId"] if places else _attached(volume, ec2)
    tags = {each["Key"]: each["Value"] for each in volume.get("Tags", [])}
    command = tags.get("Command")
    if command is None:
        command = run(instance, sort(seed).line, aws)["CommandId"]
        ec2.create_tags(Resources=[name], Tags=[{"Key": "Command", "Value": command}])
    return {"volume": name, "instance": instance, "command": command}


def run(instance: str, line: str, aws: Clients) -> Any:
    """Send a command to an instance, and wait for its end."""
    ssm = aws("ssm")
    sent = ssm.send_command(
        InstanceIds=[instance],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": [line]},
    )["Command"]["CommandId"]
    ssm.get_waiter("command_executed").wait(CommandId=sent, InstanceId=instance)
    return ssm.get_command_invocation(CommandId=sent, InstanceId=instance)


def remove(scratch: Given, aws: Clients) -> None:
    """End the instance, and delete the volume."""
    ec2 = aws("ec2")
    ec2.terminate_instances(InstanceIds=[scratch["instance"]])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[scratch["instance"]])
    ec2.delete_volume(VolumeId=scratch["volume"])


def _made(tag: Given, ec2: Any) -> Any:
    subnet = ec2.describe_subnets()["Subnets"][0]
    made = ec2.create_volume(
        AvailabilityZone=subnet["AvailabilityZone"],
        Size=SIZE,
        VolumeType="gp3",
    )
    ec2.create_tags(Resources=[made["VolumeId"]], Tags=[tag])
    return ec2.describe_volumes(VolumeIds=[made["VolumeId"]])["Volumes"][0]


def _attached(volume: Any, ec2: Any) -> str:
    zone = {"Name": "availability-zone", "Values": [volume["AvailabilityZone"]]}
    subnet = ec2.describe_subnets(Filters=[zone])["Subnets"][0]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (made,) = ec2.run_instances(
        ImageId=image,
        InstanceType="m5.4xlarge",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet["SubnetId"],
    )["Instances"]
    instance = made["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance])
    ec2.attach_volume(VolumeId=volume["VolumeId"], InstanceId=instance, Device=DEVICE)
    return instance
