"""Tuning through the SageMaker Python SDK v3."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.localaws.sagemaker.conftest import SKLEARN

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def trainer(full: str, bucket: str, tmp_path: Path) -> Any:
    """A model trainer whose script is best at depth 5."""
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    (tmp_path / "train.py").write_text(
        "import argparse, os, pathlib\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--depth', type=int)\n"
        "parser.add_argument('--rate', type=float)\n"
        "parser.add_argument('--kind')\n"
        "given = parser.parse_args()\n"
        "assert pathlib.Path(os.environ['SM_CHANNEL_TRAIN'], 'a.csv').exists()\n"
        "print(f'auc={1 - abs(given.depth - 5) / 10 - given.rate / 100:.4f};')\n"
    )
    boto3.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n")
    return ModelTrainer(
        training_image=SKLEARN,
        role=full,
        base_job_name="desk",
        source_code=SourceCode(source_dir=str(tmp_path), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"kind": "plain"},
    )


def tuner(trainer: Any, **more: Any) -> Any:
    from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
    from sagemaker.train.tuner import HyperparameterTuner

    return HyperparameterTuner(
        trainer,
        objective_metric_name="auc",
        hyperparameter_ranges={
            "depth": IntegerParameter(1, 9),
            "rate": ContinuousParameter(0.001, 1.0, "Logarithmic"),
        },
        metric_definitions=[{"Name": "auc", "Regex": "auc=([0-9.]+);"}],
        max_jobs=4,
        max_parallel_jobs=2,
        random_seed=3,
        **more,
    )


def test_hyperparameter_tuner_finds_the_best_job(trainer: Any, bucket: str) -> None:
    from sagemaker.core.training.configs import InputData

    found = tuner(trainer, early_stopping_type="Auto")
    data = InputData(channel_name="train", data_source=f"s3://{bucket}/in/")
    found.tune([data], job_name="desk-tuning")
    job = found.describe()
    assert job.hyper_parameter_tuning_job_status == "Completed", job.failure_reason
    frame = found.analytics().dataframe()
    assert len(frame) == 4
    assert set(frame["TrainingJobStatus"]) == {"Completed"}
    best = frame.loc[frame["FinalObjectiveValue"].idxmax()]
    assert found.best_training_job() == best["TrainingJobName"]
    assert set(found.analytics().tuning_ranges) == {"depth", "rate"}


def test_hyperparameter_tuner_raises_when_nothing_succeeds(
    trainer: Any, bucket: str
) -> None:
    found = tuner(trainer)
    with pytest.raises(Exception, match="No training job succeeded after 4 attempts"):
        found.tune({"other": f"s3://{bucket}/in/"})


def test_a_tuning_job_is_stopped(trainer: Any, bucket: str) -> None:
    Path(trainer.source_code.source_dir, "train.py").write_text(
        "import time\ntime.sleep(60)\n"
    )
    found = tuner(trainer)
    found.tune({"train": f"s3://{bucket}/in/"}, wait=False)
    found.stop_tuning_job()
    found.wait()
    assert found.describe().hyper_parameter_tuning_job_status == "Stopped"
