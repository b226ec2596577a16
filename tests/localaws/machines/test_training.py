"""Training jobs against a model of AWS's documentation."""

from itertools import pairwise
from typing import ClassVar

from tests.localaws.machines.job import Job, script
from tests.localaws.machines.jobs import Jobs
from tests.localaws.machines.machine import drive
from tests.localaws.machines.world import BUCKET, Answer, World
from tests.localaws.sagemaker.conftest import SKLEARN, archive

# Which secondary statuses go with a status, and which may come next.
SECONDARY = {
    "InProgress": {"Starting", "Downloading", "Training", "Uploading"},
    "Stopping": {"Stopping", "Uploading"},
    "Completed": {"Completed"},
    "Failed": {"Failed"},
    "Stopped": {"Stopped"},
}
NEXT = {
    "Starting": {"Downloading", "Stopped", "Failed"},
    "Downloading": {"Training", "Stopped", "Failed"},
    "Training": {"Uploading", "Failed", "Stopped"},
    "Uploading": {"Completed", "Failed", "Stopped"},
    "Stopping": {"Uploading", "Stopped"},
}
MODEL = "open('/opt/ml/model/weights', 'w').write('1')"


class Training(Jobs):
    noun: ClassVar[str] = "TrainingJob"
    stem: ClassVar[str] = "training_job"
    start: ClassVar[str] = "TrainingStartTime"
    end: ClassVar[str] = "TrainingEndTime"

    def prepare(self) -> None:
        for kind in ("quick", "fails", "hangs"):
            body = archive(train_py=script(kind, quick=MODEL))
            self.world.store(f"{kind}.tar.gz", body)

    def request(self, name: str, kind: str) -> Answer:
        return {
            "AlgorithmSpecification": {
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
            },
            "RoleArn": self.world.role,
            "HyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{BUCKET}/{kind}.tar.gz",
            },
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 900},
        }

    def check(self, job: Job, found: Answer) -> None:
        secondary = found["SecondaryStatus"]
        assert secondary in SECONDARY[job.status], found
        steps = found["SecondaryStatusTransitions"]
        for one, other in pairwise(steps):
            assert other["Status"] in NEXT[one["Status"]] | {"Stopping"}, steps
            assert one["StartTime"] <= one["EndTime"] <= other["StartTime"], steps
        if job.ended:
            assert steps[-1]["Status"] == secondary
            assert (self.start in found) == (self.end in found)
        if "ModelArtifacts" in found and not job.ended:
            assert secondary in ("Uploading", "Stopping")
        if job.status == "Completed" and not job.last.get("ModelArtifacts"):
            key = f"models/{job.name}/output/model.tar.gz"
            uri = found["ModelArtifacts"]["S3ModelArtifacts"]
            assert uri == f"s3://{BUCKET}/{key}"
            assert self.world.keys(key) == [key]


def test_training_jobs_do_as_documented(world: World) -> None:
    drive(Training)
