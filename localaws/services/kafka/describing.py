"""Clusters described and listed, their brokers and where these are, and tags."""

from typing import Any

from localaws.errors import AwsError
from localaws.kafka import HOST
from localaws.services.context import Context
from localaws.services.kafka.clusters import TABLE, Clusters
from localaws.services.kafka.operations import bad, page

Members = dict[str, Any]


def _software(row: Members) -> Members:
    return {"KafkaVersion": row["kafka"]} | {
        f"Configuration{name}": value for name, value in row["configuration"].items()
    }


def _provisioned(row: Members) -> Members:
    ebs = {"EbsStorageInfo": {"VolumeSize": row["volume"]}}
    return {
        "BrokerNodeGroupInfo": {**row["group"], "StorageInfo": ebs},
        "ClientAuthentication": {"Unauthenticated": {"Enabled": True}},
        "CurrentBrokerSoftwareInfo": _software(row),
        "EncryptionInfo": {
            "EncryptionInTransit": {"ClientBroker": "PLAINTEXT", "InCluster": False}
        },
        "EnhancedMonitoring": "DEFAULT",
        "NumberOfBrokerNodes": row["brokers"],
        "StorageMode": "LOCAL",
    }


def _common(row: Members) -> Members:
    failed = {"Code": "ClusterFailed", "Message": row.get("reason", "")}
    return {
        "ClusterArn": row["arn"],
        "ClusterName": row["name"],
        "CreationTime": row["created"],
        "CurrentVersion": row["version"],
        "State": row["state"],
        "StateInfo": failed if row["state"] == "FAILED" else None,
        "Tags": row["tags"],
    }


def _first(row: Members) -> Members:
    return _common(row) | _provisioned(row)


def _second(row: Members) -> Members:
    return _common(row) | {
        "ClusterType": "PROVISIONED",
        "Provisioned": _provisioned(row),
    }


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeCluster."""
    return {"ClusterInfo": _first(context.part(Clusters).find(given["ClusterArn"]))}


def describe_v2(context: Context, given: Members) -> Members:
    """Answer DescribeClusterV2."""
    return {"ClusterInfo": _second(context.part(Clusters).find(given["ClusterArn"]))}


def _matching(context: Context, given: Members) -> list[Members]:
    prefix = given.get("ClusterNameFilter", "")
    return [
        row for row in context.part(Clusters).all() if row["name"].startswith(prefix)
    ]


def list_clusters(context: Context, given: Members) -> Members:
    """Answer ListClusters."""
    return page(
        "ClusterInfoList", [_first(r) for r in _matching(context, given)], given
    )


def list_clusters_v2(context: Context, given: Members) -> Members:
    """Answer ListClustersV2."""
    kind = given.get("ClusterTypeFilter", "PROVISIONED")
    if kind not in ("PROVISIONED", "SERVERLESS"):
        raise bad("The cluster type is PROVISIONED or SERVERLESS.", "clusterTypeFilter")
    rows = _matching(context, given) if kind == "PROVISIONED" else []
    return page("ClusterInfoList", [_second(row) for row in rows], given)


def bootstrap(context: Context, given: Members) -> Members:
    """Answer GetBootstrapBrokers."""
    row = context.part(Clusters).find(given["ClusterArn"])
    if row["state"] in ("CREATING", "DELETING", "FAILED", "HEALING"):
        raise bad(
            "You can't get bootstrap broker nodes for a cluster in "
            f"{row['state']} state."
        )
    # AWS names up to three of the brokers
    addresses = [f"{HOST}:{port}" for port in row["ports"][:3]]
    return {"BootstrapBrokerString": ",".join(addresses)}


def nodes(context: Context, given: Members) -> Members:
    """Answer ListNodes."""
    row = context.part(Clusters).find(given["ClusterArn"])
    subnets = row["group"]["ClientSubnets"]
    found = [
        {
            "AddedToClusterTime": row["created"].isoformat(),
            "InstanceType": row["group"]["InstanceType"],
            "NodeARN": f"{row['arn'].replace(':cluster/', ':broker/')}/{broker}",
            "NodeType": "BROKER",
            "BrokerNodeInfo": {
                "BrokerId": broker,
                "ClientSubnet": subnets[(broker - 1) % len(subnets)],
                "ClientVpcIpAddress": HOST,
                "CurrentBrokerSoftwareInfo": _software(row),
                "Endpoints": [f"{HOST}:{port}"],
            },
        }
        for broker, port in enumerate(row["ports"], 1)
    ]
    return page("NodeInfoList", found, given)


def _tagged(context: Context, given: Members) -> Members:
    found = context.part(Clusters).records.get(TABLE, given["ResourceArn"])
    if found is None:
        raise AwsError(
            "NotFoundException", "The requested resource doesn't exist.", 404
        )
    return found


def tags(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    return {"Tags": _tagged(context, given)["tags"]}


def tag(context: Context, given: Members) -> None:
    """Answer TagResource."""
    row = _tagged(context, given)
    held = row["tags"] | given["Tags"]
    context.part(Clusters).records.change(TABLE, row["arn"], tags=held)


def untag(context: Context, given: Members) -> None:
    """Answer UntagResource."""
    row = _tagged(context, given)
    held = {k: v for k, v in row["tags"].items() if k not in given["TagKeys"]}
    context.part(Clusters).records.change(TABLE, row["arn"], tags=held)


OPERATIONS = {
    "DescribeCluster": describe,
    "DescribeClusterV2": describe_v2,
    "GetBootstrapBrokers": bootstrap,
    "ListClusters": list_clusters,
    "ListClustersV2": list_clusters_v2,
    "ListNodes": nodes,
    "ListTagsForResource": tags,
    "TagResource": tag,
    "UntagResource": untag,
}
