"""Processing jobs against a model of AWS's documentation."""

from typing import ClassVar

from tests.localaws.machines.job import Job, script
from tests.localaws.machines.jobs import Jobs
from tests.localaws.machines.machine import drive
from tests.localaws.machines.world import BUCKET, Answer, World
from tests.localaws.sagemaker.conftest import SKLEARN

ROOT = "/opt/ml/processing"
WRITES = f"open('{ROOT}/output/part.csv', 'w').write('1')"


class Processing(Jobs):
    noun: ClassVar[str] = "ProcessingJob"
    stem: ClassVar[str] = "processing_job"
    start: ClassVar[str] = "ProcessingStartTime"
    end: ClassVar[str] = "ProcessingEndTime"

    def prepare(self) -> None:
        for kind in ("quick", "fails", "hangs"):
            body = script(kind, quick=WRITES).encode()
            self.world.store(f"{kind}/clean.py", body)

    def request(self, name: str, kind: str) -> Answer:
        code = {
            "S3Uri": f"s3://{BUCKET}/{kind}/",
            "LocalPath": f"{ROOT}/input/code",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }
        output = {
            "S3Uri": f"s3://{BUCKET}/out/{name}",
            "LocalPath": f"{ROOT}/output",
            "S3UploadMode": "EndOfJob",
        }
        return {
            "AppSpecification": {
                "ImageUri": SKLEARN,
                "ContainerEntrypoint": ["python3", f"{ROOT}/input/code/clean.py"],
            },
            "ProcessingInputs": [{"InputName": "code", "S3Input": code}],
            "ProcessingOutputConfig": {
                "Outputs": [{"OutputName": "clean", "S3Output": output}]
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 1,
                }
            },
            "RoleArn": self.world.role,
        }

    def check(self, job: Job, found: Answer) -> None:
        if job.status == "Completed" and job.last.get(self.end) is None:
            keys = self.world.keys(f"out/{job.name}/")
            assert keys == [f"out/{job.name}/part.csv"]


def test_processing_jobs_do_as_documented(world: World) -> None:
    drive(Processing)
