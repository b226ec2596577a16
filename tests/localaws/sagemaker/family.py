"""The families of jobs in one table: what tests ask of each of them alike."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from tests.conftest import TRUST
from tests.localaws.sagemaker import kinds
from tests.localaws.sagemaker.desk import logged

Members = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """One family of jobs.

    Attributes:
        title: What the tests call it.
        noun: Such as `TrainingJob`.
        stem: Such as `training_job`.
        words: Such as `training job`.
        request: Makes the members of a Create, but for the name, of a kind of job.
        group: Log group of what it runs.
        missing: Code and text of the error about a name that nobody has.
        taken: Text of the error about a name that somebody has.
        reasons: What the FailureReason of a kind of job begins with.
        longest: The most characters of a name.
        removable: Whether there is a Delete operation.
    """

    title: str
    noun: str
    stem: str
    words: str
    request: Callable[[str], Members]
    group: str
    missing: tuple[str, str]
    taken: str
    reasons: dict[str, str]
    longest: int = 63
    removable: bool = True

    def begun(self) -> bool:
        """Whether the log says that what hangs has begun."""
        groups = boto3.client("logs").describe_log_groups(
            logGroupNamePrefix=self.group
        )["logGroups"]
        lines = logged(self.group) if groups else []
        return any(line == "begun" or "[1]#011" in line for line in lines)


def untrust(service: str | None) -> None:
    """Let another service assume the role instead of SageMaker, or remove the role."""
    role = boto3.resource("iam").Role("work")
    if service:
        trust = json.loads(TRUST)
        trust["Statement"][0]["Principal"]["Service"] = service
        role.AssumeRolePolicy().update(PolicyDocument=json.dumps(trust))
        return
    for policy in role.attached_policies.all():
        role.detach_policy(PolicyArn=policy.arn)
    for own in role.policies.all():
        own.delete()
    role.delete()


_TRAINING: Members = {
    "noun": "TrainingJob",
    "stem": "training_job",
    "words": "training job",
    "group": "/aws/sagemaker/TrainingJobs",
    "missing": ("ValidationException", "Requested resource not found."),
    "taken": "Training job names must be unique within an AWS account and region",
}
_JOB: Members = {
    "missing": ("ValidationException", "Could not find requested job with name: "),
    "taken": "Job name must be unique within an AWS account and region",
}
_DOWNLOAD = "ClientError: Data download failed:No S3 objects found under S3 URL"
FAMILIES = (
    Family(
        **_TRAINING,
        title="script-mode",
        request=kinds.script_mode,
        reasons={
            "fails": "AlgorithmError: ExecuteUserScriptError:\nExitCode 1",
            "empty": _DOWNLOAD,
        },
    ),
    Family(
        **_TRAINING,
        title="built-in",
        request=kinds.built_in,
        reasons={"fails": "ClientError: ", "empty": _DOWNLOAD},
    ),
    Family(
        **_JOB,
        title="processing",
        noun="ProcessingJob",
        stem="processing_job",
        words="processing job",
        request=kinds.processing,
        group="/aws/sagemaker/ProcessingJobs",
        reasons={"fails": "AlgorithmError: , exit code: 1", "empty": _DOWNLOAD},
    ),
    Family(
        **_JOB,
        title="transform",
        noun="TransformJob",
        stem="transform_job",
        words="transform job",
        request=kinds.transform,
        group="/aws/sagemaker/TransformJobs",
        reasons={
            "fails": "AlgorithmError: See job logs for more information",
            "empty": _DOWNLOAD,
        },
        removable=False,
    ),
    Family(
        title="tuning",
        noun="HyperParameterTuningJob",
        stem="hyper_parameter_tuning_job",
        words="hyperparameter tuning job",
        request=kinds.tuning,
        group="/aws/sagemaker/TrainingJobs",
        missing=(
            "ResourceNotFound",
            "Amazon SageMaker can't find a tuning job called ",
        ),
        taken="A hyperparameter tuning job with the name, ",
        reasons={
            "fails": "No training job succeeded after 1 attempts.",
            "empty": "No training job succeeded after 1 attempts.",
        },
        longest=32,
    ),
)
