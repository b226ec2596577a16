"""F7: work that writes into the endpoint's folder, when the disk has no room for it."""

import io
import random
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.faults.families import BASE, TRAINING, Families, machine
from tests.localaws.faults.session import Session
from tests.localaws.faults.small_disk import LimitedDisk, SmallDisk
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import SKLEARN, ended, wait
from tests.localaws.services.functions import trust

LEFT = 96 * 1024
LARGE = 300_000
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs namespaces")


def noise(size: int) -> bytes:
    return random.Random(0).randbytes(size)


class Sites:
    """Work that fits on the disk, but for one thing that it writes."""

    def __init__(self) -> None:
        session = Session()
        session.identities()
        self.role = session.role
        boto3.client("s3").create_bucket(Bucket="desk")
        self.families = Families(self.role, "desk")
        self.sagemaker = boto3.client("sagemaker")

    def train(self, script: str, size: int, **members: Any) -> Callable[[], str]:
        code = self.families.code(script.format(size=size))

        def run() -> str:
            name = f"job-{random.randrange(10**9)}"
            self.sagemaker.create_training_job(
                TrainingJobName=name,
                AlgorithmSpecification=TRAINING,
                HyperParameters=code,
                **{**self.families.definition({}), "ResourceConfig": machine(1)},
                **members,
            )
            return str(ended(name).get("FailureReason", ""))

        return run

    def channel(self, size: int) -> Callable[[], str]:
        boto3.client("s3").put_object(Bucket="desk", Key="in/a", Body=noise(size))
        source = {"S3DataType": "S3Prefix", "S3Uri": "s3://desk/in/"}
        channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
        return self.train("print('done')", size, InputDataConfig=[channel])

    def model(self, size: int) -> Callable[[], str]:
        script = "open('/opt/ml/model/m', 'wb').write(bytes({size}))"
        return self.train(script, size)

    def archive(self, size: int) -> Callable[[], str]:
        script = "import random\nbody = random.Random(0).randbytes({size} // 4)\n"
        script += "open('/opt/ml/model/m', 'wb').write(body)"
        return self.train(script, size)

    def processing(self, size: int) -> Callable[[], str]:
        boto3.client("s3").put_object(Bucket="desk", Key="in/a", Body=noise(size))
        place = {
            "S3Uri": "s3://desk/in/",
            "LocalPath": f"{BASE}/input/data",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }

        def run() -> str:
            name = f"job-{random.randrange(10**9)}"
            self.sagemaker.create_processing_job(
                ProcessingJobName=name,
                AppSpecification={
                    "ImageUri": SKLEARN,
                    "ContainerEntrypoint": ["true"],
                },
                ProcessingInputs=[{"InputName": "data", "S3Input": place}],
                ProcessingResources={"ClusterConfig": machine(1)},
                RoleArn=self.role,
            )
            found = wait(
                lambda: self.sagemaker.describe_processing_job(ProcessingJobName=name),
                "ProcessingJobStatus",
                "InProgress",
            )
            return str(found.get("FailureReason", ""))

        return run

    def container(self, size: int) -> Callable[[], str]:
        text = noise(size // 2).hex()
        script = f"WORDS = '{text}'\n" + hosted.SAYS.format(word="m")
        hosted.make_model("m", self.role, "desk", script)

        def run() -> str:
            name = f"e-{random.randrange(10**9)}"
            found = hosted.deploy(name, hosted.variant("m"))
            return str(found.get("FailureReason", ""))

        return run

    def function(self, size: int) -> Callable[[], str]:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.py", "def handler(event, context):\n    return 1\n")
            archive.writestr("table", bytes(size))
        role = boto3.client("iam").create_role(
            RoleName="fn", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]

        functions = boto3.client("lambda")

        def run() -> str:
            name = f"f-{random.randrange(10**9)}"
            functions.create_function(
                FunctionName=name,
                Runtime="python3.12",
                Role=role,
                Handler="a.handler",
                Code={"ZipFile": packed.getvalue()},
            )
            waiter = functions.get_waiter("function_active_v2")
            waiter.wait(FunctionName=name, WaiterConfig={"Delay": 0})
            try:
                answer = functions.invoke(FunctionName=name)
            except ClientError as error:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 507
                return str(error)
            assert answer["Payload"].read() == b"1"
            return ""

        return run


SMALL = ("channel", "model", "archive", "processing")


@pytest.mark.parametrize("site", [*SMALL, "container", "function"])
def test_work_without_room_fails_with_the_reason_and_goes_on_later(
    site: str, disk: SmallDisk | LimitedDisk
) -> None:
    if site in SMALL and not isinstance(disk, SmallDisk):
        pytest.skip("what it writes is no longer than the journal")
    run = getattr(Sites(), site)(LARGE)
    with disk.full(LEFT):
        assert disk.reason in run()
        assert boto3.client("s3").list_buckets()["Buckets"]
    assert run() == ""
