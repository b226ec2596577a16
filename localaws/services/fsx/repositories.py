"""Data repository associations: a folder of Lustre that stands for a prefix of S3."""

from pathlib import PurePosixPath

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.background import Background
from localaws.services.context import Context
from localaws.services.file_systems import FileSystems
from localaws.services.fsx.documents import (
    ASSOCIATIONS,
    SYSTEMS,
    arn,
    find,
    identity,
    listed,
)
from localaws.services.fsx.lustre import split, stubs
from localaws.services.json_operations import Members
from localaws.services.records import Records


def _create(context: Context, given: Members) -> Members:
    name = given["FileSystemId"]
    system = find(context, SYSTEMS, name)
    kind = system.get("LustreConfiguration", {}).get("DeploymentType")
    if kind in (None, "SCRATCH_1"):
        raise AwsError(
            "UnsupportedOperation",
            "Data repository associations need FSx for Lustre, not SCRATCH_1.",
        )
    if system["Lifecycle"] != "AVAILABLE":
        raise AwsError(
            "BadRequest", f"The file system is {system['Lifecycle']}, not AVAILABLE."
        )
    split(context, given["DataRepositoryPath"], "BadRequest")
    path = given.get("FileSystemPath", "/")
    for one in _of(context, name):
        mine, other = PurePosixPath(path), PurePosixPath(one["FileSystemPath"])
        if mine.is_relative_to(other) or other.is_relative_to(mine):
            raise AwsError(
                "BadRequest",
                f"FileSystemPath {path} overlaps with that of {one['AssociationId']}.",
            )
    key = identity(context, "dra")
    document = {
        "AssociationId": key,
        "ResourceARN": arn(context, "association", f"{name}/{key}"),
        "FileSystemId": name,
        "Lifecycle": "CREATING",
        "FileSystemPath": path,
        "DataRepositoryPath": given["DataRepositoryPath"],
        "BatchImportMetaDataOnCreate": given.get("BatchImportMetaDataOnCreate", False),
        "ImportedFileChunkSize": given.get("ImportedFileChunkSize", 1024),
        "Tags": given.get("Tags", []),
        "CreationTime": context.clock.now(),
    }
    context.part(Records).put(ASSOCIATIONS, key, document)
    context.part(Background).submit(_made, context, key)
    return {"Association": document}


def _made(context: Context, key: str) -> None:
    records = context.part(Records)
    document = records.get(ASSOCIATIONS, key)
    if document is None:
        return
    members = {"Lifecycle": "AVAILABLE"}
    try:
        folder = context.part(FileSystems).shares.inside(
            document["FileSystemId"], document["FileSystemPath"]
        )
        folder.mkdir(parents=True, exist_ok=True)
        if document["BatchImportMetaDataOnCreate"]:
            bucket, prefix = split(context, document["DataRepositoryPath"], "")
            found = stubs(context, document["FileSystemId"])
            found.import_metadata(bucket, prefix, folder)
    except (AwsError, ClientError) as error:
        members = {"Lifecycle": "FAILED", "FailureDetails": {"Message": str(error)}}
    context.clock.elapse(document["CreationTime"], limit("fsx", "working_seconds"))
    with records.lock:
        if records.get(ASSOCIATIONS, key) is not None:
            records.change(ASSOCIATIONS, key, **members)


def _of(context: Context, name: str) -> list[Members]:
    found = context.part(Records).all(ASSOCIATIONS).values()
    return [one for one in found if one["FileSystemId"] == name]


def of_system(context: Context, name: str) -> list[tuple[str, str, str]]:
    """Return what a file system is linked to: folder, where from and where to."""
    linked = [
        (one["FileSystemPath"], one["DataRepositoryPath"], one["DataRepositoryPath"])
        for one in _of(context, name)
        if one["Lifecycle"] == "AVAILABLE"
    ]
    configuration = find(context, SYSTEMS, name)["LustreConfiguration"]
    legacy = configuration.get("DataRepositoryConfiguration")
    if legacy:
        linked.append(("/", legacy["ImportPath"], legacy["ExportPath"]))
    return linked


def _describe(context: Context, given: Members) -> Members:
    filters = {"file-system-id": lambda one: one["FileSystemId"]}
    names = given.get("AssociationIds", [])
    return listed(context, ASSOCIATIONS, "Associations", given, names, filters)


def _delete(context: Context, given: Members) -> Members:
    key = given["AssociationId"]
    document = find(context, ASSOCIATIONS, key)
    context.part(Records).drop(ASSOCIATIONS, key)
    deletes = given.get("DeleteDataInFileSystem", False)
    if deletes:
        shares = context.part(FileSystems).shares
        folder = shares.inside(document["FileSystemId"], document["FileSystemPath"])
        stubs(context, document["FileSystemId"]).forget(folder)
    return {
        "AssociationId": key,
        "Lifecycle": "DELETING",
        "DeleteDataInFileSystem": deletes,
    }


def resume(context: Context) -> None:
    """Go on with the associations that were being made."""
    for key, one in context.part(Records).all(ASSOCIATIONS).items():
        if one["Lifecycle"] == "CREATING":
            context.part(Background).submit(_made, context, key)


OPERATIONS = {
    "CreateDataRepositoryAssociation": _create,
    "DescribeDataRepositoryAssociations": _describe,
    "DeleteDataRepositoryAssociation": _delete,
}
