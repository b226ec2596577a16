"""Training jobs, called as a learner calls them."""

import io
import itertools
import json
import tarfile
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import XGBOOST, channel, ended, wait

Train = Callable[..., dict[str, Any]]
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/late"

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


def objects(uri: str) -> dict[str, bytes]:
    """Return the files of an archive in S3."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {
            member.name: file.read()
            for member in tar.getmembers()
            if (file := tar.extractfile(member))
        }


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
    model = json.loads(objects(uri)["model.json"])
    assert (model["depth"], model["rows"]) == (3, "1,2\n3,4\n")
    assert model["mode"].endswith("/model")
    assert objects(uri.replace("model.tar", "output.tar"))["report.txt"] == b"done"


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
    logs, group = boto3.client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix="job/algo-1-"
    )["logStreams"]
    events = logs.get_log_events(
        logGroupName=group, logStreamName=streams[0]["logStreamName"]
    )["events"]
    assert [event["message"] for event in events] == [
        "auc=0.5",
        "auc=0.75",
        "/opt/ml/model",
    ]
    statistics = boto3.client("cloudwatch").get_metric_statistics(
        Namespace=group,
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


def test_an_exception_is_the_failure_reason(train: Train) -> None:
    job = train("print('auc=0.5')\nraise ValueError('too few rows')")
    assert job["TrainingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1")
    assert "ValueError: too few rows" in reason
    assert reason.endswith('\nCommand "python -- train.py", exit code: 1')
    assert "ModelArtifacts" not in job or not job["ModelArtifacts"]


def test_what_the_script_wrote_to_failure_is_the_reason(train: Train) -> None:
    job = train(
        "open('/opt/ml/output/failure', 'w').write('label is missing')\nexit(3)"
    )
    # the toolkit of the image exits with 1, whatever its script did
    assert job["FailureReason"] == "AlgorithmError: label is missing, exit code: 1"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"InputDataConfig": [channel("train", "s3://on-time-desk/none/")]},
            "ClientError: Data download failed",
        ),
        (
            {"InputDataConfig": [channel("train", "s3://no-such-bucket-here/")]},
            "NoSuchBucket",
        ),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://no-such-bucket-here/"}},
            "Artifact upload failed",
        ),
        (
            {
                "HyperParameters": {
                    "sagemaker_program": "other.py",
                    "sagemaker_submit_directory": "s3://on-time-desk/job.tar.gz",
                }
            },
            "'other.py' is not in the source directory, which holds train.py",
        ),
        (
            {
                "HyperParameters": {
                    "sagemaker_program": "train.py",
                    "sagemaker_submit_directory": "s3://on-time-desk/train/a.csv",
                }
            },
            "AlgorithmError: s3://on-time-desk/train/a.csv",
        ),
    ],
)
def test_what_is_missing_fails_the_job(
    train: Train, members: dict[str, Any], reason: str
) -> None:
    job = train(WRITES.replace('["MODE"]', '.get("MODE")'), **members)
    assert job["TrainingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_hanging_job_is_stopped_at_its_maximum(train: Train) -> None:
    job = train(
        "import time\ntime.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1}
    )
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (
        "Stopped",
        "MaxRuntimeExceeded",
    )


def test_a_job_that_fills_its_disk_fails(train: Train) -> None:
    job = train(
        "import os\n"
        "for number in range(3):\n"
        "    file = open(f'/opt/ml/model/{number}', 'wb')\n"
        "    os.posix_fallocate(file.fileno(), 0, 600 * 2**20)\n"
        "import time\ntime.sleep(60)"
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "VolumeSizeInGB" in job["FailureReason"]


def test_a_job_that_floods_its_log_fails(train: Train) -> None:
    job = train("while True: print('x' * 100_000)")
    assert job["TrainingJobStatus"] == "Failed"
    assert "16 MiB or 100,000 lines of log" in job["FailureReason"]


def test_a_job_that_needs_more_memory_than_its_machine_fails(train: Train) -> None:
    job = train(
        "import time\nkept = []\nfor _ in range(90):\n"
        "    kept.append(bytearray(b'x' * 64 * 2**20))\n    time.sleep(0.01)\n"
        "time.sleep(60)",
        ResourceConfig={
            "InstanceType": "ml.t3.medium",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "OutOfMemory" in job["FailureReason"]


def test_a_job_that_dies_fails(train: Train) -> None:
    job = train("import os\nos.kill(os.getpid(), 9)")
    assert job["TrainingJobStatus"] == "Failed"
    assert "ExitCode -9" in job["FailureReason"]


def test_stop_ends_a_running_job(start: Train) -> None:
    sagemaker = boto3.client("sagemaker")
    start("print('auc=0.5', flush=True)\nimport time\ntime.sleep(60)")
    wait(
        lambda: sagemaker.describe_training_job(TrainingJobName="job"),
        "SecondaryStatus",
        "Starting",
        "Downloading",
    )
    sagemaker.stop_training_job(TrainingJobName="job")
    assert ended("job")["TrainingJobStatus"] == "Stopped"
    with pytest.raises(ClientError, match="in status Stopped"):
        sagemaker.stop_training_job(TrainingJobName="job")


def test_stop_ends_a_job_that_has_not_begun(start: Train) -> None:
    start("import time\ntime.sleep(60)")
    boto3.client("sagemaker").stop_training_job(TrainingJobName="job")
    assert ended("job")["TrainingJobStatus"] == "Stopped"


def test_jobs_wait_for_each_other_and_stop_while_they_wait(start: Train) -> None:
    sagemaker = boto3.client("sagemaker")
    names = [f"job-{number}" for number in range(6)]
    for name in names:
        start("import time\ntime.sleep(60)", name)
    for name in reversed(names):
        sagemaker.stop_training_job(TrainingJobName=name)
    assert {ended(name)["TrainingJobStatus"] for name in names} == {"Stopped"}


def test_one_name_is_given_once(start: Train) -> None:
    request = start("print()")
    outcomes: list[str] = []

    def create() -> None:
        try:
            boto3.session.Session().client("sagemaker").create_training_job(
                **{**request, "TrainingJobName": "race"}
            )
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ResourceInUse"] * 5 + ["won"]
    ended("race")


def test_a_job_is_deleted_once_it_has_ended(start: Train) -> None:
    sagemaker = boto3.client("sagemaker")
    start("import time\ntime.sleep(60)")
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.delete_training_job(TrainingJobName="job")
    sagemaker.stop_training_job(TrainingJobName="job")
    ended("job")
    sagemaker.delete_training_job(TrainingJobName="job")
    with pytest.raises(ClientError, match="Requested resource not found"):
        sagemaker.describe_training_job(TrainingJobName="job")


def test_list_filters_sorts_and_pages(train: Train) -> None:
    sagemaker = boto3.client("sagemaker")
    for name in ("b-one", "a-two", "b-three"):
        train("print()", name=name)
    train("exit(1)", name="b-bad")
    found = sagemaker.list_training_jobs(NameContains="B-", StatusEquals="Completed")
    names = [job["TrainingJobName"] for job in found["TrainingJobSummaries"]]
    assert names == ["b-one", "b-three"]
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        SortBy="Name", SortOrder="Descending", PaginationConfig={"PageSize": 3}
    )
    names = [[j["TrainingJobName"] for j in p["TrainingJobSummaries"]] for p in pages]
    assert names == [["b-three", "b-one", "b-bad"], ["a-two"]]
    with pytest.raises(ClientError, match="WarmPoolStatusEquals"):
        sagemaker.list_training_jobs(WarmPoolStatusEquals="InUse")


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", None])
def test_a_role_must_trust_sagemaker(
    start: Train, aws: Callable[[str], Any], service: str | None
) -> None:
    arn = "arn:aws:iam::123456789012:role/nobody"
    if service:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        aws("iam").create_role(
            RoleName="nobody", AssumeRolePolicyDocument=json.dumps(trust)
        )
    with pytest.raises(ClientError, match=f"Could not assume role {arn}") as caught:
        start("print()", RoleArn=arn)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelPackageConfig": {"ModelPackageGroupArn": GROUP}}, "ModelPackageConfig"),
        ({"VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}}, "VpcConfig"),
        (
            {
                "ResourceConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": 9,
                    "VolumeSizeInGB": 1,
                }
            },
            "InstanceCount=9",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/mine:1",
                    "TrainingInputMode": "File",
                }
            },
            "mine:1",
        ),
    ],
)
def test_what_does_not_act_is_refused_by_name(
    start: Train, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        start("print()", **members)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert not boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]


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


def test_built_in_xgboost_trains_on_csv_and_libsvm(
    aws: Callable[[str], Any], start: Train, bucket: str
) -> None:
    rows = [(i % 2, i, (i * 7) % 5) for i in range(200)]
    csv = "\n".join(",".join(map(str, row)) for row in rows)
    svm = "\n".join(f"{y} 0:{a} 1:{b}" for y, a, b in rows)
    for kind, text in (("text/csv", csv), ("text/libsvm", svm)):
        name = kind.replace("/", "-")
        aws("s3").put_object(Bucket=bucket, Key=f"{name}/rows", Body=text.encode())
        uri = f"s3://{bucket}/{name}/"
        start(
            "",
            name,
            AlgorithmSpecification={
                "TrainingImage": XGBOOST,
                "TrainingInputMode": "File",
            },
            HyperParameters={
                "num_round": "5",
                "objective": "binary:logistic",
                "eval_metric": "auc",
            },
            InputDataConfig=[
                channel("train", uri, ContentType=kind),
                channel("validation", uri, ContentType=kind),
            ],
        )
        job = ended(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
        assert metrics["validation:auc"] == metrics["train:auc"] > 0.5
        assert "xgboost-model" in objects(job["ModelArtifacts"]["S3ModelArtifacts"])


def test_a_built_in_checks_its_hyperparameters_and_metrics(start: Train) -> None:
    xgboost = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match="num_round"):
        start("", AlgorithmSpecification=xgboost, HyperParameters={"eta": "0.1"})
    xgboost |= {"MetricDefinitions": [{"Name": "auc", "Regex": "auc:(.*)"}]}
    with pytest.raises(ClientError, match="can't override the metric definitions"):
        start("", AlgorithmSpecification=xgboost, HyperParameters={"num_round": "1"})


def test_a_script_in_the_xgboost_image_has_the_metrics_of_the_image(
    start: Train, train: Train
) -> None:
    xgboost = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
    own = {"MetricDefinitions": [{"Name": "mine", "Regex": "mine=(.*)"}]}
    with pytest.raises(ClientError, match="can't override the metric definitions"):
        start("", AlgorithmSpecification=xgboost | own)
    script = "print('[0]#011train-auc:0.5#011validation-auc:0.25')"
    job = train(script, AlgorithmSpecification=xgboost)
    metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
    assert metrics == {"train:auc": 0.5, "validation:auc": 0.25}


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
