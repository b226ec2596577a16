"""What the tests of Amazon Data Firehose share."""

import json
from collections.abc import Callable
from typing import Any

Aws = Callable[[str], Any]


def role(aws: Aws, name: str = "hose", allowed: str = "*") -> str:
    """Make a role for Firehose that may use Amazon S3."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "firehose.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": allowed}],
    }
    iam = aws("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(
        RoleName=name, PolicyName="s3", PolicyDocument=json.dumps(policy)
    )
    return made["Role"]["Arn"]


def hose(
    aws: Aws,
    bucket: str,
    arn: str,
    minutes: int = 1,
    source: dict[str, Any] | None = None,
    **config: Any,
) -> Any:
    """Make a stream, wait for it, and return the client."""
    firehose = aws("firehose")
    of = {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": source,
    }
    firehose.create_delivery_stream(
        DeliveryStreamName="lines",
        **(of if source else {}),
        ExtendedS3DestinationConfiguration={
            "RoleARN": arn,
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60 * minutes},
            **config,
        },
    )
    description(firehose)
    return firehose


def description(firehose: Any) -> dict[str, Any]:
    """Describe the stream, which ends its creation on a standing clock."""
    return firehose.describe_delivery_stream(DeliveryStreamName="lines")[
        "DeliveryStreamDescription"
    ]


def put(firehose: Any, *data: bytes) -> Any:
    """Put records in one request."""
    return firehose.put_record_batch(
        DeliveryStreamName="lines", Records=[{"Data": blob} for blob in data]
    )


def stored(aws: Aws, bucket: str) -> dict[str, bytes]:
    """Return the body of each object of a bucket."""
    s3 = aws("s3")
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {
        one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        for one in listed
    }
