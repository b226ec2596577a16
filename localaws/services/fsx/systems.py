"""File systems of FSx: made, described, deleted."""

from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.limits import limits
from localaws.services import rentals
from localaws.services.background import Background
from localaws.services.context import Context
from localaws.services.file_systems import FileSystems
from localaws.services.fsx import lustre
from localaws.services.fsx.documents import (
    ACCOUNT,
    ASSOCIATIONS,
    MACHINES,
    SYSTEMS,
    arn,
    find,
    identity,
    listed,
)
from localaws.services.fsx.ontap_systems import ontap_costs, ontap_settings
from localaws.services.json_operations import Members
from localaws.services.records import Records


def _create(context: Context, given: Members) -> Members:
    again = _again(context, given)
    if again is not None:
        return {"FileSystem": again}
    kind, subnets = given["FileSystemType"], _subnets(context, given)
    name, now = identity(context, "fs"), context.clock.now()
    if kind == "LUSTRE":
        if len(subnets) != 1:
            raise AwsError("BadRequest", "FSx for Lustre takes exactly one subnet.")
        settings = {"LustreConfiguration": lustre.settings(context, given, name, now)}
    else:
        settings = {"OntapConfiguration": ontap_settings(given, name, subnets)}
    document = {
        "OwnerId": ACCOUNT,
        "CreationTime": now,
        "FileSystemId": name,
        "FileSystemType": kind,
        "Lifecycle": "CREATING",
        "StorageCapacity": given["StorageCapacity"],
        "StorageType": "SSD",
        "VpcId": subnets[0]["VpcId"],
        "SubnetIds": given["SubnetIds"],
        "DNSName": f"{name}.fsx.{context.aws.region}.amazonaws.com",
        "ResourceARN": arn(context, "file-system", name),
        "Tags": given.get("Tags", []),
        "_token": given.get("ClientRequestToken"),
        **settings,
    }
    context.part(FileSystems).make(name)
    context.part(Records).put(SYSTEMS, name, document)
    costs = lustre.costs(document) if kind == "LUSTRE" else ontap_costs(document)
    rentals.rent(context, name, costs)
    context.part(Background).submit(_made, context, name)
    return {"FileSystem": document}


def _again(context: Context, given: Members) -> Members | None:
    """Return the file system that the same token made before, or None."""
    token = given.get("ClientRequestToken")
    for one in context.part(Records).all(SYSTEMS).values():
        if token and one["_token"] == token:
            same = ("FileSystemType", "SubnetIds", "StorageCapacity")
            if any(one.get(key) != given.get(key) for key in same):
                raise AwsError(
                    "IncompatibleParameterError",
                    "The ClientRequestToken was used with other parameters.",
                    Parameter="ClientRequestToken",
                )
            return one
    return None


def _subnets(context: Context, given: Members) -> list[Members]:
    ec2 = context.aws.client("ec2")
    try:
        found = ec2.describe_subnets(SubnetIds=given["SubnetIds"])["Subnets"]
        if given.get("SecurityGroupIds"):
            ec2.describe_security_groups(GroupIds=given["SecurityGroupIds"])
    except ClientError as error:
        raise AwsError(
            "InvalidNetworkSettings", error.response["Error"]["Message"]
        ) from error
    return list(found)


def _made(context: Context, name: str) -> None:
    records = context.part(Records)
    document = records.get(SYSTEMS, name)
    if document is None:
        return
    members: dict[str, Any] = {"Lifecycle": "AVAILABLE"}
    if document["FileSystemType"] == "LUSTRE":
        try:
            lustre.first_import(context, document)
        except ClientError as error:
            said = error.response["Error"]["Message"]
            members = {"Lifecycle": "FAILED", "FailureDetails": {"Message": said}}
    seconds = limits("fsx", "creating_seconds")[document["FileSystemType"]]
    context.clock.elapse(document["CreationTime"], seconds)
    with records.lock:
        if records.get(SYSTEMS, name) is not None:
            records.change(SYSTEMS, name, **members)


def _describe(context: Context, given: Members) -> Members:
    names = given.get("FileSystemIds", [])
    return listed(context, SYSTEMS, "FileSystems", given, names, {})


def _delete(context: Context, given: Members) -> Members:
    records, name = context.part(Records), given["FileSystemId"]
    find(context, SYSTEMS, name)
    for one in records.all(MACHINES).values():
        if one["FileSystemId"] == name:
            raise AwsError(
                "BadRequest",
                "The file system has storage virtual machines: delete them first.",
            )
    for key, one in records.all(ASSOCIATIONS).items():
        if one["FileSystemId"] == name:
            records.drop(ASSOCIATIONS, key)
    rentals.end(context, name)
    records.drop(SYSTEMS, name)
    context.part(FileSystems).shares.remove(name)
    return {"FileSystemId": name, "Lifecycle": "DELETING"}


def _tagged(context: Context, resource: str) -> tuple[str, Members]:
    name = resource.rpartition("/")[2]
    found = context.part(Records).get(SYSTEMS, name)
    if found is None or found["ResourceARN"] != resource:
        raise AwsError("ResourceNotFound", f"{resource} does not exist.")
    return name, found


def _tag(context: Context, given: Members) -> Members:
    name, found = _tagged(context, given["ResourceARN"])
    new = {one["Key"] for one in given["Tags"]}
    kept = [one for one in found["Tags"] if one["Key"] not in new]
    context.part(Records).change(SYSTEMS, name, Tags=kept + given["Tags"])
    return {}


def _untag(context: Context, given: Members) -> Members:
    name, found = _tagged(context, given["ResourceARN"])
    kept = [one for one in found["Tags"] if one["Key"] not in given["TagKeys"]]
    context.part(Records).change(SYSTEMS, name, Tags=kept)
    return {}


def _tags(context: Context, given: Members) -> Members:
    return {"Tags": _tagged(context, given["ResourceARN"])[1]["Tags"]}


def resume(context: Context) -> None:
    """Go on with the file systems that were being made."""
    for name, one in context.part(Records).all(SYSTEMS).items():
        if one["Lifecycle"] == "CREATING":
            context.part(Background).submit(_made, context, name)


def known(context: Context) -> set[str]:
    """Return the names of the file systems."""
    return set(context.part(Records).all(SYSTEMS))


OPERATIONS = {
    "CreateFileSystem": _create,
    "DescribeFileSystems": _describe,
    "DeleteFileSystem": _delete,
    "TagResource": _tag,
    "UntagResource": _untag,
    "ListTagsForResource": _tags,
}
