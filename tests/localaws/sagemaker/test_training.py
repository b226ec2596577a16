"""Training jobs, called as a learner calls them."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import ended
from tests.localaws.sagemaker.trained import GROUP, messages, unpacked

Train = Callable[..., dict[str, Any]]
WRITES = """
import argparse, json, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
arguments = parser.parse_args()
rows = (pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]) / "a.csv").read_text()
model = {"depth": arguments.depth, "rows": rows, "mode": os.environ["MODE"]}
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps(model))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "report.txt").write_text("done")
print("auc=0.5\\nauc=0.75")
"""


def test_a_script_trains_and_its_model_lands_in_s3(start: Train, bucket: str) -> None:
    request = start(
        WRITES,
        HyperParameters={
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{bucket}/job.tar.gz",
            "depth": "3",
        },
        Environment={"MODE": "/opt/ml/model"},
        Tags=[{"Key": "lesson", "Value": "0.0"}],
    )
    job = ended("job")
    assert job["TrainingJobStatus"] == "Completed"
    for member in ("RoleArn", "HyperParameters", "Environment", "StoppingCondition"):
        assert job[member] == request[member]
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{bucket}/models/job/output/model.tar.gz"
    model = json.loads(unpacked(uri)["model.json"])
    assert (model["depth"], model["rows"]) == (3, "1,2\n3,4\n")
    assert model["mode"].endswith("/model")
    beside = unpacked(uri.replace("model.tar", "output.tar"))
    assert beside["report.txt"] == b"done"


def test_the_phases_follow_each_other(train: Train) -> None:
    job = train("print('auc=0.5')")
    steps = job["SecondaryStatusTransitions"]
    names = [step["Status"] for step in steps]
    assert names == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    for before, after in itertools.pairwise(steps):
        assert before["EndTime"] == after["StartTime"] >= before["StartTime"]
        assert "simulated" in before["StatusMessage"]
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] == 80


def test_logs_and_metrics_reach_cloudwatch(train: Train) -> None:
    job = train("print('auc=0.5')\nprint('auc=0.75')\nprint('/opt/ml/model')")
    assert [m["Value"] for m in job["FinalMetricDataList"]] == [0.75]
    assert messages("job") == [
        "auc=0.5",
        "auc=0.75",
        "/opt/ml/model",
    ]
    statistics = boto3.client("cloudwatch").get_metric_statistics(
        Namespace=GROUP,
        MetricName="validation:auc",
        Dimensions=[{"Name": "TrainingJobName", "Value": "job"}],
        StartTime=job["CreationTime"],
        EndTime=job["LastModifiedTime"],
        Period=3600,
        Statistics=["SampleCount", "Maximum"],
    )["Datapoints"]
    assert [(s["SampleCount"], s["Maximum"]) for s in statistics] == [(2.0, 0.75)]


def test_the_script_acts_as_the_execution_role(train: Train) -> None:
    job = train(
        "import boto3\nraise OSError(boto3.client('sts').get_caller_identity()['Arn'])"
    )
    assert ":assumed-role/work/SageMaker" in job["FailureReason"]


def test_jobs_wait_for_each_other_and_stop_while_they_wait(start: Train) -> None:
    sagemaker = boto3.client("sagemaker")
    names = [f"job-{number}" for number in range(6)]
    for name in names:
        start("import time\ntime.sleep(60)", name)
    for name in reversed(names):
        sagemaker.stop_training_job(TrainingJobName=name)
    assert {ended(name)["TrainingJobStatus"] for name in names} == {"Stopped"}


def test_a_manifest_names_the_objects_of_a_channel(train: Train, bucket: str) -> None:
    s3 = boto3.client("s3")
    for name in ("one.csv", "two.csv", "three.csv"):
        s3.put_object(Bucket=bucket, Key=f"parts/{name}", Body=name.encode())
    listed = [{"prefix": f"s3://{bucket}/parts/"}, "one.csv", "three.csv"]
    s3.put_object(Bucket=bucket, Key="list.json", Body=json.dumps(listed).encode())
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{bucket}/list.json"}
    job = train(
        "import os\nraise OSError(sorted(os.listdir('/opt/ml/input/data/train')))",
        InputDataConfig=[
            {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
        ],
    )
    assert "['one.csv', 'three.csv']" in job["FailureReason"]


def test_a_container_entrypoint_runs(train: Train) -> None:
    job = train(
        "",
        AlgorithmSpecification={
            "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/"
            "sagemaker-scikit-learn:1.4-2",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/sh", "-c"],
            "ContainerArguments": ["echo in a shell > /opt/ml/output/failure; false"],
        },
    )
    assert "in a shell" in job["FailureReason"]
