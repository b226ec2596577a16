"""File systems as channels of a training job: Amazon EFS and FSx for Lustre.

A job sees the file system itself, not a copy. Where the kernel lets this user make
mount namespaces it is mounted for the job alone, and a read-only mount refuses each
change; elsewhere (macOS) a channel that may write is a link, and one that may not is a
copy without write permission.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import NotImplementedHere, ValidationError
from localaws.jobs import Mount, Workspace, can_mount
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.program import JobFailed
from localaws.shares import PathError, Shares
from localaws.stubs import Stubs

Members = dict[str, Any]
_CODE = ("code", "sm_drivers")


def check_file_systems(engine: Engine, request: Members) -> None:
    """Check the channels that are file systems, and the network that they need.

    Raises:
        ValidationError: A member is missing, or does not fit.
        NotImplementedHere: A VPC without a file system in it.
    """
    usual = request["AlgorithmSpecification"]["TrainingInputMode"]
    mounted = False
    for channel in request.get("InputDataConfig", ()):
        name, source = channel["ChannelName"], channel["DataSource"]
        if "FileSystemDataSource" not in source:
            continue
        mounted = True
        if "S3DataSource" in source:
            raise ValidationError(f"Channel {name!r} must have exactly one DataSource.")
        if channel.get("InputMode", usual) != "File":
            raise ValidationError(
                f"Channel {name!r}: FileSystemDataSource supports only File input mode."
            )
        if name in _CODE:
            raise NotImplementedHere(
                f"sagemaker:CreateTrainingJob channel {name!r} as a file system",
                "reads the code from the file system",
            )
    network = request.get("VpcConfig")
    if not mounted and network:
        raise NotImplementedHere(
            "sagemaker:CreateTrainingJob VpcConfig without a FileSystemDataSource",
            "runs the container inside your VPC",
        )
    if mounted and not network:
        raise ValidationError(
            "VpcConfig must be specified when a channel has a FileSystemDataSource."
        )
    if network:
        _check_network(engine, network)


def _check_network(engine: Engine, network: Members) -> None:
    ec2 = engine.aws.client("ec2")
    try:
        ec2.describe_subnets(SubnetIds=network["Subnets"])
        ec2.describe_security_groups(GroupIds=network["SecurityGroupIds"])
    except ClientError as error:
        raise ValidationError(error.response["Error"]["Message"]) from error


def mount(
    engine: Engine,
    document: Members,
    source: Members,
    workspace: Workspace,
    name: str,
    say: Callable[[str], None],
) -> None:
    """Let a job see a folder of a file system as a channel.

    Args:
        engine: Where file systems are.
        document: The stored training job.
        source: The channel's FileSystemDataSource.
        workspace: Of one host.
        name: Of the channel.
        say: Tells in the log what is simulated.

    Raises:
        JobFailed: The file system cannot be mounted.
    """
    identity, path = source["FileSystemId"], source["DirectoryPath"]
    shares = Shares(engine.home.parent.parent)
    try:
        if source["FileSystemType"] == "EFS":
            _reach_efs(engine, document, identity)
        else:
            path = _reach_lustre(engine, document, identity, path)
        folder = shares.inside(identity, path)
    except (ClientError, PathError, LookupError) as error:
        said = error.response["Error"]["Message"] if hasattr(error, "response") else ""
        raise _failed(source, said or str(error.args[0])) from error
    if not folder.is_dir():
        raise _failed(source, "the directory does not exist in the file system.")
    if source["FileSystemType"] != "EFS":
        files, size = Stubs(shares, identity, engine.aws.client("s3")).load(folder)
        if files:
            say(
                f"Lazy loading is simulated: {files} files ({size} bytes) of channel "
                f"{name!r} were loaded from S3 before the start"
            )
    readonly = source["FileSystemAccessMode"] == "ro"
    _attach(workspace, name, folder, readonly=readonly)


def _attach(workspace: Workspace, name: str, folder: Path, *, readonly: bool) -> None:
    target = workspace.channel(name)
    if can_mount():
        workspace.mounts.append(Mount(folder, target, readonly))
        return
    target.rmdir()
    if not readonly:
        target.symlink_to(folder)
        return
    shutil.copytree(folder, target, symlinks=True)
    for one in (target, *target.rglob("*")):
        if not one.is_symlink():
            one.chmod(one.stat().st_mode & ~0o222)


def _failed(source: Members, reason: str) -> JobFailed:
    return JobFailed(
        f"ClientError: Unable to mount file system: {source['FileSystemId']} directory "
        f"path: {source['DirectoryPath']}. {reason}"
    )


def _zones(engine: Engine, document: Members) -> tuple[set[str], str]:
    """Return the zones and the VPC of a job's subnets."""
    found = engine.aws.client("ec2").describe_subnets(
        SubnetIds=document["VpcConfig"]["Subnets"]
    )["Subnets"]
    return {one["AvailabilityZone"] for one in found}, found[0]["VpcId"]


def _reach_efs(engine: Engine, document: Members, identity: str) -> None:
    """Raise unless the job's subnets have a mount target of a file system."""
    targets = engine.aws.client("efs").describe_mount_targets(FileSystemId=identity)
    zones, vpc = _zones(engine, document)
    for one in targets["MountTargets"]:
        if one["AvailabilityZoneName"] in zones and one["VpcId"] == vpc:
            return
    raise LookupError(
        "It has no mount target in the Availability Zones of the job's subnets."
    )


def _reach_lustre(engine: Engine, document: Members, identity: str, path: str) -> str:
    """Return the path within a file system of FSx that the job can reach."""
    found = engine.aws.client("fsx").describe_file_systems(FileSystemIds=[identity])
    system = found["FileSystems"][0]
    if system["FileSystemType"] != "LUSTRE":
        raise LookupError(f"It is of type {system['FileSystemType']}, not LUSTRE.")
    if system["Lifecycle"] != "AVAILABLE":
        raise LookupError(f"It is {system['Lifecycle']}, not AVAILABLE.")
    if system["VpcId"] != _zones(engine, document)[1]:
        raise LookupError("It is in another VPC than the job's subnets.")
    name = system["LustreConfiguration"]["MountName"]
    first, _, rest = path.strip("/").partition("/")
    if first != name:
        raise LookupError(f"The path must begin with its mount name, /{name}.")
    return f"/{rest}"
