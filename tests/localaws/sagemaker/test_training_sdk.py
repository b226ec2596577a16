"""ModelTrainer with several instances, Spot and checkpoints."""

import json
from pathlib import Path

import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.trained import unpacked

pytestmark = pytest.mark.filterwarnings("ignore")
MINE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
HOSTS = """
import json, os, pathlib
host = os.environ["SM_CURRENT_HOST"]
pathlib.Path(os.environ["SM_MODEL_DIR"], host).write_text(os.environ["SM_HOSTS"])
"""
RESUMES = """
import os, pathlib, time
kept = pathlib.Path("/opt/ml/checkpoints/epoch.txt")
first = not kept.exists()
kept.write_text("1" if first else "2")
print("first epoch" if first else "second epoch")
time.sleep(60 if first else 0)
pathlib.Path(os.environ["SM_MODEL_DIR"], "m").write_text(kept.read_text())
"""


@pytest.mark.parametrize("image", [SKLEARN, MINE])
def test_two_instances(
    endpoint: Connection, full: str, tmp_path: Path, image: str
) -> None:
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    (tmp_path / "train.py").write_text(HOSTS)
    trainer = ModelTrainer(
        training_image=image,
        role=full,
        base_job_name="two",
        source_code=SourceCode(source_dir=str(tmp_path), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=2),
    )
    trainer.train(logs=False)
    job = trainer._latest_training_job
    assert job.training_job_status == "Completed"
    model = unpacked(job.model_artifacts.s3_model_artifacts)
    assert set(model) == {"algo-1", "algo-2"}
    assert json.loads(model["algo-2"]) == ["algo-1", "algo-2"]


def test_spot_with_checkpoints(
    endpoint: Connection, full: str, bucket: str, tmp_path: Path
) -> None:
    from sagemaker.core.training.configs import (
        CheckpointConfig,
        Compute,
        SourceCode,
        StoppingCondition,
        Tag,
    )
    from sagemaker.train.model_trainer import ModelTrainer

    (tmp_path / "train.py").write_text(RESUMES)
    trainer = ModelTrainer(
        training_image=SKLEARN,
        role=full,
        base_job_name="spot",
        source_code=SourceCode(source_dir=str(tmp_path), entry_script="train.py"),
        compute=Compute(
            instance_type="ml.m5.large",
            instance_count=1,
            enable_managed_spot_training=True,
        ),
        checkpoint_config=CheckpointConfig(s3_uri=f"s3://{bucket}/kept"),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=60, max_wait_time_in_seconds=3600
        ),
        tags=[Tag(key="localaws:spot-interruptions", value="first epoch")],
    )
    trainer.train(logs=False)
    job = trainer._latest_training_job
    assert job.training_job_status == "Completed"
    names = [step.status for step in job.secondary_status_transitions]
    assert names.count("Interrupted") == 1
    assert job.billable_time_in_seconds < job.training_time_in_seconds
    assert unpacked(job.model_artifacts.s3_model_artifacts) == {"m": b"2"}
