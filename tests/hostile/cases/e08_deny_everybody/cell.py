import json

from helpers import cloud


def keep_versions(bucket):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    statement["Resource"] = f"arn:aws:s3:::{bucket}"
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
