"""ModelTrainer's scripts beside the drivers that the SDK uploads with each job.

Without requirements or a launcher the endpoint runs the script itself, as the drivers
would; with a file of requirements it runs the drivers.
"""

import json
from pathlib import Path

import boto3
import pytest

from tests.localaws.sagemaker.conftest import SKLEARN
from tests.oracles import trainer

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def seen(
    endpoint: object, role: str, bucket: str, tmp_path: Path
) -> dict[str, dict[str, object]]:
    """What a script sees without and with the drivers."""
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    boto3.client("iam").attach_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
    )
    (tmp_path / "train.py").write_text(trainer.SEES)
    (tmp_path / "requirements.txt").write_text("numpy>=1\n")
    found = {}
    for how, requirements in (("alone", None), ("driven", "requirements.txt")):
        source = SourceCode(
            source_dir=str(tmp_path), entry_script="train.py", requirements=requirements
        )
        made = ModelTrainer(
            training_image=SKLEARN,
            source_code=source,
            role=role,
            base_job_name=how,
            compute=Compute(instance_type="ml.m5.large", instance_count=1),
            hyperparameters={
                "max-depth": 3,
                "flag": True,
                "name": "storm",
                "layers": [64, 32],
                "map": {"b": 2, "a": None},
            },
        )
        made.train(wait=True, logs=False)
        name = made._latest_training_job.training_job_name
        job = boto3.client("sagemaker").describe_training_job(TrainingJobName=name)
        text = trainer.model(job)["seen.json"].decode()
        found[how] = trainer._published(text.replace(name, "job"))
    return found


def test_a_script_sees_what_the_drivers_would_show(
    seen: dict[str, dict[str, object]],
) -> None:
    alone, driven = seen["alone"], seen["driven"]
    for what in ("argv", "cwd", "path", "name"):
        assert alone[what] == driven[what], what
    assert alone["argv"][:4] == ["--max-depth", "3", "--flag", "true"]
    here, there = (
        {name: value for name, value in one["env"].items() if name.startswith("SM_")}
        for one in (alone, driven)
    )
    training = [json.loads(one.pop("SM_TRAINING_ENV")) for one in (here, there)]
    # the endpoint tells a container with an entrypoint what the toolkit would; the
    # drivers find SM_LOG_LEVEL there as a text, and add theirs to the rest
    assert [one.pop("log_level") for one in training] == [20, "20"]
    assert training[0] == training[1]
    assert here.items() <= there.items()
    assert len(here) > 30
