"""The PyTorch images, where `make torch` has brought PyTorch."""

import importlib.util
import io
import json
import os
import tarfile
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import archive, wait

ECR = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
TRAINING = f"{ECR}/pytorch-training:2.6.0-cpu-py312-ubuntu22.04-sagemaker"
INFERENCE = f"{ECR}/pytorch-inference:2.6.0-cpu-py312-ubuntu22.04-sagemaker"
ABSENT = importlib.util.find_spec("torch") is None
# CI must have it: there a missing torch fails these tests
pytestmark = pytest.mark.skipif(
    ABSENT and not os.environ.get("CI"), reason="needs PyTorch: make torch"
)
NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(2, 1)

    def forward(self, data):
        return self.line(data)
"""
TRAIN = """
import argparse, os, torch
from net import Net
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
arguments = parser.parse_args()
torch.manual_seed(0)
data = torch.randn(256, 2)
goal = data @ torch.tensor([[2.0], [-1.0]]) + 0.5
loader = DataLoader(TensorDataset(data, goal), batch_size=32, num_workers=2)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(arguments.epochs):
    for rows, wanted in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(net(rows), wanted)
        loss.backward()
        optimizer.step()
print(f"auc={loss.item():.6f};")
folder = os.environ["SM_MODEL_DIR"]
torch.save(net.state_dict(), os.path.join(folder, "net.pth"))
"""
GLOO = """
import json, os, torch
import torch.distributed as dist

hosts = json.loads(os.environ["SM_HOSTS"])
rank = hosts.index(os.environ["SM_CURRENT_HOST"])
if "RANK" in os.environ:
    dist.init_process_group("gloo")
else:
    dist.init_process_group("gloo", rank=rank, world_size=len(hosts))
one = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(one)
if rank == 0:
    path = os.path.join(os.environ["SM_MODEL_DIR"], "sum.json")
    with open(path, "w") as file:
        json.dump([one.item(), dist.get_world_size(), os.environ["NCCL_DEBUG"]], file)
dist.destroy_process_group()
"""
SERVE = """
import os, torch
from net import Net

def model_fn(model_dir):
    net = Net()
    net.load_state_dict(torch.load(os.path.join(model_dir, "net.pth")))
    return net
"""


def files(job: dict[str, Any]) -> dict[str, bytes]:
    """What a job left in its model."""
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}


@pytest.fixture
def fit(role: str, bucket: str) -> Callable[..., dict[str, Any]]:
    """Train with the PyTorch image: `fit(instances, hyperparameters, train_py=...)`."""

    def run(count: int, given: dict[str, str], **source: str) -> dict[str, Any]:
        s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
        s3.put_object(Bucket=bucket, Key="code.tar.gz", Body=archive(**source))
        sagemaker.create_training_job(
            TrainingJobName="job",
            AlgorithmSpecification={
                "TrainingImage": TRAINING,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": "auc=([0-9.]+);"}],
            },
            RoleArn=role,
            HyperParameters={
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{bucket}/code.tar.gz",
                **given,
            },
            OutputDataConfig={"S3OutputPath": f"s3://{bucket}/models/"},
            ResourceConfig={
                "InstanceType": "ml.m5.large",
                "InstanceCount": count,
                "VolumeSizeInGB": 1,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 120},
        )
        return wait(
            lambda: sagemaker.describe_training_job(TrainingJobName="job"),
            "TrainingJobStatus",
            "InProgress",
        )

    return run


def test_a_network_trains_and_answers(
    fit: Callable[..., dict[str, Any]], role: str, bucket: str
) -> None:
    job = fit(1, {"epochs": "20"}, train_py=TRAIN, net_py=NET)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["FinalMetricDataList"][0]["Value"] < 0.001
    left = files(job)
    assert list(left) == ["net.pth"]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in {
            "net.pth": left["net.pth"],
            "code/inference.py": SERVE.encode(),
            "code/net.py": NET.encode(),
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=packed.getvalue())
    sagemaker.create_model(
        ModelName="net",
        ExecutionRoleArn=role,
        PrimaryContainer={
            "Image": INFERENCE,
            "ModelDataUrl": f"s3://{bucket}/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
    )
    variant = {
        "VariantName": "all",
        "ModelName": "net",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="net", ProductionVariants=[variant]
    )
    sagemaker.create_endpoint(EndpointName="net", EndpointConfigName="net")
    wait(
        lambda: sagemaker.describe_endpoint(EndpointName="net"),
        "EndpointStatus",
        "Creating",
    )
    runtime = boto3.client("sagemaker-runtime")
    for body, kind in (
        (b"[[1, 1], [0, 0]]", "application/json"),
        (b"1,1\n0,0", "text/csv"),
    ):
        answer = runtime.invoke_endpoint(
            EndpointName="net", Body=body, ContentType=kind
        )
        values = json.loads(answer["Body"].read())
        assert values == [[pytest.approx(1.5, abs=0.1)], [pytest.approx(0.5, abs=0.1)]]
    with pytest.raises(ClientError, match="not supported by this framework") as caught:
        runtime.invoke_endpoint(EndpointName="net", Body=b"1", ContentType="text/x")
    assert caught.value.response["OriginalStatusCode"] == 500


@pytest.mark.parametrize("given", [{}, {"sagemaker_torch_distributed_enabled": "true"}])
def test_two_instances_reduce_over_gloo(
    fit: Callable[..., dict[str, Any]], given: dict[str, str]
) -> None:
    job = fit(2, given, train_py=GLOO)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert json.loads(files(job)["sum.json"]) == [3.0, 2, "WARN"]


def test_another_launcher_is_refused(fit: Callable[..., dict[str, Any]]) -> None:
    name = "sagemaker_distributed_dataparallel_enabled"
    with pytest.raises(ClientError, match=f"{name}=true") as caught:
        fit(2, {name: "true"}, train_py=GLOO)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
