"""F1: what ran when the endpoint was killed has ended, or is taken up again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws.sagemaker.restart import REASON
from tests.localaws.faults.killing import again, running
from tests.localaws.faults.session import BUCKET, Session
from tests.localaws.faults.view import job
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait


@pytest.fixture
def work(home: Path) -> Iterator[Session]:
    """A session with a role and a bucket, whose endpoint the test kills."""
    with running():
        session = Session()
        session.identities()
        session.objects()
        yield session


def test_stopping_becomes_stopped_and_the_name_can_be_used_again(work: Session) -> None:
    ignores = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    work._train("job", ignores + "print('on', flush=True)\nwhile True: time.sleep(1)\n")
    wait(lambda: job(work, "job"), "SecondaryStatus", "Starting", "Downloading")
    work.sagemaker.stop_training_job(TrainingJobName="job")
    again()
    found = job(work, "job")
    assert found["TrainingJobStatus"] == "Stopped"
    assert "FailureReason" not in found
    work.sagemaker.delete_training_job(TrainingJobName="job")
    again()
    work._train("job", "print('auc=1')")
    assert work._ended("job")["TrainingJobStatus"] == "Completed"


def test_an_endpoint_that_was_created_or_updated_comes_into_service(
    work: Session,
) -> None:
    hosted.make_model("m", work.role, BUCKET)
    hosted.make_model("n", work.role, BUCKET)
    hosted.configure("m", hosted.variant("m", 0.5, VariantName="v"))
    hosted.configure("n", hosted.variant("n", VariantName="v"))
    work.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="m")
    again()
    assert hosted.settled("e")["EndpointStatus"] == "InService"
    assert hosted.ask("e") == "m"
    work.sagemaker.update_endpoint(
        EndpointName="e",
        EndpointConfigName="n",
        DeploymentConfig=hosted.routing("ALL_AT_ONCE", 3600),
    )
    again()
    found = hosted.settled("e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "m")
    assert found["FailureReason"] == REASON
    assert hosted.ask("e") == "m"
    work.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="n")
    assert hosted.settled("e")["EndpointConfigName"] == "n"
    work.sagemaker.delete_endpoint_config(EndpointConfigName="n")
    again()
    assert hosted.ask("e") == "n"
    work.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredInstanceCount": 2}],
    )
    again()
    assert hosted.settled("e")["ProductionVariants"][0]["CurrentInstanceCount"] == 2


def test_accepted_inferences_are_answered_after_a_restart(work: Session) -> None:
    hosted.make_model("m", work.role, BUCKET)
    place = {"S3OutputPath": f"s3://{BUCKET}/out", "S3FailurePath": f"s3://{BUCKET}/no"}
    hosted.deploy(
        "e", hosted.variant("m"), AsyncInferenceConfig={"OutputConfig": place}
    )
    invoke = boto3.client("sagemaker-runtime").invoke_endpoint_async
    work.s3.put_object(Bucket=BUCKET, Key="slow", Body=b"sleep 1")
    places = [
        invoke(EndpointName="e", InputLocation=f"s3://{BUCKET}/slow")["OutputLocation"]
        for _ in range(8)
    ]
    again()
    for place in places:
        key = place.removeprefix(f"s3://{BUCKET}/")
        wait(lambda key=key: _answer(work, key), "Body", None)
        assert _answer(work, key)["Body"] == b"m"


def _answer(work: Session, key: str) -> dict[str, Any]:
    try:
        return {"Body": work.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()}
    except work.s3.exceptions.NoSuchKey:
        return {"Body": None}


def test_a_tuning_job_fails_and_keeps_its_trials(work: Session) -> None:
    work.s3.put_object(Bucket=BUCKET, Key="t.tar.gz", Body=_tuned())
    work.sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tune",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {
                "Type": "Maximize",
                "MetricName": "auc",
            },
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": 2,
                "MaxParallelTrainingJobs": 1,
            },
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": "c", "MinValue": "0", "MaxValue": "1"}
                ]
            },
        },
        TrainingJobDefinition=_definition(work.role),
    )
    trials = "list_training_jobs_for_hyper_parameter_tuning_job"
    name = {"HyperParameterTuningJobName": "tune"}

    def second() -> dict[str, Any]:
        found = getattr(work.sagemaker, trials)(**name)["TrainingJobSummaries"]
        return {"Count": len(found)}

    wait(second, "Count", 0, 1)
    before = getattr(work.sagemaker, trials)(**name)["TrainingJobSummaries"]
    again()
    found = work.sagemaker.describe_hyper_parameter_tuning_job(**name)
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert found["FailureReason"] == REASON
    assert found["BestTrainingJob"]["TrainingJobName"] == before[0]["TrainingJobName"]
    after = getattr(work.sagemaker, trials)(**name)["TrainingJobSummaries"]
    assert after[0] == before[0]
    assert after[1]["TrainingJobStatus"] == "Failed"
    assert after[1]["TunedHyperParameters"] == before[1]["TunedHyperParameters"]


def _tuned() -> bytes:
    script = (
        "import os, time, pathlib\nprint('auc=0.5', flush=True)\n"
        "if '-002-' in os.environ['TRAINING_JOB_NAME']:\n    time.sleep(3600)\n"
    )
    return archive(train_py=script)


def _definition(role: str) -> dict[str, Any]:
    return {
        "StaticHyperParameters": {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{BUCKET}/t.tar.gz",
        },
        "AlgorithmSpecification": {
            "TrainingImage": SKLEARN,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
        },
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
