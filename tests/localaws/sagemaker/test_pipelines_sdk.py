"""Pipelines of the SageMaker Python SDK v3, used as they are in an account."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.pipelining import message, trusted

pytestmark = pytest.mark.filterwarnings("ignore")

BASE = "/opt/ml/processing"
TRAIN = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
depth = parser.parse_args().depth
rows = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "a.csv").read_text()
pathlib.Path(os.environ["SM_MODEL_DIR"], "m.txt").write_text(f"{depth} {rows}")
"""
JUDGE = f"""
import json, pathlib, tarfile
with tarfile.open("{BASE}/input/model/model.tar.gz") as archive:
    depth = int(archive.extractfile("m.txt").read().split()[0])
out = pathlib.Path("{BASE}/output/report")
out.mkdir(parents=True, exist_ok=True)
(out / "report.json").write_text(json.dumps({{"metrics": {{"auc": depth / 10}}}}))
"""


@pytest.fixture
def full(role: str) -> str:
    """A role with the permissions that the SDK asks for."""
    return trusted(role)


@pytest.fixture
def session(endpoint: Connection, bucket: str) -> Any:
    """A pipeline session."""
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    return PipelineSession(default_bucket=bucket)


def train_step(
    session: Any, full: str, folder: Path, bucket: str, depth: Any, **members: Any
) -> Any:
    from sagemaker.core.training.configs import Compute, InputData, SourceCode
    from sagemaker.mlops.workflow.steps import TrainingStep
    from sagemaker.train.model_trainer import ModelTrainer

    (folder / "train.py").write_text(TRAIN)
    boto3.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n2\n")
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=SKLEARN,
        role=full,
        base_job_name="desk",
        source_code=SourceCode(source_dir=str(folder), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"depth": depth},
    )
    data = [InputData(channel_name="train", data_source=f"s3://{bucket}/in/")]
    arguments = trainer.train(input_data_config=data)
    return TrainingStep(name="Train", step_args=arguments, **members)


def test_train_judge_and_decide(
    session: Any, full: str, bucket: str, tmp_path: Path
) -> None:
    from sagemaker.core.processing import ScriptProcessor
    from sagemaker.core.shapes import (
        ProcessingInput,
        ProcessingOutput,
        ProcessingS3Input,
        ProcessingS3Output,
    )
    from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger
    from sagemaker.core.workflow.properties import PropertyFile
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.retry import (
        SageMakerJobExceptionTypeEnum,
        SageMakerJobStepRetryPolicy,
    )
    from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep

    depth = ParameterInteger(name="Depth", default_value=7)
    least = ParameterFloat(name="Least", default_value=0.6)
    cache = CacheConfig(enable_caching=True, expire_after="PT1H")
    retry = SageMakerJobStepRetryPolicy(
        exception_types=[SageMakerJobExceptionTypeEnum.INTERNAL_ERROR], max_attempts=2
    )
    train = train_step(
        session,
        full,
        tmp_path,
        bucket,
        depth.to_string(),
        cache_config=cache,
        retry_policies=[retry],
    )
    script = tmp_path / "judge.py"
    script.write_text(JUDGE)
    processor = ScriptProcessor(
        image_uri=SKLEARN,
        command=["python3"],
        role=full,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=session,
    )
    model = ProcessingS3Input(
        s3_uri=train.properties.ModelArtifacts.S3ModelArtifacts,
        local_path=f"{BASE}/input/model",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
    )
    written = ProcessingS3Output(
        s3_uri=f"s3://{bucket}/report",
        local_path=f"{BASE}/output/report",
        s3_upload_mode="EndOfJob",
    )
    report = PropertyFile(name="Report", output_name="report", path="report.json")
    judge = ProcessingStep(
        name="Judge",
        step_args=processor.run(
            code=str(script),
            inputs=[ProcessingInput(input_name="model", s3_input=model)],
            outputs=[ProcessingOutput(output_name="report", s3_output=written)],
        ),
        property_files=[report],
    )
    auc = JsonGet(step_name="Judge", property_file=report, json_path="metrics.auc")
    weak = FailStep(name="Weak", error_message=Join(on=" ", values=["auc is", auc]))
    decide = ConditionStep(
        name="Decide",
        conditions=[ConditionGreaterThanOrEqualTo(left=auc, right=least)],
        if_steps=[],
        else_steps=[weak],
    )
    pipeline = Pipeline(
        name="desk",
        parameters=[depth, least],
        steps=[train, judge, decide],
        sagemaker_session=session,
    )
    pipeline.upsert(role_arn=full)
    pipeline.upsert(role_arn=full, tags=[{"Key": "team", "Value": "desk"}])
    execution = pipeline.start()
    execution.wait()
    found = {step["StepName"]: step for step in execution.list_steps()}
    assert {name: step["StepStatus"] for name, step in found.items()} == {
        "Train": "Succeeded",
        "Judge": "Succeeded",
        "Decide": "Succeeded",
    }

    again = pipeline.start(parameters={"Least": 0.9})
    with pytest.raises(WaiterError, match="terminal failure"):
        again.wait()
    found = {step["StepName"]: step for step in again.list_steps()}
    assert found["Weak"]["FailureReason"] == "auc is 0.7"
    assert found["Train"]["CacheHitResult"] == {
        "SourcePipelineExecutionArn": execution.arn
    }
    assert again.describe()["PipelineExecutionStatus"] == "Failed"
    parameters = pipeline.build_parameters_from_execution(again.arn, {"Depth": 9})
    assert parameters == {"Depth": 9, "Least": "0.9"}
    version = execution.describe()["PipelineVersionId"]
    assert pipeline.latest_pipeline_version_id == version
    listed = pipeline.list_executions()["PipelineExecutionSummaries"]
    assert [one["PipelineExecutionArn"] for one in listed] == [
        again.arn,
        execution.arn,
    ]
    pipeline.delete()


