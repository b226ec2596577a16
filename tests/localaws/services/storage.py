"""What the tests of file systems share: a network, a role, copies."""

import json
import time
from collections.abc import Callable
from typing import Any

Aws = Callable[[str], Any]
BUCKET = "on-time-desk"
ACCOUNT = "123456789012"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "datasync.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def network(aws: Aws) -> tuple[str, str]:
    """Return a subnet and its VPC's default security group."""
    ec2 = aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    vpc = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}]
    group = ec2.describe_security_groups(Filters=vpc)["SecurityGroups"][0]
    return subnet["SubnetId"], group["GroupId"]


def file_system(aws: Aws, token: str = "desk", mounted: bool = True) -> str:
    """Make an EFS file system with a mount target, and return its id."""
    efs = aws("efs")
    name = efs.create_file_system(CreationToken=token)["FileSystemId"]
    if mounted:
        subnet, group = network(aws)
        efs.create_mount_target(
            FileSystemId=name, SubnetId=subnet, SecurityGroups=[group]
        )
    return name


def copier(aws: Aws, *actions: str) -> str:
    """Make a role with which DataSync reads and writes the bucket."""
    iam = aws("iam")
    role = iam.create_role(RoleName="copier", AssumeRolePolicyDocument=TRUST)
    statement = {
        "Effect": "Allow",
        "Action": list(actions) or ["s3:*"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(
        RoleName="copier", PolicyName="p", PolicyDocument=json.dumps(document)
    )
    return role["Role"]["Arn"]


def bucket_location(aws: Aws, role: str, folder: str) -> str:
    """Return the location of a prefix of the bucket."""
    return aws("datasync").create_location_s3(
        S3BucketArn=f"arn:aws:s3:::{BUCKET}",
        Subdirectory=folder,
        S3Config={"BucketAccessRoleArn": role},
    )["LocationArn"]


def efs_location(aws: Aws, name: str, folder: str = "/", **more: Any) -> str:
    """Return the location of a folder of an EFS file system."""
    subnet, group = network(aws)
    ec2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
    arn = f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/{name}"
    return aws("datasync").create_location_efs(
        EfsFilesystemArn=arn,
        Subdirectory=folder,
        Ec2Config={
            "SubnetArn": f"{ec2}:subnet/{subnet}",
            "SecurityGroupArns": [f"{ec2}:security-group/{group}"],
        },
        **more,
    )["LocationArn"]


def task(aws: Aws, source: str, target: str, **more: Any) -> str:
    """Make a task."""
    return aws("datasync").create_task(
        SourceLocationArn=source, DestinationLocationArn=target, **more
    )["TaskArn"]


def run(aws: Aws, name: str, **more: Any) -> dict[str, Any]:
    """Run a task, and return its execution once it has ended."""
    datasync = aws("datasync")
    made = datasync.start_task_execution(TaskArn=name, **more)["TaskExecutionArn"]
    end = time.monotonic() + 60
    while True:
        found = datasync.describe_task_execution(TaskExecutionArn=made)
        if found["Status"] in ("SUCCESS", "ERROR"):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)


def copy(aws: Aws, source: str, target: str, **more: Any) -> dict[str, Any]:
    """Copy once from a location to another."""
    return run(aws, task(aws, source, target, **more))


def fill(aws: Aws, **objects: bytes) -> None:
    """Put objects; `in__a_csv` is the key `in/a.csv`."""
    for name, body in objects.items():
        key = name.replace("__", "/").replace("_csv", ".csv")
        aws("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def content(aws: Aws, prefix: str) -> dict[str, bytes]:
    """Return what is below a prefix of the bucket, by the rest of the keys."""
    s3 = aws("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {
        one["Key"].removeprefix(prefix): s3.get_object(Bucket=BUCKET, Key=one["Key"])[
            "Body"
        ].read()
        for one in found
    }
