"""FSx for NetApp ONTAP: the settings that a file system takes."""

from localaws.errors import AwsError
from localaws.limits import limits
from localaws.services.json_operations import Members
from localaws.services.rentals import Costs

_ZONES = {"SINGLE_AZ_1": 1, "MULTI_AZ_1": 2}


def ontap_settings(given: Members, name: str, subnets: list[Members]) -> Members:
    """Return the OntapConfiguration of a new file system.

    Raises:
        AwsError: A size, a throughput or a number of subnets that AWS does not take.
    """
    wanted = given.get("OntapConfiguration")
    if not wanted:
        raise AwsError(
            "MissingFileSystemConfiguration", "OntapConfiguration is required."
        )
    kind, size = wanted["DeploymentType"], given.get("StorageCapacity", 0)
    if len(subnets) != _ZONES[kind]:
        raise AwsError("BadRequest", f"{kind} takes {_ZONES[kind]} SubnetIds.")
    least, most = limits("fsx", "ontap_sizes")
    if not least <= size <= most:
        raise AwsError(
            "BadRequest",
            f"StorageCapacity {size} is not valid: it takes {least} to {most} GiB.",
        )
    rate = wanted.get("ThroughputCapacity")
    if rate not in limits("fsx", "ontap_rates"):
        shown = ", ".join(map(str, limits("fsx", "ontap_rates")))
        raise AwsError(
            "BadRequest", f"ThroughputCapacity {rate} is not valid: it takes {shown}."
        )
    preferred = wanted.get("PreferredSubnetId", subnets[0]["SubnetId"])
    if preferred not in given["SubnetIds"]:
        raise AwsError("BadRequest", "PreferredSubnetId is not one of SubnetIds.")
    return {
        "DeploymentType": kind,
        "ThroughputCapacity": rate,
        "PreferredSubnetId": preferred,
        "HAPairs": 1,
        "ThroughputCapacityPerHAPair": rate,
        "DiskIopsConfiguration": {"Mode": "AUTOMATIC", "Iops": 3 * size},
    }


def ontap_costs(document: Members) -> Costs:
    """Return what a file system costs: by its size and its throughput."""
    found = document["OntapConfiguration"]
    kind = found["DeploymentType"]
    return {
        "fsx-ontap-storage": (kind, document["StorageCapacity"]),
        "fsx-ontap-throughput": (kind, found["ThroughputCapacity"]),
    }
