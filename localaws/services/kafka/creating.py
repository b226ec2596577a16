"""CreateCluster and DeleteCluster."""

import re
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.kafka.clusters import Clusters
from localaws.services.kafka.configurations import chosen
from localaws.services.kafka.operations import bad

_NAME = re.compile(r"[a-zA-Z0-9-]{1,64}")
_TYPE = re.compile(r"kafka\.(t3\.small|m5\.\d*x?large|m7g\.\d*x?large)")
_TLS = "serves clients with TLS, which is its default; here only 'PLAINTEXT' is served"
Members = dict[str, Any]


def create(context: Context, given: Members) -> Members:
    """Answer CreateCluster."""
    row = _create(context, given, given, "CreateCluster", "")
    return {"ClusterArn": row["arn"], "ClusterName": row["name"], "State": "CREATING"}


def create_v2(context: Context, given: Members) -> Members:
    """Answer CreateClusterV2."""
    if "Provisioned" not in given:
        raise bad("You must specify either provisioned or serverless.", "provisioned")
    provisioned = given["Provisioned"]
    row = _create(context, given, provisioned, "CreateClusterV2", "Provisioned.")
    return {
        "ClusterArn": row["arn"],
        "ClusterName": row["name"],
        "State": "CREATING",
        "ClusterType": "PROVISIONED",
    }


def _create(
    context: Context, given: Members, wanted: Members, operation: str, path: str
) -> Members:
    name, group = given["ClusterName"], wanted["BrokerNodeGroupInfo"]
    if not _NAME.fullmatch(name):
        raise bad(
            "The parameter value contains one or more characters that are not valid.",
            "clusterName",
        )
    subnets, brokers = group["ClientSubnets"], wanted["NumberOfBrokerNodes"]
    if not limit("kafka", "zones_least") <= len(set(subnets)) == len(subnets):
        raise bad("Specify at least two different client subnets.", "clientSubnets")
    if brokers % len(subnets):
        raise bad(
            "The number of broker nodes must be a multiple of Availability Zones in "
            "the BrokerAZDistribution parameter.",
            "numberOfBrokerNodes",
        )
    kind = group["InstanceType"]
    if kind.startswith("express."):
        raise NotImplementedHere(
            f"kafka:{operation} {path}BrokerNodeGroupInfo.InstanceType={kind!r}",
            "makes express brokers, whose storage grows by itself",
        )
    if not _TYPE.fullmatch(kind):
        raise bad(f"Unsupported InstanceType {kind}.", "instanceType")
    transit = wanted.get("EncryptionInfo", {}).get("EncryptionInTransit", {})
    if "ClientBroker" not in transit:
        member = f"{path}EncryptionInfo.EncryptionInTransit.ClientBroker"
        raise NotImplementedHere(f"kafka:{operation} without {member}", _TLS)
    volume = group.get("StorageInfo", {}).get("EbsStorageInfo", {}).get("VolumeSize")
    least, most = limit("kafka", "volume_least_gib"), limit("kafka", "volume_most_gib")
    if volume is not None and not least <= volume <= most:
        raise bad(f"The volume size must be {least} to {most} GiB.", "volumeSize")
    configuration, configs = chosen(context, wanted.get("ConfigurationInfo"), subnets)
    members = {
        "name": name,
        "brokers": brokers,
        "group": {"BrokerAZDistribution": "DEFAULT", **group},
        "volume": volume or int(limit("kafka", "volume_default_gib")),
        "kafka": wanted["KafkaVersion"],
        "configuration": configuration,
        "tags": given.get("Tags", {}),
    }
    return context.part(Clusters).create(members, configs)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteCluster; who is connected loses the connection."""
    clusters = context.part(Clusters)
    row = clusters.find(given["ClusterArn"])
    if row["state"] == "DELETING":
        raise bad("You can't delete a cluster that is in DELETING state.")
    if given.get("CurrentVersion", row["version"]) != row["version"]:
        raise bad("The current version of the cluster is another.", "currentVersion")
    clusters.delete(row["arn"])
    return {"ClusterArn": row["arn"], "State": "DELETING"}


OPERATIONS = {
    "CreateCluster": create,
    "CreateClusterV2": create_v2,
    "DeleteCluster": delete,
}
