"""Steps of each kind that fail, made by the workflow classes of the SDK v3."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.desk import BUCKET, container, store
from tests.localaws.sagemaker.pipelining import message, trusted
from tests.localaws.services.functions import lambda_role as lambda_role

pytestmark = pytest.mark.filterwarnings("ignore")
BASE = "/opt/ml/processing"


@dataclass(frozen=True)
class Place:
    """Where a step is made: a session, roles, and a folder for scripts."""

    session: Any
    role: str
    lambda_role: str
    folder: Path

    def script(self, text: str) -> Path:
        """Write a script."""
        path = self.folder / "script.py"
        path.write_text(text)
        return path


@pytest.fixture
def place(
    endpoint: Connection, bucket: str, role: str, lambda_role: str, tmp_path: Path
) -> Place:
    """Where the steps are made."""
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    session = PipelineSession(default_bucket=bucket)
    return Place(session, trusted(role), lambda_role, tmp_path)


def _trainer(place: Place, text: str) -> Any:
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    place.script(text)
    return ModelTrainer(
        sagemaker_session=place.session,
        training_image=SKLEARN,
        role=place.role,
        base_job_name="desk",
        source_code=SourceCode(source_dir=str(place.folder), entry_script="script.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
    )


def _train(place: Place, text: str, prefix: str) -> Any:
    from sagemaker.core.training.configs import InputData
    from sagemaker.mlops.workflow.steps import TrainingStep

    boto3.client("s3").put_object(Bucket=BUCKET, Key="in/a.csv", Body=b"1\n")
    data = InputData(channel_name="train", data_source=f"s3://{BUCKET}/{prefix}/")
    arguments = _trainer(place, text).train(input_data_config=[data])
    return TrainingStep(name="Fails", step_args=arguments)


def training(place: Place) -> Any:
    """Train with a script that raises."""
    return _train(place, "raise ValueError('too few rows')", "in")


def training_on_nothing(place: Place) -> Any:
    """Train with data that are not there."""
    return _train(place, "print()", "none")


def processing(place: Place) -> Any:
    """Process with a script that raises."""
    from sagemaker.core.processing import ScriptProcessor
    from sagemaker.mlops.workflow.steps import ProcessingStep

    processor = ScriptProcessor(
        image_uri=SKLEARN,
        command=["python3"],
        role=place.role,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=place.session,
    )
    script = place.script("raise ValueError('too few rows')")
    return ProcessingStep(name="Fails", step_args=processor.run(code=str(script)))


def tuning(place: Place) -> Any:
    """Tune a script that raises."""
    from sagemaker.core.parameter import ContinuousParameter
    from sagemaker.mlops.workflow.steps import TuningStep
    from sagemaker.train.tuner import HyperparameterTuner

    boto3.client("s3").put_object(Bucket=BUCKET, Key="in/a.csv", Body=b"1\n")
    tuner = HyperparameterTuner(
        _trainer(place, "raise ValueError('too few rows')"),
        objective_metric_name="auc",
        hyperparameter_ranges={"rate": ContinuousParameter(0.1, 1.0)},
        metric_definitions=[{"Name": "auc", "Regex": "auc=([0-9.]+);"}],
        max_jobs=1,
        max_parallel_jobs=1,
    )
    arguments = tuner.tune({"train": f"s3://{BUCKET}/in/"})
    return TuningStep(name="Fails", step_args=arguments)


def transform(place: Place) -> Any:
    """Transform what the model takes for an error."""
    from sagemaker.core.transformer import Transformer
    from sagemaker.mlops.workflow.steps import TransformStep

    boto3.client("s3").put_object(Bucket=BUCKET, Key="in/a.csv", Body=b"-3")
    boto3.client("sagemaker").create_model(
        ModelName="m2",
        ExecutionRoleArn=place.role,
        PrimaryContainer=container(store("m2.tar.gz", 2)),
    )
    transformer = Transformer("m2", 1, "ml.m5.large", sagemaker_session=place.session)
    arguments = transformer.transform(f"s3://{BUCKET}/in/", content_type="text/csv")
    return TransformStep(name="Fails", step_args=arguments)


def _builder(place: Place, key: str) -> Any:
    from sagemaker.serve.model_builder import ModelBuilder

    return ModelBuilder(
        s3_model_data_url=f"s3://{BUCKET}/{key}",
        image_uri=SKLEARN,
        role_arn=place.role,
        env_vars={"SAGEMAKER_PROGRAM": "inference.py"},
        instance_type="ml.m5.large",
        sagemaker_session=place.session,
    )


def model(place: Place) -> Any:
    """Make a model of an artefact that is not there."""
    from sagemaker.mlops.workflow.model_step import ModelStep

    return ModelStep(name="Fails", step_args=_builder(place, "none.tar.gz").build())


def register(place: Place) -> Any:
    """Register an artefact that is not there."""
    from sagemaker.mlops.workflow.model_step import ModelStep

    arguments = _builder(place, "none.tar.gz").register(
        model_package_group_name="delays",
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
    )
    return ModelStep(name="Fails", step_args=arguments)


def function(place: Place) -> Any:
    """Call a function that raises."""
    from sagemaker.core.lambda_helper import Lambda
    from sagemaker.mlops.workflow.lambda_step import LambdaStep

    script = place.script("def handler(event, context): raise KeyError('gate')\n")
    called = Lambda(
        function_name="notify",
        execution_role_arn=place.lambda_role,
        script=str(script),
        handler="script.handler",
        session=place.session,
    )
    return LambdaStep("Fails", lambda_func=called, inputs={}, outputs=[])


def condition(place: Place) -> Any:
    """Compare what has no order."""
    from sagemaker.core.workflow.conditions import ConditionGreaterThan
    from sagemaker.mlops.workflow.condition_step import ConditionStep

    return ConditionStep("Fails", conditions=[ConditionGreaterThan("2", 1)])


def fail(place: Place) -> Any:
    """Fail."""
    from sagemaker.mlops.workflow.fail_step import FailStep

    return FailStep("Fails", error_message="too weak")


DATA = "Could not find model data at s3://on-time-desk/none.tar.gz."


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (training, "ValueError: too few rows"),
        (training_on_nothing, "Data download failed"),
        (processing, "AlgorithmError: , exit code: 1"),
        (tuning, "No training job succeeded after 1 attempts"),
        (transform, "AlgorithmError: See job logs"),
        (model, DATA),
        (register, DATA),
        (function, "KeyError"),
        (condition, "cannot compare '2' with 1"),
        (fail, "too weak"),
    ],
)
def test_a_step_fails_with_its_reason(
    place: Place, make: Callable[[Place], Any], reason: str
) -> None:
    from sagemaker.core.workflow.conditions import ConditionEquals
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.pipeline import Pipeline

    step = make(place)
    after = ConditionStep("After", conditions=[ConditionEquals(1, 1)])
    after.add_depends_on([step])
    steps = [step] if make is fail else [step, after]
    pipeline = Pipeline("desk", steps=steps, sagemaker_session=place.session)
    pipeline.create(role_arn=place.role)
    execution = pipeline.start()
    with pytest.raises(WaiterError, match="terminal failure"):
        execution.wait(delay=1, max_attempts=60)
    (found,) = execution.list_steps()
    assert found["StepStatus"] == "Failed"
    assert reason in found["FailureReason"]


def test_a_model_that_was_made_is_there_after_another_step_failed(
    place: Place,
) -> None:
    from sagemaker.mlops.workflow.model_step import ModelStep
    from sagemaker.mlops.workflow.pipeline import Pipeline

    store("m2.tar.gz", 2)
    good = ModelStep(name="Good", step_args=_builder(place, "m2.tar.gz").build())
    steps = [good, fail(place)]
    steps[1].add_depends_on([good])
    pipeline = Pipeline("desk", steps=steps, sagemaker_session=place.session)
    pipeline.create(role_arn=place.role)
    with pytest.raises(WaiterError):
        pipeline.start().wait(delay=1, max_attempts=60)
    (made,) = boto3.client("sagemaker").list_models()["Models"]
    found = boto3.client("sagemaker").describe_model(ModelName=made["ModelName"])
    assert found["PrimaryContainer"]["Image"] == container("")["Image"]


def test_a_callback_that_fails(place: Place) -> None:
    from sagemaker.core.resources import PipelineExecution
    from sagemaker.mlops.workflow.callback_step import CallbackStep
    from sagemaker.mlops.workflow.pipeline import Pipeline

    url = boto3.client("sqs").create_queue(QueueName="work")["QueueUrl"]
    ask = CallbackStep("Ask", url, inputs={}, outputs=[])
    pipeline = Pipeline("desk", steps=[ask], sagemaker_session=place.session)
    pipeline.create(role_arn=place.role)
    execution = pipeline.start()
    found = PipelineExecution.get(execution.arn)
    found.failure_reason = "nobody is in"
    found.send_execution_step_failure(callback_token=message(url)["token"])
    with pytest.raises(WaiterError):
        execution.wait(delay=1, max_attempts=60)
    (step,) = execution.list_steps()
    assert "nobody is in" in step["FailureReason"]