def test_selected_steps_with_their_source(
    session: Any, full: str, bucket: str, tmp_path: Path
) -> None:
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.selective_execution_config import (
        SelectiveExecutionConfig,
    )

    train = train_step(session, full, tmp_path, bucket, 3)
    end = FailStep(name="End", error_message=train.properties.TrainingJobName)
    pipeline = Pipeline(name="desk", steps=[train, end], sagemaker_session=session)
    pipeline.create(role_arn=full)
    first = pipeline.start()
    with pytest.raises(WaiterError):
        first.wait()
    second = pipeline.start(
        selective_execution_config=SelectiveExecutionConfig(selected_steps=["End"])
    )
    with pytest.raises(WaiterError):
        second.wait()
    one, two = ({s["StepName"]: s for s in e.list_steps()} for e in (first, second))
    assert two["End"]["FailureReason"] == one["End"]["FailureReason"]
    assert two["Train"]["SelectiveExecutionResult"] == {
        "SourcePipelineExecutionArn": first.arn
    }


def test_a_callback_and_a_run_condition(session: Any, full: str) -> None:
    from sagemaker.core.workflow.conditions import ConditionEquals
    from sagemaker.mlops.workflow.callback_step import (
        CallbackOutput,
        CallbackOutputTypeEnum,
        CallbackStep,
    )
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.parallelism_config import ParallelismConfiguration
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.step_dependency import (
        StepDependency,
        TriggerCondition,
    )

    url = boto3.client("sqs").create_queue(QueueName="work")["QueueUrl"]
    rows = CallbackOutput("rows", CallbackOutputTypeEnum.Integer)
    ask = CallbackStep("Ask", url, inputs={"place": "x"}, outputs=[rows])
    enough = ConditionStep(
        "Enough", conditions=[ConditionEquals(ask.properties.Outputs["rows"], 3)]
    )
    sorry = ConditionStep(
        "Sorry",
        conditions=[ConditionEquals(1, 1)],
        depends_on=[StepDependency(ask, TriggerCondition.FAILED)],
    )
    pipeline = Pipeline(
        name="desk", steps=[ask, enough, sorry], sagemaker_session=session
    )
    pipeline.create(role_arn=full, parallelism_config=ParallelismConfiguration(1))
    sagemaker = boto3.client("sagemaker")

    good = pipeline.start()
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=message(url)["token"],
        OutputParameters=[{"Name": "rows", "Value": "3"}],
    )
    good.wait()
    names = {step["StepName"]: step for step in good.list_steps()}
    assert set(names) == {"Ask", "Enough"}
    assert names["Enough"]["Metadata"]["Condition"] == {"Outcome": "True"}

    bad = pipeline.start()
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=message(url)["token"])
    with pytest.raises(WaiterError):
        bad.wait(delay=1, max_attempts=5)
    assert {step["StepName"] for step in bad.list_steps()} == {"Ask", "Sorry"}
    assert bad.describe()["PipelineExecutionStatus"] == "CompletedWithFailures"


def test_what_the_sdk_cannot_run_here_is_refused(session: Any, full: str) -> None:
    from botocore.exceptions import ClientError
    from sagemaker.mlops.workflow.emr_step import EMRStep, EMRStepConfig
    from sagemaker.mlops.workflow.pipeline import Pipeline

    later = EMRStep("Later", "later", "", "j-1", EMRStepConfig(jar="s3://a/b.jar"))
    pipeline = Pipeline(name="desk", steps=[later], sagemaker_session=session)
    with pytest.raises(ClientError, match="EMR step 'Later'"):
        pipeline.create(role_arn=full)
