"""Mistakes that the SDK's classes, or the endpoint behind them, tell at once."""

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN, XGBOOST
from tests.localaws.sagemaker.desk import BUCKET
from tests.localaws.sagemaker.family import untrust
from tests.localaws.sagemaker.fronts import (
    processor,
    session,
    trainer,
    transformer,
    tuner,
)
from tests.localaws.sagemaker.kinds import make_model

pytestmark = [
    pytest.mark.usefixtures("full", "bucket"),
    pytest.mark.filterwarnings("ignore"),
]


def test_a_trainer_needs_its_script(tmp_path: Path) -> None:
    from sagemaker.core.training.configs import SourceCode

    code = SourceCode(source_dir=str(tmp_path), entry_script="train.py")
    with pytest.raises(ValueError, match=r"Invalid 'entry_script': train\.py"):
        trainer(training_image=SKLEARN, source_code=code)


def test_a_trainer_looks_at_its_role() -> None:
    from sagemaker.core.helper.iam_role_resolver import RoleValidationError

    with pytest.raises(ValueError, match="IAM role 'nobody' does not exist"):
        trainer(training_image=SKLEARN, role="nobody")
    untrust("ec2.amazonaws.com")
    with pytest.raises(RoleValidationError, match="trust policy does not allow"):
        trainer(training_image=SKLEARN)


def test_a_built_in_needs_its_hyperparameters() -> None:
    made = trainer(training_image=XGBOOST, hyperparameters={"eta": "0.1"})
    with pytest.raises(ClientError, match="num_round") as caught:
        made.train(wait=False, logs=False)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_image_without_a_local_form_is_refused() -> None:
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
    with pytest.raises(ClientError, match="mine:1") as caught:
        trainer(training_image=image).train(wait=False, logs=False)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"


def test_a_processor_needs_its_script_and_a_role(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"code /.*/none\.py wasn't found"):
        processor().run(code=str(tmp_path / "none.py"), wait=False, logs=False)
    with pytest.raises(ValueError, match="An AWS IAM role is required"):
        processor(role=None)


def test_a_transformer_needs_its_model_and_data() -> None:
    with pytest.raises(ClientError, match="Could not find model") as caught:
        transformer("none").transform(f"s3://{BUCKET}/in", job_name="job", wait=False)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ValueError, match="Please ensure that the model exists"):
        transformer("none").transform(f"s3://{BUCKET}/in", wait=False)
    with pytest.raises(ValueError, match=r"Invalid S3 URI: in/a\.csv"):
        transformer(make_model()).transform("in/a.csv", wait=False)
    with pytest.raises(ValueError, match="No transform job available"):
        transformer(make_model()).stop_transform_job()


def test_a_transformer_is_attached_to_a_job() -> None:
    from sagemaker.core.transformer import Transformer

    with pytest.raises(ClientError, match="Could not find requested job with name"):
        Transformer.attach("nobody", session())


def test_a_tuner_needs_the_metric_of_its_objective() -> None:
    with pytest.raises(ClientError, match="A metric is required") as caught:
        tuner(trainer(training_image=SKLEARN), "accuracy").tune(
            job_name="job", wait=False
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    listed = boto3.client("sagemaker").list_hyper_parameter_tuning_jobs()
    assert not listed["HyperParameterTuningJobSummaries"]


def test_a_tuner_that_has_not_begun_has_nothing_to_stop() -> None:
    made = tuner(trainer(training_image=SKLEARN))
    for act in ("stop_tuning_job", "wait", "describe", "best_training_job"):
        with pytest.raises(ValueError, match="No tuning job available"):
            getattr(made, act)()
