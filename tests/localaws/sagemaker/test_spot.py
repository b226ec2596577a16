"""Managed Spot training: interruptions on request, checkpoints, limits, the bill."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import ended, wait
from tests.localaws.sagemaker.trained import messages

Train = Callable[..., dict[str, Any]]
EPOCHS = """
import os, pathlib, time
folder = pathlib.Path("/opt/ml/checkpoints")
done = sorted(int(path.stem) for path in folder.glob("*.txt"))
print(f"found {done}")
for epoch in range(len(done) + 1, 5):
    (folder / f"{epoch}.txt").write_text(str(epoch))
    print(f"epoch {epoch} done")
    time.sleep(60 if epoch in STOPS else 0)
pathlib.Path(os.environ["SM_MODEL_DIR"], "m").write_text("done")
"""


def spot(bucket: str, interruptions: str = "", **more: Any) -> dict[str, Any]:
    """Return the members that make a job a Spot job."""
    return {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {
            "MaxRuntimeInSeconds": 60,
            "MaxWaitTimeInSeconds": 3600,
        },
        "CheckpointConfig": {"S3Uri": f"s3://{bucket}/checkpoints/job"},
        "Tags": [{"Key": "localaws:spot-interruptions", "Value": interruptions}],
        **more,
    }


def stored(bucket: str) -> list[str]:
    """Return the checkpoints in S3."""
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix="checkpoints/")
    return [item["Key"].rpartition("/")[2] for item in found.get("Contents", [])]


def test_an_interrupted_job_starts_again_from_its_checkpoints(
    train: Train, bucket: str
) -> None:
    script = EPOCHS.replace("STOPS", "(2, 3)")
    job = train(script, **spot(bucket, "epoch 2 done + epoch 3 done"))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    names = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    attempt = ["Starting", "Downloading", "Training"]
    assert names == [
        *attempt,
        "Interrupted",
        *attempt,
        "Interrupted",
        *attempt,
        "Uploading",
        "Completed",
    ]
    assert stored(bucket) == ["1.txt", "2.txt", "3.txt", "4.txt"]
    assert [line for line in messages("job") if line.startswith("found")] == [
        "found []",
        "found [1, 2]",
        "found [1, 2, 3]",
    ]
    assert job["EnableManagedSpotTraining"] is True
    assert job["CheckpointConfig"] == {"S3Uri": f"s3://{bucket}/checkpoints/job"}


def test_the_discount_is_simulated_and_says_so(train: Train, bucket: str) -> None:
    job = train("print()", **spot(bucket))
    steps = job["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps][-2:] == ["Uploading", "Completed"]
    assert job["TrainingTimeInSeconds"] == 80
    assert job["BillableTimeInSeconds"] == 24
    assert "simulated: Spot bills 30% of the time" in steps[-1]["StatusMessage"]


def test_interruptions_are_not_billed(train: Train, bucket: str) -> None:
    job = train(EPOCHS.replace("STOPS", "(1,)"), **spot(bucket, "epoch 1"))
    waited = 300 + 60
    assert job["TrainingTimeInSeconds"] == 75 + waited + 80
    assert job["BillableTimeInSeconds"] == round((75 + 80) * 0.3)


def test_an_interruption_may_come_after_some_seconds(train: Train, bucket: str) -> None:
    job = train(EPOCHS.replace("STOPS", "(1,)"), **spot(bucket, "6"))
    names = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert names.count("Interrupted") == 1
    assert job["TrainingJobStatus"] == "Completed"


def test_without_checkpoints_an_interrupted_job_begins_anew(
    train: Train, bucket: str
) -> None:
    script = (
        "import boto3, time\ns3 = boto3.client('s3')\n"
        "found = s3.list_objects_v2(Bucket='on-time-desk', Prefix='tries/')\n"
        "number = found['KeyCount'] + 1\n"
        "s3.put_object(Bucket='on-time-desk', Key=f'tries/{number}', Body=b'1')\n"
        "print(f'try {number}')\ntime.sleep(60 if number == 1 else 0)\n"
    )
    members = spot(bucket, "try 1")
    del members["CheckpointConfig"]
    job = train(script, **members)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert messages("job") == ["try 1", "try 2"]


def test_sigterm_comes_before_the_interruption(train: Train, bucket: str) -> None:
    script = (
        "import pathlib, signal, sys, time\n"
        "path = pathlib.Path('/opt/ml/checkpoints/last')\n"
        "def save(number, frame):\n    path.write_text('saved')\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "print('begin', path.exists())\n"
        "time.sleep(0 if path.exists() else 60)\n"
    )
    job = train(script, **spot(bucket, "begin False"))
    assert job["TrainingJobStatus"] == "Completed"
    assert messages("job") == ["begin False", "begin True"]


def test_a_job_that_waits_too_long_is_stopped(train: Train, bucket: str) -> None:
    job = train(
        EPOCHS.replace("STOPS", "(1, 2, 3, 4)"),
        **spot(
            bucket,
            "epoch 1 + epoch 2 + epoch 3",
            StoppingCondition={
                "MaxRuntimeInSeconds": 60,
                "MaxWaitTimeInSeconds": 500,
            },
        ),
    )
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (
        "Stopped",
        "MaxWaitTimeExceeded",
    )


def test_a_stopped_job_is_not_started_again(start: Train, bucket: str) -> None:
    start(EPOCHS.replace("STOPS", "(1,)"), **spot(bucket, "nothing says this"))
    wait(lambda: {"found": len(stored(bucket))}, "found", 0)
    sagemaker = boto3.client("sagemaker")
    sagemaker.stop_training_job(TrainingJobName="job")
    job = ended("job")
    assert job["TrainingJobStatus"] == "Stopped"
    assert "Interrupted" not in str(job["SecondaryStatusTransitions"])


def test_checkpoints_are_for_every_job_and_any_folder(
    train: Train, bucket: str
) -> None:
    boto3.client("s3").put_object(Bucket=bucket, Key="old/a/1", Body=b"one")
    job = train(
        "import pathlib\n"
        "folder = pathlib.Path('/opt/ml/kept')\n"
        "(folder / 'a' / '2').write_text((folder / 'a' / '1').read_text() + ' two')\n",
        CheckpointConfig={"S3Uri": f"s3://{bucket}/old/", "LocalPath": "/opt/ml/kept/"},
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = boto3.client("s3").get_object(Bucket=bucket, Key="old/a/2")
    assert found["Body"].read() == b"one two"


def test_checkpoints_that_cannot_be_kept_fail_the_job(train: Train) -> None:
    job = train(
        "open('/opt/ml/checkpoints/1', 'w').write('1')",
        CheckpointConfig={"S3Uri": "s3://no-such-bucket-here/a"},
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError:")


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        (
            {"EnableManagedSpotTraining": True},
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {
                    "MaxRuntimeInSeconds": 60,
                    "MaxWaitTimeInSeconds": 59,
                },
            },
            "ValidationException",
            "greater than or equal to MaxRuntimeInSeconds",
        ),
        (
            {
                "StoppingCondition": {
                    "MaxRuntimeInSeconds": 60,
                    "MaxWaitTimeInSeconds": 60,
                }
            },
            "ValidationException",
            "only supported when EnableManagedSpotTraining",
        ),
        (
            {"CheckpointConfig": {"S3Uri": "s3://a/b", "LocalPath": "/opt/ml/model/x"}},
            "ValidationException",
            "is a folder that SageMaker uses",
        ),
        (
            {"CheckpointConfig": {"S3Uri": "s3://a/b", "LocalPath": "/tmp/x"}},
            "NotImplementedInLocalEndpoint",
            "only below /opt/ml",
        ),
    ],
)
def test_limits_and_folders_are_checked(
    start: Train, members: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        start("print()", **members)
    assert caught.value.response["Error"]["Code"] == code
