"""What the tests of tuning jobs share: a script, jobs of it, and their trials."""

from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait
from tests.localaws.sagemaker.desk import BUCKET, ROLE

# Best at x = 3; one that is told to, fails, hangs or says its epochs one by one.
SCRIPT = """
import argparse, time
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float, default=0)
parser.add_argument("--kind", default="plain")
parser.add_argument("--epochs", type=int, default=1)
given = parser.parse_args()
if given.kind == "fails":
    raise ValueError("cannot fit")
if given.kind == "hangs":
    time.sleep(60)
for epoch in range(given.epochs):
    if epoch:
        time.sleep(0.15)
    if given.kind != "silent":
        print(f"score={10 - (given.x - 3) ** 2:.4f}", flush=True)
"""
OBJECTIVE = {"Type": "Maximize", "MetricName": "score"}
X = {"Name": "x", "MinValue": "0", "MaxValue": "6"}


def describe(name: str = "tune") -> dict[str, Any]:
    """Return the description of a tuning job."""
    return boto3.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )


def ended(name: str = "tune") -> dict[str, Any]:
    """Wait for a tuning job's end and return its description."""
    return wait(
        lambda: describe(name),
        "HyperParameterTuningJobStatus",
        "InProgress",
        "Stopping",
    )


def trials(name: str = "tune", **more: Any) -> list[dict[str, Any]]:
    """Return the trials of a tuning job in the order of their names."""
    found = boto3.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=100, **more
    )
    return found["TrainingJobSummaries"]


def tuned(name: str = "tune") -> list[dict[str, str]]:
    """Return the hyperparameters that each trial was given."""
    return [trial["TunedHyperParameters"] for trial in trials(name)]


def begin(
    name: str = "tune",
    jobs: int | None = 3,
    parallel: int = 2,
    static: dict[str, str] | None = None,
    ranges: dict[str, Any] | None = None,
    definition: dict[str, Any] | None = None,
    top: dict[str, Any] | None = None,
    script: str = SCRIPT,
    **config: Any,
) -> dict[str, Any]:
    """Start a tuning job: `begin(jobs=3, parallel=1, **config members)`.

    Args:
        name: Of the tuning job.
        jobs: The most trials.
        parallel: The most trials at once.
        static: Hyperparameters of every trial.
        ranges: `ParameterRanges`; x from 0 to 6 if none are given.
        definition: Other members of the training job definition.
        top: Other members of the request.
        script: What each trial runs.
        config: Other members of the tuning job's configuration.

    Returns:
        The request.
    """
    boto3.client("s3").put_object(
        Bucket=BUCKET, Key="code.tar.gz", Body=archive(train_py=script)
    )
    limits: dict[str, Any] = {"MaxParallelTrainingJobs": parallel}
    if jobs is not None:
        limits["MaxNumberOfTrainingJobs"] = jobs
    request = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": OBJECTIVE,
            "ResourceLimits": limits | config.pop("limits", {}),
            "ParameterRanges": ranges or {"ContinuousParameterRanges": [X]},
            "RandomSeed": 7,
            **config,
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{BUCKET}/code.tar.gz",
                **(static or {}),
            },
            "AlgorithmSpecification": {
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "score", "Regex": "score=([-0-9.]+)"}],
            },
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            **(definition or {}),
        },
        **(top or {}),
    }
    boto3.client("sagemaker").create_hyper_parameter_tuning_job(**request)
    return request


def tune(name: str = "tune", *given: Any, **members: Any) -> dict[str, Any]:
    """Run a tuning job to its end and return its description."""
    begin(name, *given, **members)
    return ended(name)
