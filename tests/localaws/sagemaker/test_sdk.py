"""The SageMaker Python SDK v3, used as it is in an account."""

from pathlib import Path

import boto3
import pytest

from localaws.daemon import Connection

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source directory with a training script."""
    (tmp_path / "train.py").write_text(
        "import argparse, os, pathlib\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--depth', type=int)\n"
        "depth = parser.parse_args().depth\n"
        "rows = len(pathlib.Path(os.environ['SM_CHANNEL_TRAIN'], 'a.csv')"
        ".read_text().split())\n"
        "print(f'auc=0.{depth}; rows={rows}')\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'm.txt').write_text(str(depth))\n"
    )
    return tmp_path


def test_model_trainer_trains(
    endpoint: Connection, full: str, bucket: str, source: Path
) -> None:
    from sagemaker.core import image_uris
    from sagemaker.core.training.configs import Compute, InputData, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    boto3.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n2\n3\n")
    trainer = ModelTrainer(
        training_image=image_uris.retrieve("sklearn", "us-east-1", "1.4-2"),
        role=full,
        base_job_name="desk",
        source_code=SourceCode(source_dir=str(source), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"depth": 7},
    )
    trainer.train(
        input_data_config=[
            InputData(channel_name="train", data_source=f"s3://{bucket}/in/")
        ],
        logs=False,
    )
    job = trainer._latest_training_job
    assert job.training_job_status == "Completed"
    artifact = job.model_artifacts.s3_model_artifacts
    assert artifact.endswith("/output/model.tar.gz")
    stored = boto3.client("sagemaker").describe_training_job(
        TrainingJobName=job.training_job_name
    )
    assert stored["AlgorithmSpecification"]["ContainerEntrypoint"]


def test_the_sdks_own_driver_runs_a_command(
    endpoint: Connection, full: str, source: Path
) -> None:
    from sagemaker.core import image_uris
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    trainer = ModelTrainer(
        training_image=image_uris.retrieve("sklearn", "us-east-1", "1.4-2"),
        role=full,
        base_job_name="shell",
        source_code=SourceCode(
            source_dir=str(source), command="echo hello > /opt/ml/model/said.txt"
        ),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
    )
    trainer.train(logs=False)
    assert trainer._latest_training_job.training_job_status == "Completed"


def test_the_sdk_refuses_a_role_without_permissions(
    endpoint: Connection, role: str, source: Path
) -> None:
    from sagemaker.core import image_uris
    from sagemaker.core.training.configs import SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    with pytest.raises(Exception, match="Missing permissions"):
        ModelTrainer(
            training_image=image_uris.retrieve("sklearn", "us-east-1", "1.4-2"),
            role=role,
            source_code=SourceCode(source_dir=str(source), entry_script="train.py"),
        )
