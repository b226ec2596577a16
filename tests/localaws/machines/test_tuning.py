"""Tuning jobs against a model of AWS's documentation."""

from typing import ClassVar

from tests.localaws.machines.job import ENDED, Job, script
from tests.localaws.machines.jobs import Jobs
from tests.localaws.machines.machine import drive
from tests.localaws.machines.world import BUCKET, Answer, World
from tests.localaws.sagemaker.conftest import SKLEARN, archive

TRIALS = 2
SCORES = "print('score=1')"


class Tuning(Jobs):
    noun: ClassVar[str] = "HyperParameterTuningJob"
    stem: ClassVar[str] = "hyper_parameter_tuning_job"
    missing: ClassVar[str] = "ResourceNotFound"
    order: ClassVar[tuple[str, bool]] = ("Name", False)
    start: ClassVar[str] = "CreationTime"
    end: ClassVar[str] = "HyperParameterTuningEndTime"

    def prepare(self) -> None:
        for kind in ("quick", "fails", "hangs"):
            body = archive(train_py=script(kind, quick=SCORES))
            self.world.store(f"{kind}.tar.gz", body)

    def request(self, name: str, kind: str) -> Answer:
        ranges = [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]
        return {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {
                    "Type": "Maximize",
                    "MetricName": "score",
                },
                "ResourceLimits": {
                    "MaxParallelTrainingJobs": 1,
                    "MaxNumberOfTrainingJobs": TRIALS if kind == "quick" else 1,
                },
                "ParameterRanges": {"ContinuousParameterRanges": ranges},
            },
            "TrainingJobDefinition": {
                "StaticHyperParameters": {
                    "sagemaker_program": "train.py",
                    "sagemaker_submit_directory": f"s3://{BUCKET}/{kind}.tar.gz",
                },
                "AlgorithmSpecification": {
                    "TrainingImage": SKLEARN,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9]+)"}],
                },
                "RoleArn": self.world.role,
                "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
                "ResourceConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 1,
                },
                "StoppingCondition": {"MaxRuntimeInSeconds": 900},
            },
        }

    def check(self, job: Job, found: Answer) -> None:
        counts = found["TrainingJobStatusCounters"]
        unended = counts["InProgress"]
        assert not (job.ended and unended), "it ended before its training jobs"
        assert ("BestTrainingJob" in found) >= (job.status == "Completed")
        if job.status == "Completed":
            assert counts["Completed"] == TRIALS
        before = job.last.get("TrainingJobStatusCounters", counts)
        assert counts["Completed"] >= before["Completed"]
        if job.ended and job.last.get("HyperParameterTuningJobStatus") not in ENDED:
            self.compare(job, counts)

    def compare(self, job: Job, counts: Answer) -> None:
        """Compare the counters with the training jobs themselves."""
        trials = self.listed(
            "list_training_jobs_for_hyper_parameter_tuning_job", 1, **self.on(job.name)
        )
        assert len(trials) == sum(
            counts[one]
            for one in ("Completed", "InProgress", "NonRetryableError", "Stopped")
        )
        for trial in trials:
            name = trial["TrainingJobName"]
            found = self.call("describe_training_job", TrainingJobName=name)
            assert found["TrainingJobStatus"] == trial["TrainingJobStatus"]
            assert found["TrainingJobStatus"] in ENDED
            assert found["TuningJobArn"] == job.arn


def test_tuning_jobs_do_as_documented(world: World) -> None:
    drive(Tuning)
