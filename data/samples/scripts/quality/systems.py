"""Two file systems with the clean days: lesson 1.1b makes them step by step."""

import time
from typing import Any

import boto3


def network() -> dict[str, list[str]]:
    """Find a subnet and a security group of the default network."""
    ec2 = boto3.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    of_vpc = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}]
    group = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]
    return {"subnets": [subnet["SubnetId"]], "security_group_ids": [group["GroupId"]]}


def lustre(place: dict[str, list[str]], uri: str) -> dict[str, Any]:
    """Make a scratch file system of FSx for Lustre that shows a folder of S3."""
    return boto3.client("fsx").create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=1200,
        SubnetIds=place["subnets"],
        SecurityGroupIds=place["security_group_ids"],
        LustreConfiguration={"DeploymentType": "SCRATCH_2", "ImportPath": uri},
    )["FileSystem"]


def elastic(place: dict[str, list[str]]) -> dict[str, Any]:
    """Make a file system of EFS with a mount target in the network."""
    efs = boto3.client("efs")
    made = efs.create_file_system(CreationToken="clean")
    efs.create_mount_target(
        FileSystemId=made["FileSystemId"],
        SubnetId=place["subnets"][0],
        SecurityGroups=place["security_group_ids"],
    )
    return made


def copying(
    bucket: str,
    folder: str,
    system: dict[str, Any],
    place: dict[str, list[str]],
    role: str,
) -> str:
    """Make a task of AWS DataSync from a folder of S3 to the same one of EFS."""
    datasync, ec2 = boto3.client("datasync"), boto3.client("ec2")
    start = datasync.create_location_s3(
        S3BucketArn=f"arn:aws:s3:::{bucket}",
        Subdirectory=folder,
        S3Config={"BucketAccessRoleArn": role},
    )
    subnet = ec2.describe_subnets(SubnetIds=place["subnets"])["Subnets"][0]
    base = subnet["SubnetArn"].partition(":subnet/")[0]
    groups = [f"{base}:security-group/{one}" for one in place["security_group_ids"]]
    end = datasync.create_location_efs(
        EfsFilesystemArn=system["FileSystemArn"],
        Subdirectory=folder,
        Ec2Config={"SubnetArn": subnet["SubnetArn"], "SecurityGroupArns": groups},
    )
    return datasync.create_task(
        SourceLocationArn=start["LocationArn"],
        DestinationLocationArn=end["LocationArn"],
    )["TaskArn"]


def copied(task: str) -> tuple[int, int]:
    """Run the task once, and say how many files and bytes it has moved."""
    datasync = boto3.client("datasync")
    run = datasync.start_task_execution(TaskArn=task)["TaskExecutionArn"]
    while True:
        told = datasync.describe_task_execution(TaskExecutionArn=run)
        if told.get("Result", {}).get("TotalDuration"):
            return told["FilesTransferred"], told["BytesTransferred"]
        time.sleep(0.1)


def removed(task: str, systems: tuple[dict[str, Any], dict[str, Any]]) -> int:
    """Delete the task with its ends, and the file systems."""
    datasync, efs = boto3.client("datasync"), boto3.client("efs")
    ends = datasync.describe_task(TaskArn=task)
    datasync.delete_task(TaskArn=task)
    for end in ("SourceLocationArn", "DestinationLocationArn"):
        datasync.delete_location(LocationArn=ends[end])
    elastic, scratch = systems
    targets = efs.describe_mount_targets(FileSystemId=elastic["FileSystemId"])
    for target in targets["MountTargets"]:
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    efs.delete_file_system(FileSystemId=elastic["FileSystemId"])
    boto3.client("fsx").delete_file_system(FileSystemId=scratch["FileSystemId"])
    return len(targets["MountTargets"])
