"""Training on several instances, and what else a request can ask of them."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from localaws.jobs import can_cut_network
from tests.localaws.sagemaker.conftest import channel, ended
from tests.localaws.sagemaker.trained import messages, resources, unpacked

Train = Callable[..., dict[str, Any]]
isolable = pytest.mark.skipif(
    not can_cut_network(), reason="this machine lets no user make network namespaces"
)
TELLS = """
import json, os, pathlib
host = os.environ["SM_CURRENT_HOST"]
told = json.load(open("/opt/ml/input/config/resourceconfig.json"))
files = sorted(p.name for p in pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]).iterdir())
seen = {
    "hosts": json.loads(os.environ["SM_HOSTS"]),
    "config": [told["current_host"], told["hosts"]],
    "files": files,
}
print(f"auc=0.{host[-1]}")
for name in ("SM_MODEL_DIR", "SM_OUTPUT_DATA_DIR"):
    pathlib.Path(os.environ[name], f"{host}.json").write_text(json.dumps(seen))
"""


@pytest.mark.parametrize("distribution", ["FullyReplicated", "ShardedByS3Key"])
def test_each_instance_is_a_host_with_its_data(
    train: Train, bucket: str, distribution: str
) -> None:
    for name in "bcde":
        boto3.client("s3").put_object(Bucket=bucket, Key=f"train/{name}", Body=b"1")
    given = channel("train", f"s3://{bucket}/train/")
    given["DataSource"]["S3DataSource"]["S3DataDistributionType"] = distribution
    job = train(TELLS, ResourceConfig=resources(3), InputDataConfig=[given])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = unpacked(f"s3://{bucket}/models/job/output/model.tar.gz")
    assert model == unpacked(f"s3://{bucket}/models/job/output/output.tar.gz")
    hosts = ["algo-1", "algo-2", "algo-3"]
    seen = {host: json.loads(model[f"{host}.json"]) for host in hosts}
    for host in hosts:
        assert seen[host]["hosts"] == hosts
        assert seen[host]["config"] == [host, hosts]
    files = [seen[host]["files"] for host in hosts]
    if distribution == "FullyReplicated":
        assert files == [["a.csv", "b", "c", "d", "e"]] * 3
    else:
        assert sorted(itertools.chain(*files)) == ["a.csv", "b", "c", "d", "e"]
        assert [len(one) for one in files] == [2, 2, 1]
    assert sorted(messages("job")) == ["auc=0.1", "auc=0.2", "auc=0.3"]
    streams = boto3.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="job/"
    )["logStreams"]
    assert [s["logStreamName"].rpartition("-")[0] for s in streams] == [
        f"job/{host}" for host in hosts
    ]


def test_one_failing_host_fails_the_job_and_ends_the_others(train: Train) -> None:
    job = train(
        "import os, time\n"
        "if os.environ['SM_CURRENT_HOST'] == 'algo-2':\n"
        "    raise ValueError('shard is empty')\n"
        "time.sleep(60)",
        ResourceConfig=resources(2),
        StoppingCondition={"MaxRuntimeInSeconds": 50},
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "ValueError: shard is empty" in job["FailureReason"]


def test_stop_ends_every_host(start: Train) -> None:
    start("import time\ntime.sleep(60)", ResourceConfig=resources(3))
    boto3.client("sagemaker").stop_training_job(TrainingJobName="job")
    assert ended("job")["TrainingJobStatus"] == "Stopped"


def test_fast_file_is_simulated_and_the_log_says_so(train: Train, bucket: str) -> None:
    uri = f"s3://{bucket}/train/"
    config = "/opt/ml/input/config/inputdataconfig.json"
    job = train(
        f"print(open('{config}').read())\n"
        "print(open('/opt/ml/input/data/train/a.csv').read())",
        InputDataConfig=[channel("train", uri, InputMode="FastFile")],
    )
    assert job["TrainingJobStatus"] == "Completed"
    said = messages("job")
    assert "FastFile is simulated: channel 'train'" in said[0]
    assert json.loads(said[1])["train"]["TrainingInputMode"] == "FastFile"
    assert said[2] == "1,2"


def test_an_uncompressed_model_is_a_prefix(train: Train, bucket: str) -> None:
    job = train(
        TELLS,
        ResourceConfig=resources(2),
        OutputDataConfig={
            "S3OutputPath": f"s3://{bucket}/models",
            "CompressionType": "NONE",
        },
    )
    prefix = "models/job/output/model/"
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{bucket}/{prefix}"
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    assert [item["Key"].removeprefix(prefix) for item in found["Contents"]] == [
        "algo-1.json",
        "algo-2.json",
    ]


def test_an_internal_error_is_retried(train: Train, bucket: str) -> None:
    script = (
        "import boto3, os, time\ns3 = boto3.client('s3')\n"
        f"found = s3.list_objects_v2(Bucket='{bucket}', Prefix='tries/')\n"
        "number = found['KeyCount'] + 1\n"
        f"s3.put_object(Bucket='{bucket}', Key=f'tries/{{number}}', Body=b'1')\n"
        "if number < 3:\n    os.kill(os.getppid(), 9)\n    time.sleep(60)\n"
    )
    job = train(script, "once")
    assert job["FailureReason"].startswith("InternalServerError")
    job = train(script, RetryStrategy={"MaximumRetryAttempts": 1})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    names = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert names.count("Restarting") == 1
    assert job["RetryStrategy"] == {"MaximumRetryAttempts": 1}


def test_a_failure_of_the_script_is_not_retried(train: Train) -> None:
    job = train("exit(3)", RetryStrategy={"MaximumRetryAttempts": 3})
    assert job["TrainingJobStatus"] == "Failed"
    assert "Restarting" not in str(job["SecondaryStatusTransitions"])


def test_an_image_of_ones_own_runs_its_entrypoint(train: Train, bucket: str) -> None:
    job = train(
        "",
        AlgorithmSpecification={
            "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python", "-c"],
            "ContainerArguments": [
                "import shutil, sys; print(sys.version_info[:2]); "
                "shutil.copy('/opt/ml/input/data/train/a.csv', '/opt/ml/model/m')"
            ],
        },
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = unpacked(f"s3://{bucket}/models/job/output/model.tar.gz")
    assert model == {"m": b"1,2\n3,4\n"}


@isolable
def test_an_isolated_job_reaches_no_network(train: Train, bucket: str) -> None:
    script = (
        "import os, socket\n"
        "assert 'AWS_ACCESS_KEY_ID' not in os.environ\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname(), 2)\n"
        "print('itself')\n"
        "socket.create_connection(('127.0.0.1', int(os.environ['PORT'])), 2)\n"
    )
    port = boto3.client("s3").meta.endpoint_url.rpartition(":")[2]
    job = train(script, Environment={"PORT": port}, EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Failed"
    assert "ConnectionRefusedError" in job["FailureReason"]
    assert messages("job")[0] == "itself"
    assert job["EnableNetworkIsolation"] is True


@isolable
def test_an_isolated_job_stops(start: Train) -> None:
    start("import time\ntime.sleep(60)", EnableNetworkIsolation=True)
    boto3.client("sagemaker").stop_training_job(TrainingJobName="job")
    assert ended("job")["TrainingJobStatus"] == "Stopped"


def test_a_framework_image_needs_a_script(train: Train) -> None:
    job = train("", HyperParameters={"depth": "3"})
    assert job["TrainingJobStatus"] == "Failed"
    assert "sagemaker_program" in job["FailureReason"]
