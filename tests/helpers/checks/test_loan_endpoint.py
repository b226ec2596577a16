"""Lab 1.2, task 2: an encoder goes through a real job and a real endpoint."""

import io
import tarfile

import joblib
import numpy as np
import pytest
from sagemaker.core import image_uris
from sklearn.preprocessing import OrdinalEncoder

from helpers.check import CheckFailed
from helpers.loans import desk
from tests.helpers.checks.test_loan_encoding import CHECK, PATH, UNKNOWN, encoder


def test_through_a_job_and_an_endpoint(aws, role):
    """The probe reads what both have made, and no endpoint is left."""
    made = encoder(OrdinalEncoder(**UNKNOWN | {"unknown_value": np.nan}))

    def answer(name, train, bucket):
        encoded, code = io.BytesIO(), io.BytesIO()
        joblib.dump(made.fit(desk.draw(13).train), encoded)
        with tarfile.open(fileobj=code, mode="w:gz") as tar:
            tar.add(PATH, PATH.name)
        for key, body in {
            "encoder/encoder.joblib": encoded,
            "code.tar.gz": code,
        }.items():
            aws("s3").put_object(Bucket=bucket, Key=key, Body=body.getvalue())
        image = image_uris.retrieve("sklearn", "us-east-1", version="1.9-0")
        channels = {"train": train, "encoder": f"s3://{bucket}/encoder/"}
        sagemaker, job = aws("sagemaker"), name
        sagemaker.create_training_job(
            TrainingJobName=job,
            AlgorithmSpecification={
                "TrainingImage": image,
                "TrainingInputMode": "File",
            },
            HyperParameters={
                "sagemaker_program": PATH.name,
                "sagemaker_submit_directory": f"s3://{bucket}/code.tar.gz",
            },
            InputDataConfig=[
                {
                    "ChannelName": channel,
                    "DataSource": {
                        "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}
                    },
                }
                for channel, uri in channels.items()
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{bucket}/models"},
            ResourceConfig={
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 600},
            RoleArn=role,
        )
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(
            TrainingJobName=job
        )
        told = sagemaker.describe_training_job(TrainingJobName=job)
        served = {
            "Image": image,
            "ModelDataUrl": told["ModelArtifacts"]["S3ModelArtifacts"],
            "Environment": {
                "SAGEMAKER_PROGRAM": "rate.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            },
        }
        sagemaker.create_model(
            ModelName=name, PrimaryContainer=served, ExecutionRoleArn=role
        )
        variant = {"VariantName": "all", "ModelName": name}
        variant |= {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant]
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
        return {"job": job, "endpoint": name}

    with pytest.raises(CheckFailed) as failure:
        CHECK(13, answer, aws)
    assert "also where a word was never seen" in failure.value.asked
    left = aws("sagemaker").list_endpoints()["Endpoints"]
    assert {each["EndpointStatus"] for each in left} <= {"Deleting"}
    found = CHECK.probe(CHECK.inputs(13), lambda *_: {"job": "a", "endpoint": "b"}, aws)
    assert found.pop("name").startswith(CHECK.inputs(13)["name"])
    assert found == {"job": "a", "endpoint": "b", "state": "none"}
    arns = {"job": "arn:aws:sagemaker:us-east-1:1:training-job/a", "endpoint": ""}
    found = CHECK.probe(CHECK.inputs(13), lambda *_: arns, aws)
    assert (found["job"], found["state"]) == (arns["job"], "none")
    said = CHECK.probe(CHECK.inputs(13), lambda *_: "desk", aws)
    assert said == {"returned": "'desk'"}
