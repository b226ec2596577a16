"""FSx for Lustre: the settings that it takes, and its data repository."""

import datetime as dt
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limit, limits
from localaws.services.context import Context
from localaws.services.file_systems import FileSystems
from localaws.services.json_operations import Members
from localaws.services.rentals import Costs
from localaws.stubs import Stubs

_LEGACY = ("ImportPath", "ExportPath", "ImportedFileChunkSize", "AutoImportPolicy")


def settings(context: Context, given: Members, name: str, now: dt.datetime) -> Members:
    """Return the LustreConfiguration of a new file system.

    Raises:
        AwsError: A size, a throughput or a path that AWS does not take.
    """
    wanted = given.get("LustreConfiguration", {})
    kind = wanted.get("DeploymentType", "SCRATCH_1")
    step = 3600 if kind == "SCRATCH_1" else 2400
    size = given.get("StorageCapacity", 0)
    if size not in (1200, 2400) and (size <= 0 or size % step):
        raise AwsError(
            "BadRequest",
            f"StorageCapacity {size} is not valid: {kind} takes 1200, 2400 and "
            f"increments of {step} GiB.",
        )
    rate = wanted.get("PerUnitStorageThroughput")
    allowed = limits("fsx", "lustre_rates").get(kind)
    if rate not in (allowed or (None,)):
        shown = ", ".join(map(str, allowed)) if allowed else "none"
        raise AwsError(
            "InvalidPerUnitStorageThroughput" if allowed else "BadRequest",
            f"PerUnitStorageThroughput {rate} is not valid for {kind}: it takes "
            f"{shown}.",
        )
    legacy = [one for one in _LEGACY if one in wanted]
    if kind == "PERSISTENT_2" and legacy:
        raise AwsError(
            "BadRequest",
            f"{legacy[0]} is not supported for PERSISTENT_2: create a data repository "
            "association.",
        )
    found = {
        "DeploymentType": kind,
        "MountName": "fsx" if kind == "SCRATCH_1" else name[-8:],
        "DataCompressionType": "NONE",
    }
    if rate:
        found["PerUnitStorageThroughput"] = rate
    if "ImportPath" in wanted:
        found["DataRepositoryConfiguration"] = _repository(context, wanted, now)
    elif "ExportPath" in wanted:
        raise AwsError("InvalidExportPath", "ExportPath needs an ImportPath.")
    return found


def _repository(context: Context, wanted: Members, now: dt.datetime) -> Members:
    policy = wanted.get("AutoImportPolicy", "NONE")
    if policy != "NONE":
        raise NotImplementedHere(
            f"fsx:CreateFileSystem LustreConfiguration.AutoImportPolicy={policy!r}",
            "imports new and changed objects by itself",
        )
    source = wanted["ImportPath"]
    bucket, _ = split(context, source, "InvalidImportPath")
    usual = f"s3://{bucket}/FSxLustre{now:%Y%m%dT%H%M%SZ}"
    target = wanted.get("ExportPath", usual)
    if split(context, target, "InvalidExportPath")[0] != bucket:
        raise AwsError(
            "InvalidExportPath", "ExportPath must be in the bucket of ImportPath."
        )
    return {
        "ImportPath": source,
        "ExportPath": target,
        "ImportedFileChunkSize": wanted.get("ImportedFileChunkSize", 1024),
        "AutoImportPolicy": "NONE",
        "Lifecycle": "AVAILABLE",
    }


def split(context: Context, uri: str, error: str) -> tuple[str, str]:
    """Return the bucket and the prefix of a data repository.

    Raises:
        AwsError: It is not the URI of a bucket that is there.
    """
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise AwsError(error, f"{uri} is not of the form s3://bucket/prefix.")
    try:
        context.aws.client("s3").head_bucket(Bucket=parts.netloc)
    except ClientError as refused:
        raise AwsError(error, f"The bucket of {uri} does not exist.") from refused
    prefix = parts.path.strip("/")
    return parts.netloc, f"{prefix}/" if prefix else ""


def costs(document: Members) -> Costs:
    """Return what a file system costs: by its size and its throughput."""
    found = document["LustreConfiguration"]
    rate = found.get("PerUnitStorageThroughput", int(limit("fsx", "scratch_rate")))
    variant = f"{found['DeploymentType']} {rate} MBps/TiB"
    return {"fsx-lustre-storage": (variant, document["StorageCapacity"])}


def stubs(context: Context, name: str) -> Stubs:
    """Return the files of a file system that stand for objects."""
    shares = context.part(FileSystems).shares
    return Stubs(shares, name, context.aws.client("s3"))


def first_import(context: Context, document: Members) -> None:
    """Make files of the objects below the ImportPath, without their bytes."""
    found = document["LustreConfiguration"].get("DataRepositoryConfiguration")
    if found:
        name = document["FileSystemId"]
        bucket, prefix = split(context, found["ImportPath"], "InvalidImportPath")
        root = context.part(FileSystems).shares.inside(name, "/")
        stubs(context, name).import_metadata(bucket, prefix, root)
