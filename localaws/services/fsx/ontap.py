"""FSx for NetApp ONTAP: storage virtual machines, and volumes as folders."""

from pathlib import PurePosixPath

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.background import Background
from localaws.services.context import Context
from localaws.services.file_systems import FileSystems
from localaws.services.fsx.documents import (
    MACHINES,
    SYSTEMS,
    VOLUMES,
    arn,
    find,
    identity,
    listed,
)
from localaws.services.json_operations import Members
from localaws.services.records import Records

_BY_SYSTEM = {"file-system-id": lambda one: one["FileSystemId"]}
_BY_MACHINE = {
    "storage-virtual-machine-id": lambda one: one["OntapConfiguration"][
        "StorageVirtualMachineId"
    ],
    **_BY_SYSTEM,
}


def _create_machine(context: Context, given: Members) -> Members:
    system = find(context, SYSTEMS, given["FileSystemId"])
    if system["FileSystemType"] != "ONTAP":
        raise AwsError(
            "UnsupportedOperation", "Storage virtual machines need FSx for ONTAP."
        )
    if system["Lifecycle"] != "AVAILABLE":
        raise AwsError(
            "BadRequest", f"The file system is {system['Lifecycle']}, not AVAILABLE."
        )
    name = identity(context, "svm")
    document = {
        "CreationTime": context.clock.now(),
        "FileSystemId": given["FileSystemId"],
        "Lifecycle": "CREATING",
        "Name": given["Name"],
        "ResourceARN": arn(
            context, "storage-virtual-machine", f"{given['FileSystemId']}/{name}"
        ),
        "StorageVirtualMachineId": name,
        "Subtype": "DEFAULT",
        "RootVolumeSecurityStyle": given.get("RootVolumeSecurityStyle", "UNIX"),
        "Tags": given.get("Tags", []),
    }
    context.part(Records).put(MACHINES, name, document)
    context.part(Background).submit(_made, context, MACHINES, name, "CREATED")
    return {"StorageVirtualMachine": document}


def _made(context: Context, table: str, name: str, state: str) -> None:
    records = context.part(Records)
    document = records.get(table, name)
    if document is not None:
        context.clock.elapse(document["CreationTime"], limit("fsx", "working_seconds"))
        records.change(table, name, Lifecycle=state)


def _describe_machines(context: Context, given: Members) -> Members:
    names = given.get("StorageVirtualMachineIds", [])
    member = "StorageVirtualMachines"
    return listed(context, MACHINES, member, given, names, _BY_SYSTEM)


def _delete_machine(context: Context, given: Members) -> Members:
    name = given["StorageVirtualMachineId"]
    find(context, MACHINES, name)
    if any(_machine_of(one) == name for one in _volumes(context)):
        raise AwsError(
            "BadRequest", "The storage virtual machine has volumes: delete them first."
        )
    context.part(Records).drop(MACHINES, name)
    return {"StorageVirtualMachineId": name, "Lifecycle": "DELETING"}


def _volumes(context: Context) -> list[Members]:
    return list(context.part(Records).all(VOLUMES).values())


def _machine_of(volume: Members) -> str:
    return str(volume["OntapConfiguration"]["StorageVirtualMachineId"])


def _create_volume(context: Context, given: Members) -> Members:
    wanted = given.get("OntapConfiguration")
    if not wanted:
        raise AwsError("MissingVolumeConfiguration", "OntapConfiguration is required.")
    machine = find(context, MACHINES, wanted["StorageVirtualMachineId"])
    size = wanted.get("SizeInMegabytes")
    if not size or size < 20:
        raise AwsError("BadRequest", "SizeInMegabytes must be 20 at least.")
    path = wanted.get("JunctionPath")
    for one in _volumes(context):
        if _machine_of(one) != wanted["StorageVirtualMachineId"]:
            continue
        if one["Name"] == given["Name"]:
            raise AwsError("BadRequest", f"There is a volume {given['Name']} already.")
        if path and one["OntapConfiguration"].get("JunctionPath") == path:
            raise AwsError("BadRequest", f"JunctionPath {path} is in use.")
    name, system = identity(context, "fsvol"), machine["FileSystemId"]
    settings = {
        "FlexCacheEndpointType": "NONE",
        "SecurityStyle": "UNIX",
        "OntapVolumeType": "RW",
        "SizeInMegabytes": size,
        "StorageVirtualMachineId": wanted["StorageVirtualMachineId"],
    }
    document = {
        "CreationTime": context.clock.now(),
        "FileSystemId": system,
        "Lifecycle": "CREATING",
        "Name": given["Name"],
        "OntapConfiguration": settings | ({"JunctionPath": path} if path else {}),
        "ResourceARN": arn(context, "volume", f"{system}/{name}"),
        "Tags": given.get("Tags", []),
        "VolumeId": name,
        "VolumeType": "ONTAP",
    }
    context.part(FileSystems).make(name)
    context.part(Records).put(VOLUMES, name, document)
    context.part(Background).submit(_made, context, VOLUMES, name, "CREATED")
    return {"Volume": document}


def _describe_volumes(context: Context, given: Members) -> Members:
    names = given.get("VolumeIds", [])
    return listed(context, VOLUMES, "Volumes", given, names, _BY_MACHINE)


def _delete_volume(context: Context, given: Members) -> Members:
    name = given["VolumeId"]
    find(context, VOLUMES, name)
    context.part(Records).drop(VOLUMES, name)
    context.part(FileSystems).shares.remove(name)
    return {"VolumeId": name, "Lifecycle": "DELETING"}


def volume_at(context: Context, machine: str, path: str) -> tuple[Members, str]:
    """Return the volume that a path of a storage virtual machine leads into.

    Returns:
        The volume, and the path within it.

    Raises:
        AwsError: No volume is mounted there.
    """
    wanted = PurePosixPath("/", path)
    found = [
        (PurePosixPath(one["OntapConfiguration"]["JunctionPath"]), one)
        for one in _volumes(context)
        if _machine_of(one) == machine and "JunctionPath" in one["OntapConfiguration"]
    ]
    within = [pair for pair in found if wanted.is_relative_to(pair[0])]
    if not within:
        raise AwsError(
            "VolumeNotFound", f"No volume of {machine} has a junction path for {path}."
        )
    junction, volume = max(within, key=lambda pair: len(pair[0].parts))
    return volume, f"/{wanted.relative_to(junction)}"


def known(context: Context) -> set[str]:
    """Return the names of the volumes."""
    return set(context.part(Records).all(VOLUMES))


def resume(context: Context) -> None:
    """Go on with what was being made."""
    for table in (MACHINES, VOLUMES):
        for name, one in context.part(Records).all(table).items():
            if one["Lifecycle"] == "CREATING":
                context.part(Background).submit(_made, context, table, name, "CREATED")


OPERATIONS = {
    "CreateStorageVirtualMachine": _create_machine,
    "DescribeStorageVirtualMachines": _describe_machines,
    "DeleteStorageVirtualMachine": _delete_machine,
    "CreateVolume": _create_volume,
    "DescribeVolumes": _describe_volumes,
    "DeleteVolume": _delete_volume,
}
