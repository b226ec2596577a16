"""Jobs and endpoints of stubborn processes, one of each family."""

from pathlib import Path
from typing import Any

import boto3

from tests.localaws.faults import children
from tests.localaws.faults.stubborn import KINDS
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import SKLEARN, archive

BASE = "/opt/ml/processing"
TRAINING = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}


class Families:
    """Starts one job, or endpoint, in which all six ways are taken.

    Args:
        role: Execution role.
        bucket: For scripts and results.
    """

    def __init__(self, role: str, bucket: str) -> None:
        self.role, self.bucket = role, bucket
        self.sagemaker = boto3.client("sagemaker")
        self.s3 = boto3.client("s3")

    def start(self, family: str, folder: Path, many: int = 300) -> None:
        """Start a family's work, named as the family.

        Args:
            family: `training`, `processing`, `transform`, `endpoint` or `tuning`.
            folder: Where its processes write their ids.
            many: How many children the way `many` makes.
        """
        getattr(self, f"_{family}")({"PIDS": str(folder), "MANY": str(many)})

    def stop(self, family: str) -> None:
        """Stop the job, or delete the endpoint."""
        if family == "endpoint":
            self.sagemaker.delete_endpoint(EndpointName=family)
            return
        word = "hyper_parameter_tuning" if family == "tuning" else family
        noun = "".join(part.capitalize() for part in word.split("_"))
        stop = getattr(self.sagemaker, f"stop_{word}_job")
        stop(**{f"{noun}JobName": family})

    def status(self, family: str) -> str:
        """Return the status of a job."""
        word = "hyper_parameter_tuning" if family == "tuning" else family
        noun = "".join(part.capitalize() for part in word.split("_"))
        describe = getattr(self.sagemaker, f"describe_{word}_job")
        return str(describe(**{f"{noun}JobName": family})[f"{noun}JobStatus"])

    def code(self, script: str) -> dict[str, str]:
        """Store a training script, and return the hyperparameters that run it."""
        body = archive(train_py=script)
        self.s3.put_object(Bucket=self.bucket, Key="train.tar.gz", Body=body)
        return {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{self.bucket}/train.tar.gz",
        }

    def definition(
        self, variables: dict[str, str], hosts: int = len(KINDS)
    ) -> dict[str, Any]:
        """Return what training jobs and trials have in common."""
        return {
            "RoleArn": self.role,
            "Environment": variables,
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/models/"},
            "ResourceConfig": machine(hosts),
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }

    def _training(self, variables: dict[str, str]) -> None:
        self.sagemaker.create_training_job(
            TrainingJobName="training",
            AlgorithmSpecification=TRAINING,
            HyperParameters=self.code(children.JOB),
            **self.definition(variables),
        )

    def _processing(self, variables: dict[str, str]) -> None:
        body = children.JOB.encode()
        self.s3.put_object(Bucket=self.bucket, Key="clean.py", Body=body)
        place = {
            "S3Uri": f"s3://{self.bucket}/clean.py",
            "LocalPath": f"{BASE}/input/code",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }
        self.sagemaker.create_processing_job(
            ProcessingJobName="processing",
            AppSpecification={
                "ImageUri": SKLEARN,
                "ContainerEntrypoint": ["python3", f"{BASE}/input/code/clean.py"],
            },
            Environment=variables,
            ProcessingInputs=[{"InputName": "code", "S3Input": place}],
            ProcessingResources={"ClusterConfig": machine(len(KINDS))},
            RoleArn=self.role,
        )

    def _transform(self, variables: dict[str, str]) -> None:
        self._model("transform", variables)
        for kind in KINDS:
            self.s3.put_object(Bucket=self.bucket, Key=f"in/{kind}", Body=b"1,2\n")
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/in/"}
        self.sagemaker.create_transform_job(
            TransformJobName="transform",
            ModelName="transform",
            TransformInput={"DataSource": {"S3DataSource": source}},
            TransformOutput={"S3OutputPath": f"s3://{self.bucket}/out"},
            TransformResources={
                "InstanceType": "ml.m5.large",
                "InstanceCount": len(KINDS),
            },
        )

    def _endpoint(self, variables: dict[str, str]) -> None:
        self._model("endpoint", variables)
        variants = [
            {**hosted.variant("endpoint"), "VariantName": kind} for kind in KINDS
        ]
        found = hosted.deploy("endpoint", *variants)
        assert found["EndpointStatus"] == "InService"

    def _tuning(self, variables: dict[str, str]) -> None:
        trials, hosts = 3, len(KINDS) // 3
        self.sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="tuning",
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {
                    "Type": "Maximize",
                    "MetricName": "score",
                },
                "ResourceLimits": {
                    "MaxNumberOfTrainingJobs": trials,
                    "MaxParallelTrainingJobs": trials,
                },
                "ParameterRanges": {
                    "ContinuousParameterRanges": [
                        {"Name": "x", "MinValue": "0", "MaxValue": "6"}
                    ]
                },
            },
            TrainingJobDefinition={
                "AlgorithmSpecification": {
                    **TRAINING,
                    "MetricDefinitions": [{"Name": "score", "Regex": "score=(.*)"}],
                },
                "StaticHyperParameters": self.code(children.JOB),
                **self.definition(variables, hosts),
            },
        )

    def _model(self, name: str, variables: dict[str, str]) -> None:
        hosted.make_model(name, self.role, self.bucket, children.MODEL, variables)


def machine(hosts: int) -> dict[str, Any]:
    """Return the resources of a job."""
    return {
        "InstanceType": "ml.m5.large",
        "InstanceCount": hosts,
        "VolumeSizeInGB": 1,
    }
