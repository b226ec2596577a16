"""Keys of KMS in jobs: what their roles may not open, and what they store."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.conftest import TRUST
from tests.localaws.kms.face import Aws, new_key, policy, refused, statement, user
from tests.localaws.sagemaker.conftest import channel
from tests.localaws.sagemaker.processed import process, result
from tests.localaws.sagemaker.trained import unpacked
from tests.localaws.sagemaker.transformed import make_model, transform

Train = Callable[..., dict[str, Any]]
SAVES = "open('/opt/ml/model/weights.txt', 'w').write(open({!r}).read())"
SCRIPT = SAVES.format("/opt/ml/input/data/train/a.csv")


@pytest.fixture
def reader(aws: Aws) -> str:
    """ARN of a role that may do everything with S3, and nothing with KMS."""
    made = aws("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    may(aws)
    return made["Role"]["Arn"]


def may(aws: Aws, *statements: Any) -> None:
    """Let the role do this with keys."""
    document = policy(statement(["s3:*", "logs:*"]), *statements)
    aws("iam").put_role_policy(
        RoleName="reader", PolicyName="may", PolicyDocument=document
    )


def sealed(aws: Aws, bucket: str, key: str) -> dict[str, Any]:
    """Return a channel whose object is under a key."""
    aws("s3").put_object(
        Bucket=bucket,
        Key="sealed/a.csv",
        Body=b"1,2\n",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    return channel("train", f"s3://{bucket}/sealed/")


def test_a_job_reads_what_its_role_may_open(
    aws: Aws, train: Train, bucket: str, reader: str
) -> None:
    key = new_key(aws)
    how = {"RoleArn": reader, "InputDataConfig": [sealed(aws, bucket, key)]}
    job = train(SCRIPT, **how)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        f"ClientError: Data download failed:s3://{bucket}/sealed/: AccessDenied: User: "
    )
    assert "assumed-role/reader/SageMaker" in job["FailureReason"]
    assert (
        f"not authorized to perform: kms:Decrypt on resource: {key}"
        in (job["FailureReason"])
    )
    may(aws, statement("kms:Decrypt", key))
    job = train(SCRIPT, "second", **how)
    assert job["TrainingJobStatus"] == "Completed", job
    found = unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    assert found == {"weights.txt": b"1,2\n"}


def test_artefacts_lie_under_the_key(
    aws: Aws, train: Train, bucket: str, reader: str
) -> None:
    key = new_key(aws)
    output = {"S3OutputPath": f"s3://{bucket}/models/", "KmsKeyId": key}
    job = train(SCRIPT, RoleArn=reader, OutputDataConfig=output)
    assert job["TrainingJobStatus"] == "Failed"
    assert "Artifact upload failed" in job["FailureReason"]
    assert "kms:GenerateDataKey" in job["FailureReason"]
    may(aws, statement(["kms:GenerateDataKey", "kms:Decrypt"], key))
    job = train(SCRIPT, "second", RoleArn=reader, OutputDataConfig=output)
    assert job["TrainingJobStatus"] == "Completed", job
    assert job["OutputDataConfig"]["KmsKeyId"] == key
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    name = uri.removeprefix(f"s3://{bucket}/")
    head = aws("s3").head_object(Bucket=bucket, Key=name)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    assert unpacked(uri) == {"weights.txt": b"1,2\n3,4\n"}
    other = user(aws, "ann", statement("s3:*"))("s3")
    with refused("AccessDenied", "kms:Decrypt"):
        other.get_object(Bucket=bucket, Key=name)


@pytest.mark.parametrize("kind", ["missing", "pair", "disabled"])
def test_keys_that_will_not_do(aws: Aws, train: Train, bucket: str, kind: str) -> None:
    key = "alias/none"
    if kind != "missing":
        key = new_key(aws, **({"KeySpec": "RSA_2048"} if kind == "pair" else {}))
    if kind == "disabled":
        aws("kms").disable_key(KeyId=key)
    output = {"S3OutputPath": f"s3://{bucket}/models/", "KmsKeyId": key}
    with refused("ValidationException", f"Invalid KMS key {key}"):
        train(SCRIPT, OutputDataConfig=output)


def open_to(aws: Aws, role: str, key: str) -> None:
    """Let a role use a key."""
    aws("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="kms",
        PolicyDocument=policy(statement("kms:*", key)),
    )


def test_outputs_of_processing_lie_under_the_key(
    aws: Aws, role: str, bucket: str
) -> None:
    key = new_key(aws)
    open_to(aws, role, key)
    outputs = {"Outputs": [result("clean")], "KmsKeyId": key}
    script = "open('/opt/ml/processing/output/clean/a.csv', 'w').write('1')"
    job = process(script, ProcessingOutputConfig=outputs)
    assert job["ProcessingJobStatus"] == "Completed", job
    found = boto3.client("s3").get_object(Bucket=bucket, Key="clean/a.csv")
    assert (found["SSEKMSKeyId"], found["Body"].read()) == (key, b"1")


def test_outputs_of_a_transform_lie_under_the_key(
    aws: Aws, role: str, bucket: str
) -> None:
    key = new_key(aws)
    make_model()
    denied = transform({"a.csv": b"1,2\n"}, "denied", Output={"KmsKeyId": key})
    assert denied["TransformJobStatus"] == "Failed"
    assert "kms:GenerateDataKey" in denied["FailureReason"]
    open_to(aws, role, key)
    job = transform({"a.csv": b"1,2\n"}, Output={"KmsKeyId": key})
    assert job["TransformJobStatus"] == "Completed", job
    found = aws("s3").get_object(Bucket=bucket, Key="out/a.csv.out")
    assert found["SSEKMSKeyId"] == key
