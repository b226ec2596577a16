"""The checks of lab 0.0 on the endpoint.

Answers are in plain boto3: the solution, which uses the SDK, has its own test.
"""

import json
import tarfile
from io import BytesIO

import pytest
from botocore.exceptions import WaiterError
from sklearn.metrics import roc_auc_score

from helpers.check import CheckFailed
from helpers.checks import lab_0_0
from helpers.samples import sample
from tests.helpers.checks.first_lab import (
    BUCKET,
    CHECKS,
    INPUTS,
    SEED,
    found,
    month,
)


@pytest.fixture(scope="module")
def flights():
    return month()


@pytest.fixture
def image():
    return "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0"


@pytest.fixture
def landed(aws, flights):
    aws("s3").create_bucket(Bucket=BUCKET)
    body = flights.to_csv(index=False)
    aws("s3").put_object(Bucket=BUCKET, Key="flights/a.csv", Body=body)


@pytest.fixture
def train(aws, role, image, landed):
    def answer(bucket, day, script=None):
        archive = BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            tar.add(script or sample(lab_0_0.SCRIPT), "train.py")
        key = "code/sourcedir.tar.gz"
        aws("s3").put_object(Bucket=bucket, Key=key, Body=archive.getvalue())
        data = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/flights/"}
        aws("sagemaker").create_training_job(
            TrainingJobName="one-month",
            AlgorithmSpecification={
                "TrainingImage": image,
                "TrainingInputMode": "File",
            },
            RoleArn=role,
            InputDataConfig=[
                {"ChannelName": "train", "DataSource": {"S3DataSource": data}}
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{bucket}/models"},
            ResourceConfig={
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 300},
            HyperParameters={
                "before-day": str(day),
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{bucket}/{key}",
            },
        )
        ended = aws("sagemaker").get_waiter("training_job_completed_or_stopped")
        ended.wait(
            TrainingJobName="one-month",
            WaiterConfig={"Delay": 1, "MaxAttempts": 99},
        )
        return "one-month"

    return answer


@pytest.fixture
def score(aws, role, image, flights):
    def answer(job, month, day, forget=False):
        client = aws("sagemaker")
        trained = client.describe_training_job(TrainingJobName=job)
        container = {
            "Image": image,
            "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"],
            "Environment": {"SAGEMAKER_PROGRAM": "train.py"},
        }
        variant = {"VariantName": "all", "ModelName": job}
        machine = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        client.create_model(
            ModelName=job, ExecutionRoleArn=role, PrimaryContainer=container
        )
        client.create_endpoint_config(
            EndpointConfigName=job, ProductionVariants=[variant | machine]
        )
        client.create_endpoint(EndpointName=job, EndpointConfigName=job)
        client.get_waiter("endpoint_in_service").wait(
            EndpointName=job, WaiterConfig={"Delay": 1, "MaxAttempts": 99}
        )
        asked = flights.query("day == @day").dropna(subset="arr_delay")
        answer = aws("sagemaker-runtime").invoke_endpoint(
            EndpointName=job,
            ContentType="text/csv",
            Accept="application/json",
            Body=asked.to_csv(index=False),
        )
        scores = json.load(answer["Body"])
        if not forget:
            client.delete_endpoint(EndpointName=job)
        auc = float(roc_auc_score(asked["arr_delay"] > 15, scores))
        return {"scores": scores, "auc": auc}

    return answer


def test_both_tasks_pass_and_a_forgotten_endpoint_does_not(aws, train, score):
    assert "Completed" in CHECKS["train_a_first_model"](SEED, train, aws)
    assert "flights" in CHECKS["score_one_day"](SEED, score, aws)

    def forgetful(job, month, day):
        aws("sagemaker").delete_model(ModelName=job)
        aws("sagemaker").delete_endpoint_config(EndpointConfigName=job)
        return score(job, month, day, forget=True)

    with pytest.raises(CheckFailed, match="found: one-month"):
        CHECKS["score_one_day"](SEED, forgetful, aws)


def test_another_script_is_not_the_given_one(aws, train, tmp_path):
    mine = tmp_path / "train.py"
    mine.write_text(sample(lab_0_0.SCRIPT).read_text() + "# mine\n")
    with pytest.raises(CheckFailed, match="none of them the given one"):
        CHECKS["train_a_first_model"](
            SEED, lambda bucket, day: train(bucket, day, mine), aws
        )


def test_a_job_that_fails_gives_its_reason(aws, train, tmp_path):
    broken = tmp_path / "train.py"
    broken.write_text("raise SystemExit('the script has no data')\n")
    evidence = CHECKS["train_a_first_model"].probe(
        INPUTS, lambda bucket, day: ended(train, bucket, day, broken), aws
    )
    assert "Failed" in found("train_a_first_model", evidence).found


def ended(train, *arguments):
    with pytest.raises(WaiterError):
        train(*arguments)
    return "one-month"
