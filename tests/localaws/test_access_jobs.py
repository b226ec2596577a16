"""What a job's role may not read, its job cannot read."""

from collections.abc import Callable
from typing import Any

import boto3

from tests.localaws.access import deny, document
from tests.localaws.sagemaker.conftest import train as train
from tests.localaws.services.lake import asked, two_flights

Aws = Callable[[str], Any]


def test_a_bucket_policy_binds_a_training_job(
    aws: Aws, train: Callable[..., dict[str, Any]], role: str, bucket: str
) -> None:
    inside = f"arn:aws:s3:::{bucket}/train/*"
    statement = deny("s3:GetObject", on=inside, Principal={"AWS": role})
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=document(statement))
    job = train("print('read')")
    assert job["TrainingJobStatus"] == "Failed"
    assert "explicit deny in a resource-based policy" in job["FailureReason"]


def test_a_role_without_policies_reads_nothing(
    aws: Aws, train: Callable[..., dict[str, Any]], role: str, bucket: str
) -> None:
    boto3.client("iam").delete_role_policy(RoleName="work", PolicyName="files")
    job = train("print('read')")
    assert job["TrainingJobStatus"] == "Failed"
    assert "no identity-based policy allows" in job["FailureReason"]


def test_a_query_is_refused_what_the_bucket_refuses_its_caller(
    aws: Aws, bucket: str
) -> None:
    two_flights(aws)
    learner = "arn:aws:iam::123456789012:user/learner"
    inside = f"arn:aws:s3:::{bucket}/*"
    statement = deny("s3:GetObject", on=inside, Principal={"AWS": learner})
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=document(statement))
    status = asked(aws, "SELECT * FROM flights")["Status"]
    assert status["State"] == "FAILED"
    assert f"User: {learner} is not authorized" in status["StateChangeReason"]
    aws("s3").delete_bucket_policy(Bucket=bucket)
    assert asked(aws, "SELECT * FROM flights")["Status"]["State"] == "SUCCEEDED"
