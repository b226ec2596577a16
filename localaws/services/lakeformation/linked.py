"""The service-linked role of Lake Formation, and the places that it may read."""

import contextlib
import json
from typing import Any

from localaws.services.context import Context
from localaws.services.lakeformation.operations import ACCOUNT

SERVICE = "lakeformation.amazonaws.com"
_PATH = f"/aws-service-role/{SERVICE}/"
_NAME = "AWSServiceRoleForLakeFormationDataAccess"
_POLICY = "LakeFormationDataAccessPolicyForS3"
ROLE = f"arn:aws:iam::{ACCOUNT}:role{_PATH}{_NAME}"
_OBJECTS = (
    "s3:PutObject",
    "s3:GetObject",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
_BUCKETS = ("s3:ListBucket", "s3:ListBucketMultipartUploads")


def set_places(context: Context, arns: list[str]) -> None:
    """Let the role read and write at some places, and at no others.

    The first place makes the role.

    Args:
        context: The endpoint.
        arns: The places, as they were registered.
    """
    iam = context.aws.client("iam")
    try:
        iam.get_role(RoleName=_NAME)
    except iam.exceptions.NoSuchEntityException:
        if not arns:
            return
        trusted = {"Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
        iam.create_role(
            Path=_PATH,
            RoleName=_NAME,
            AssumeRolePolicyDocument=_document({"Effect": "Allow", **trusted}),
        )
    if not arns:
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=_NAME, PolicyName=_POLICY)
        return
    paths = [f"{arn.rstrip('/')}/*" for arn in arns]
    buckets = sorted({arn.partition("/")[0] for arn in arns})
    document = _document(
        {"Effect": "Allow", "Action": list(_OBJECTS), "Resource": paths},
        {"Effect": "Allow", "Action": list(_BUCKETS), "Resource": buckets},
    )
    iam.put_role_policy(RoleName=_NAME, PolicyName=_POLICY, PolicyDocument=document)


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
