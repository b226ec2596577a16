"""Photographs in three stores: Amazon S3, Amazon EFS and FSx for Lustre."""

import io
import tarfile
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from helpers.payments.naming import Clients, Given, bucket_made, state, there
from helpers.payments.roles import role
from helpers.samples import sample

if TYPE_CHECKING:
    from pandas import DataFrame

PATIENCE = 300
HIDDEN, PARTS = 100, 3
FOLDER = "shelf"
SCRIPT = "scripts/feed/train.py"
CODE = "code/source.tar.gz"


class Photographs(NamedTuple):
    """What a seed has drawn: photographs to learn from, and others to ask about."""

    train: "DataFrame"
    hidden: "DataFrame"


@cache
def draw(seed: int) -> Photographs:
    """Draw which photographs are hidden; leave the frames alone."""
    import pandas as pd

    rows = pd.read_parquet(sample("garments.parquet"))
    hidden = rows.sample(HIDDEN, random_state=state(seed))
    return Photographs(rows.drop(hidden.index), hidden)


def feed(given: Given, aws: Clients | None = None) -> Given:
    """Put the photographs into the three stores, once.

    Args:
        given: what `check.inputs` has drawn.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        What was given, less the names of the stores, with `code`, `sources` and
        `network`: what the answer to the task is given.
    """
    if aws is None:
        from boto3 import client as aws
    bucket = given["bucket"]
    _objects(given, aws)
    subnet, groups = _network(aws)
    shared = _elastic(bucket, subnet, groups, aws)
    lustre = _lustre(given, subnet, groups, aws)
    own = ("jobs", "bucket", "nights", "gigabytes")
    return {name: given[name] for name in own} | {
        "code": f"s3://{bucket}/{CODE}",
        "sources": {
            "s3": {"uri": f"s3://{bucket}/{FOLDER}/"},
            "efs": {"id": shared, "path": f"/{FOLDER}"},
            "lustre": lustre,
        },
        "network": {"Subnets": [subnet["SubnetId"]], "SecurityGroupIds": groups},
    }


def _objects(given: Given, aws: Clients) -> None:
    bucket, s3 = given["bucket"], aws("s3")
    bucket_made(aws, bucket)
    if there(aws, bucket, CODE):
        return
    rows = draw(given["seed"]).train
    for part in range(PARTS):
        body = rows.iloc[part::PARTS].to_parquet(index=False)
        s3.put_object(Bucket=bucket, Key=f"{FOLDER}/part-{part}.parquet", Body=body)
    code = io.BytesIO()
    with tarfile.open(fileobj=code, mode="w:gz") as archive:
        archive.add(sample(SCRIPT), "train.py")
    s3.put_object(Bucket=bucket, Key=CODE, Body=code.getvalue())


def _network(aws: Clients) -> tuple[Any, list[str]]:
    """Give a subnet of the default network, and its security group."""
    ec2 = aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    of_vpc = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}]
    group = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]
    return subnet, [group["GroupId"]]


def _elastic(bucket: str, subnet: Any, groups: list[str], aws: Clients) -> str:
    """Make a file system of EFS, and copy the photographs to it by DataSync."""
    efs, marked = aws("efs"), [{"Key": "filled", "Value": "yes"}]
    made = efs.create_file_system
    found = efs.describe_file_systems(CreationToken=bucket)["FileSystems"]
    name = (found[0] if found else made(CreationToken=bucket))["FileSystemId"]

    def system() -> Any:
        return efs.describe_file_systems(FileSystemId=name)["FileSystems"][0]

    _until(lambda: system()["LifeCycleState"], "available")
    if not efs.describe_mount_targets(FileSystemId=name)["MountTargets"]:
        target = {"SubnetId": subnet["SubnetId"], "SecurityGroups": groups}
        efs.create_mount_target(FileSystemId=name, **target)
    _until(
        lambda: efs.describe_mount_targets(FileSystemId=name)["MountTargets"][0][
            "LifeCycleState"
        ],
        "available",
    )
    if marked[0] not in system()["Tags"]:
        _copy(bucket, system()["FileSystemArn"], subnet, groups, aws)
        efs.tag_resource(ResourceId=name, Tags=marked)
    return name


def _copy(
    bucket: str, system: str, subnet: Any, groups: list[str], aws: Clients
) -> None:
    datasync, arn = aws("datasync"), f"arn:aws:s3:::{bucket}"
    rights = {"Effect": "Allow", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    base = subnet["SubnetArn"].partition(":subnet/")[0]
    start = datasync.create_location_s3(
        S3BucketArn=arn,
        Subdirectory=f"/{FOLDER}",
        S3Config={
            "BucketAccessRoleArn": role(f"copier-{bucket}", "datasync", [rights], aws)
        },
    )["LocationArn"]
    end = datasync.create_location_efs(
        EfsFilesystemArn=system,
        Subdirectory=f"/{FOLDER}",
        Ec2Config={
            "SubnetArn": subnet["SubnetArn"],
            "SecurityGroupArns": [f"{base}:security-group/{each}" for each in groups],
        },
    )["LocationArn"]
    task = datasync.create_task(SourceLocationArn=start, DestinationLocationArn=end)
    run = datasync.start_task_execution(TaskArn=task["TaskArn"])["TaskExecutionArn"]
    _until(
        lambda: datasync.describe_task_execution(TaskExecutionArn=run)["Status"],
        "SUCCESS",
    )
    datasync.delete_task(TaskArn=task["TaskArn"])
    for location in (start, end):
        datasync.delete_location(LocationArn=location)


def _lustre(
    given: Given, subnet: Any, groups: list[str], aws: Clients
) -> dict[str, str]:
    """Make a scratch file system of Lustre, and link a folder of it to the bucket."""
    fsx, bucket = aws("fsx"), given["bucket"]
    made = fsx.create_file_system(
        ClientRequestToken=bucket,
        FileSystemType="LUSTRE",
        FileSystemTypeVersion="2.15",
        StorageCapacity=given["capacity"],
        SubnetIds=[subnet["SubnetId"]],
        SecurityGroupIds=groups,
        LustreConfiguration={"DeploymentType": "SCRATCH_2"},
    )["FileSystem"]
    name = made["FileSystemId"]
    _until(
        lambda: fsx.describe_file_systems(FileSystemIds=[name])["FileSystems"][0][
            "Lifecycle"
        ],
        "AVAILABLE",
    )
    mine = [{"Name": "file-system-id", "Values": [name]}]

    def links() -> Any:
        found = fsx.describe_data_repository_associations(Filters=mine)
        return found["Associations"]

    if not links():
        fsx.create_data_repository_association(
            FileSystemId=name,
            FileSystemPath=f"/{FOLDER}",
            DataRepositoryPath=f"s3://{bucket}/{FOLDER}/",
            BatchImportMetaDataOnCreate=True,
        )
    _until(lambda: links()[0]["Lifecycle"], "AVAILABLE")
    return {
        "id": name,
        "path": f"/{made['LustreConfiguration']['MountName']}/{FOLDER}",
    }


def _until(look: Callable[[], str], wanted: str) -> None:
    end = time.monotonic() + PATIENCE
    while (state := look()) != wanted:
        if time.monotonic() > end or state in ("FAILED", "ERROR", "error"):
            raise TimeoutError(f"{state}, not {wanted}")
        time.sleep(0.1)
