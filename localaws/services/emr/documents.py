"""Clusters and steps as they are kept, and as Amazon EMR describes them."""

import hashlib
import string
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.records import Records

CLUSTERS, STEPS = "emr-cluster", "emr-step"
ACCOUNT, REGION = "123456789012", "us-east-1"
OVER = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")
PENDING, RUNNING = "PENDING", ("RUNNING", "CANCEL_PENDING")
_ALPHABET = string.digits + string.ascii_uppercase
_LENGTH = 13
Members = dict[str, Any]


def identity(context: Context, prefix: str) -> str:
    """Return a new id, such as `j-2AXXXXXXGAPLF`; the same in each execution."""
    count = context.clock.count(f"emr-{prefix}")
    number = int(hashlib.sha256(f"{prefix} {count}".encode()).hexdigest(), 16)
    letters = []
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return f"{prefix}-{''.join(letters)}"


def invalid(message: str, code: str = "ValidationException") -> AwsError:
    """Return the error of an input that Amazon EMR does not take."""
    return AwsError(code, message)


def cluster_of(context: Context, key: str) -> Members:
    """Return a cluster.

    Raises:
        AwsError: There is none of this id.
    """
    found = context.part(Records).get(CLUSTERS, key)
    if found is None:
        raise AwsError(
            "InvalidRequestException",
            f"Cluster id '{key}' is not valid.",
            ErrorCode="NoSuchCluster",
        )
    return found


def steps_of(context: Context, key: str) -> list[Members]:
    """Return the steps of a cluster, oldest first."""
    every = context.part(Records).all(STEPS).values()
    return [one for one in every if one["cluster"] == key]


def step_of(context: Context, cluster: str, key: str) -> Members:
    """Return a step of a cluster.

    Raises:
        AwsError: There is none of this id.
    """
    cluster_of(context, cluster)
    found = context.part(Records).get(STEPS, key)
    if found is None or found["cluster"] != cluster:
        raise AwsError("InvalidRequestException", f"Step id '{key}' is not valid.")
    return found


def arn(key: str) -> str:
    """Return the ARN of a cluster."""
    return f"arn:aws:elasticmapreduce:{REGION}:{ACCOUNT}:cluster/{key}"


def summary(cluster: Members, hours: int) -> Members:
    """Return a cluster as ListClusters shows it.

    Args:
        cluster: As it is kept.
        hours: Its normalized instance hours.
    """
    return {
        "Id": cluster["Id"],
        "Name": cluster["Name"],
        "Status": {
            "State": cluster["State"],
            "StateChangeReason": cluster["Reason"],
            "Timeline": cluster["Timeline"],
        },
        "NormalizedInstanceHours": hours,
        "ClusterArn": arn(cluster["Id"]),
    }


def shown(step: Members) -> Members:
    """Return a step as DescribeStep shows it."""
    return {
        "Id": step["Id"],
        "Name": step["Name"],
        "Config": {
            "Jar": step["Jar"],
            "Properties": {},
            "Args": step["Args"],
        },
        "ActionOnFailure": step["ActionOnFailure"],
        "Status": {
            "State": step["State"],
            "StateChangeReason": step.get("Reason", {}),
            "FailureDetails": step.get("FailureDetails"),
            "Timeline": step["Timeline"],
        },
    }
