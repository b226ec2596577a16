"""Locations: where files come from and go to."""

from typing import Any

from botocore.exceptions import ClientError

from localaws import trust
from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.datasync.documents import (
    LOCATIONS,
    TASKS,
    arn,
    find,
    identity,
    invalid,
    tags_of,
)
from localaws.services.fsx.ontap import volume_at
from localaws.services.json_operations import Members, page
from localaws.services.permissions import Caller
from localaws.services.records import Records

PRINCIPAL = "datasync.amazonaws.com"


def _keep(
    context: Context, given: Members, kind: str, uri: str, **more: Any
) -> Members:
    name = arn(context, "location", identity(context, "loc"))
    document = {
        "LocationArn": name,
        "LocationUri": uri,
        "CreationTime": context.clock.now(),
        "_kind": kind,
        "_tags": tags_of(given),
        **more,
    }
    context.part(Records).put(LOCATIONS, name, document)
    return {"LocationArn": name}


def _folder(path: str | None) -> str:
    inner = (path or "/").strip("/")
    return f"/{inner}/" if inner else "/"


def caller(context: Context, role: str) -> Caller:
    """Return the role that reads or writes a bucket.

    Raises:
        AwsError: DataSync may not assume it.
    """
    if not trust.trusts(context.aws, role, PRINCIPAL):
        raise invalid(
            f"Unable to assume role {role}. Reason: Access denied when calling "
            "sts:AssumeRole."
        )
    return Caller(context.aws, role, trust.assume(context.aws, role, "datasync"))


def _create_s3(context: Context, given: Members) -> Members:
    bucket = given["S3BucketArn"].rpartition(":")[2].partition("/")[0]
    role = given["S3Config"]["BucketAccessRoleArn"]
    reader = caller(context, role)
    if not reader.may("s3:ListBucket", f"arn:aws:s3:::{bucket}"):
        raise invalid(
            "DataSync location access test failed: could not perform "
            f"s3:ListObjectsV2 in bucket {bucket}. Access denied. Ensure bucket access "
            "role has s3:ListBucket permission."
        )
    try:
        reader.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        raise invalid(
            f"DataSync location access test failed: bucket {bucket} does not exist."
        ) from error
    uri = f"s3://{bucket}{_folder(given.get('Subdirectory'))}"
    storage = given.get("S3StorageClass", "STANDARD")
    more = {"S3StorageClass": storage, "S3Config": given["S3Config"]}
    return _keep(context, given, "s3", uri, **more)


def _create_efs(context: Context, given: Members) -> Members:
    name = given["EfsFilesystemArn"].rpartition("/")[2]
    network = given["Ec2Config"]
    subnet = network["SubnetArn"].rpartition("/")[2]
    groups = [one.rpartition("/")[2] for one in network["SecurityGroupArns"]]
    aws = context.aws
    try:
        targets = aws.client("efs").describe_mount_targets(FileSystemId=name)
        zone = aws.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"][0]
        aws.client("ec2").describe_security_groups(GroupIds=groups)
        point = given.get("AccessPointArn")
        if point:
            _check_point(context, name, point, given)
    except ClientError as error:
        raise invalid(error.response["Error"]["Message"]) from error
    zones = {one["AvailabilityZoneName"] for one in targets["MountTargets"]}
    if zone["AvailabilityZone"] not in zones:
        raise invalid(
            f"File system {name} has no mount target in the Availability Zone of "
            f"{subnet}."
        )
    role = given.get("FileSystemAccessRoleArn")
    if role:
        caller(context, role)
    more = {
        key: given[key]
        for key in ("Ec2Config", "AccessPointArn", "FileSystemAccessRoleArn")
        if key in given
    }
    more["InTransitEncryption"] = given.get("InTransitEncryption", "NONE")
    uri = f"efs://{aws.region}.{name}{_folder(given.get('Subdirectory'))}"
    return _keep(context, given, "efs", uri, **more)


def _check_point(context: Context, name: str, point: str, given: Members) -> None:
    found = context.aws.client("efs").describe_access_points(
        AccessPointId=point.rpartition("/")[2]
    )["AccessPoints"][0]
    if found["FileSystemId"] != name:
        raise invalid(f"Access point {point} is not of file system {name}.")
    if given.get("InTransitEncryption") != "TLS1_2":
        raise invalid("InTransitEncryption must be TLS1_2 with an access point.")


def _system(context: Context, name: str, kind: str) -> Members:
    fsx = context.aws.client("fsx")
    try:
        found = fsx.describe_file_systems(FileSystemIds=[name])["FileSystems"][0]
    except ClientError as error:
        raise invalid(error.response["Error"]["Message"]) from error
    if found["FileSystemType"] != kind or found["Lifecycle"] != "AVAILABLE":
        raise invalid(
            f"File system {name} is {found['FileSystemType']}, {found['Lifecycle']}; "
            f"it must be {kind}, AVAILABLE."
        )
    return dict(found)


def _create_lustre(context: Context, given: Members) -> Members:
    name = given["FsxFilesystemArn"].rpartition("/")[2]
    _system(context, name, "LUSTRE")
    uri = f"fsxl://{context.aws.region}.{name}{_folder(given.get('Subdirectory'))}"
    more = {"SecurityGroupArns": given["SecurityGroupArns"]}
    return _keep(context, given, "lustre", uri, **more)


def _create_ontap(context: Context, given: Members) -> Members:
    machine = given["StorageVirtualMachineArn"].rpartition("/")[2]
    path = _folder(given.get("Subdirectory"))
    try:
        volume, _within = volume_at(context, machine, path)
    except AwsError as error:
        raise invalid(error.message) from error
    system = volume["FileSystemId"]
    uri = f"fsxn-nfs://{context.aws.region}.{system}.{machine}{path}"
    more = {
        key: given[key]
        for key in ("Protocol", "SecurityGroupArns", "StorageVirtualMachineArn")
    }
    more["FsxFilesystemArn"] = f"{volume['ResourceARN'].rpartition(':')[0]}"
    more["FsxFilesystemArn"] += f":file-system/{system}"
    return _keep(context, given, "ontap", uri, **more)


def _described(kind: str) -> Any:
    def describe(context: Context, given: Members) -> Members:
        found = find(context, LOCATIONS, given["LocationArn"])
        if found["_kind"] != kind:
            raise invalid(f"Location {given['LocationArn']} is of another type.")
        return found

    return describe


def _list(context: Context, given: Members) -> Members:
    found = context.part(Records).all(LOCATIONS).values()
    shown = [
        {"LocationArn": one["LocationArn"], "LocationUri": one["LocationUri"]}
        for one in found
    ]
    return page("Locations", shown, given, 100)


def _delete(context: Context, given: Members) -> Members:
    name = given["LocationArn"]
    find(context, LOCATIONS, name)
    for one in context.part(Records).all(TASKS).values():
        if name in (one["SourceLocationArn"], one["DestinationLocationArn"]):
            raise invalid(f"Location {name} is in use by task {one['TaskArn']}.")
    context.part(Records).drop(LOCATIONS, name)
    return {}


OPERATIONS = {
    "CreateLocationS3": _create_s3,
    "CreateLocationEfs": _create_efs,
    "CreateLocationFsxLustre": _create_lustre,
    "CreateLocationFsxOntap": _create_ontap,
    "DescribeLocationS3": _described("s3"),
    "DescribeLocationEfs": _described("efs"),
    "DescribeLocationFsxLustre": _described("lustre"),
    "DescribeLocationFsxOntap": _described("ontap"),
    "ListLocations": _list,
    "DeleteLocation": _delete,
}
