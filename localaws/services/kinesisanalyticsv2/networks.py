"""The VPC that an application is connected to: its subnets and groups exist."""

import uuid
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.services.context import Context

Members = dict[str, Any]


def described(context: Context, given: Members) -> Members:
    """Return a VpcConfigurationDescription.

    Raises:
        AwsError: A subnet or a security group is not there, or they are of several
            VPCs.
    """
    ec2 = context.aws.client("ec2")
    try:
        subnets = ec2.describe_subnets(SubnetIds=given["SubnetIds"])["Subnets"]
        groups = ec2.describe_security_groups(GroupIds=given["SecurityGroupIds"])
    except ClientError as error:
        told = error.response["Error"]["Message"]
        raise AwsError("InvalidArgumentException", told) from error
    found = {one["VpcId"] for one in (*subnets, *groups["SecurityGroups"])}
    if len(found) != 1:
        raise AwsError(
            "InvalidArgumentException",
            "Subnets and security groups must be of the same VPC.",
        )
    number = context.clock.count("flink vpc")
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"flink vpc {number}").hex[:12]
    return {"VpcConfigurationId": f"1.{name}", "VpcId": found.pop(), **given}
