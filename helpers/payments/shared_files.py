"""A file on a shared file system: Amazon EFS, filled by AWS DataSync."""

import gzip
import json
import time
from typing import Any

from helpers.payments.naming import Clients, Given, there

PATIENCE = 300
FOLDER = "/receipts"
STAGE = "stage/"


def land(bucket: str, name: str, content: bytes, aws: Clients) -> Given:
    """Put a compressed file into a new file system, once.

    Returns:
        `location`, where DataSync finds its folder; `role`, with which DataSync reads
        and writes the bucket; `name`, that of the file.
    """
    efs, role, stage = aws("efs"), _role(bucket, aws), f"{STAGE}{name}"
    if not efs.describe_file_systems(CreationToken=bucket)["FileSystems"]:
        body = gzip.compress(content, 5, mtime=0)
        aws("s3").put_object(Bucket=bucket, Key=stage, Body=body)
        efs.create_file_system(CreationToken=bucket)
    location = _location(_ready(efs, bucket), aws)
    # What is staged still has not been copied, whoever was interrupted.
    if there(aws, bucket, stage):
        _fill(bucket, role, location, aws)
        aws("s3").delete_object(Bucket=bucket, Key=stage)
    return {"location": location, "role": role, "name": name}


def _ready(efs: Any, token: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        (found,) = efs.describe_file_systems(CreationToken=token)["FileSystems"]
        if found["LifeCycleState"] == "available":
            return found
        time.sleep(0.1)
    raise TimeoutError("the file system is not available")


def _location(system: Any, aws: Clients) -> str:
    """Give the DataSync location of the folder; make it, and the mount target."""
    ec2, efs, datasync = aws("ec2"), aws("efs"), aws("datasync")
    name, arn = system["FileSystemId"], system["FileSystemArn"]
    subnet = ec2.describe_subnets()["Subnets"][0]
    vpc = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}]
    group = ec2.describe_security_groups(Filters=vpc)["SecurityGroups"][0]
    if not efs.describe_mount_targets(FileSystemId=name)["MountTargets"]:
        efs.create_mount_target(
            FileSystemId=name,
            SubnetId=subnet["SubnetId"],
            SecurityGroups=[group["GroupId"]],
        )
    for each in datasync.list_locations()["Locations"]:
        if f"{name}{FOLDER}" in each["LocationUri"]:
            return each["LocationArn"]
    place = arn.replace(":elasticfilesystem:", ":ec2:").rpartition(":")[0]
    return datasync.create_location_efs(
        EfsFilesystemArn=arn,
        Subdirectory=FOLDER,
        Ec2Config={
            "SubnetArn": f"{place}:subnet/{subnet['SubnetId']}",
            "SecurityGroupArns": [f"{place}:security-group/{group['GroupId']}"],
        },
    )["LocationArn"]


def _role(bucket: str, aws: Clients) -> str:
    iam, name = aws("iam"), f"copier-{bucket}"
    try:
        return iam.get_role(RoleName=name)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "datasync.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(allowed))
    arn = f"arn:aws:s3:::{bucket}"
    rights = {"Effect": "Allow", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    iam.put_role_policy(
        RoleName=name, PolicyName="bucket", PolicyDocument=_policy(rights)
    )
    return made["Role"]["Arn"]


def _policy(statement: Given) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _fill(bucket: str, role: str, location: str, aws: Clients) -> None:
    """Copy what is staged in the bucket to the location."""
    datasync = aws("datasync")
    source = datasync.create_location_s3(
        S3BucketArn=f"arn:aws:s3:::{bucket}",
        Subdirectory=STAGE,
        S3Config={"BucketAccessRoleArn": role},
    )["LocationArn"]
    task = datasync.create_task(
        SourceLocationArn=source, DestinationLocationArn=location
    )["TaskArn"]
    run = datasync.start_task_execution(TaskArn=task)["TaskExecutionArn"]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status = datasync.describe_task_execution(TaskExecutionArn=run)["Status"]
        if status == "SUCCESS":
            datasync.delete_task(TaskArn=task)
            datasync.delete_location(LocationArn=source)
            return
        if status == "ERROR":
            break
        time.sleep(0.1)
    raise TimeoutError(f"DataSync has not copied {STAGE}")
