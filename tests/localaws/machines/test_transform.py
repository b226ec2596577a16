"""Transform jobs against a model of AWS's documentation."""

from typing import ClassVar

from tests.localaws.machines.job import ENDED, Job
from tests.localaws.machines.jobs import Jobs
from tests.localaws.machines.machine import drive
from tests.localaws.machines.world import BUCKET, Answer, World
from tests.localaws.sagemaker.conftest import SKLEARN, archive

ECHOES = """
import time
def model_fn(folder):
    return None
def transform_fn(model, data, content_type, accept):
    text = data if isinstance(data, str) else data.decode()
    if "hangs" in text:
        time.sleep(600)
    if "fails" in text:
        raise ValueError("asked to fail")
    return text, accept
"""


class Transform(Jobs):
    noun: ClassVar[str] = "TransformJob"
    stem: ClassVar[str] = "transform_job"
    order: ClassVar[tuple[str, bool]] = ("CreationTime", True)
    removable: ClassVar[bool] = False
    start: ClassVar[str] = "TransformStartTime"
    end: ClassVar[str] = "TransformEndTime"

    def prepare(self) -> None:
        uri = self.world.store("model.tar.gz", archive(code__inference_py=ECHOES))
        for kind in ("quick", "fails", "hangs"):
            self.world.store(f"in/{kind}/a.csv", kind.encode())
        self.call(
            "create_model",
            ModelName="echoes",
            ExecutionRoleArn=self.world.role,
            PrimaryContainer={"Image": SKLEARN, "ModelDataUrl": uri},
        )

    def request(self, name: str, kind: str) -> Answer:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{kind}/"}
        return {
            "ModelName": "echoes",
            "ModelClientConfig": {"InvocationsMaxRetries": 0},
            "TransformInput": {
                "DataSource": {"S3DataSource": source},
                "ContentType": "text/csv",
            },
            "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out/{name}"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }

    def check(self, job: Job, found: Answer) -> None:
        if job.ended and job.last.get("TransformJobStatus") not in ENDED:
            made = [f"out/{job.name}/a.csv.out"]
            wanted = [made] if job.status == "Completed" else [[]]
            if job.killed:
                wanted.append(made)
            assert self.world.keys(f"out/{job.name}/") in wanted


def test_transform_jobs_do_as_documented(world: World) -> None:
    drive(Transform)
