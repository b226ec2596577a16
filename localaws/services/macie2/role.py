"""The service-linked role with which Macie reads buckets and objects."""

from typing import Any

from localaws.services.macie2.documents import ACCOUNT

PRINCIPAL = "macie.amazonaws.com"
ROLE = "AWSServiceRoleForAmazonMacie"
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": PRINCIPAL},
            "Action": "sts:AssumeRole",
        }
    ],
}
# As the managed policy AmazonMacieServiceRolePolicy, of which the account's S3 and
# CloudWatch Logs are what counts here. A key of KMS must allow the role by its policy.
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:ListAccountAliases",
                "organizations:DescribeAccount",
                "organizations:ListAccounts",
                "s3:Get*",
                "s3:List*",
            ],
            "Resource": "*",
        }
    ],
}


def role_arn() -> str:
    """Return the role's ARN."""
    return f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{PRINCIPAL}/{ROLE}"
