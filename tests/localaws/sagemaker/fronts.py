"""The SDK's classes in front of the job families: each prepares a job and starts it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest

from tests.localaws.sagemaker.callers import Resource
from tests.localaws.sagemaker.conftest import SKLEARN, XGBOOST
from tests.localaws.sagemaker.desk import BUCKET, ROLE
from tests.localaws.sagemaker.family import FAMILIES, Family
from tests.localaws.sagemaker.kinds import BASE, SCRIPTS

INSTANCE = {"instance_type": "ml.m5.large", "instance_count": 1}
SCRIPT_MODE, BUILT_IN, PROCESSING, TRANSFORM, TUNING = FAMILIES


@dataclass(frozen=True)
class Started:
    """A job that a front has started.

    Attributes:
        job: Its resource.
        wait: Waits for its end as the front does.
        stop: Stops it as the front does.
    """

    job: Any
    wait: Callable[[], None]
    stop: Callable[[], None]


@dataclass(frozen=True)
class Front:
    """One class of the SDK.

    Attributes:
        title: Its name, and of what.
        family: What it starts jobs of.
        prepare: Makes one of a kind of job, a name and an empty folder; what it
            returns starts the job.
        fails: What the FailureReason of a job that fails begins with.
        names: Whether it takes the job's name, not what one begins with.
    """

    title: str
    family: Family
    prepare: Callable[[str, str, Path], Callable[[], Started]]
    fails: str
    names: bool = True

    def ended(self, started: Started) -> dict[str, Any]:
        """Wait for a job's end, more often than the SDK looks, and describe it."""
        return Resource(self.family).ended(started.job.get_name())


def _script(kind: str, folder: Path) -> str:
    (folder / "train.py").write_text(SCRIPTS[kind])
    return "train.py"


@cache
def _loader() -> botocore.loaders.Loader:
    return botocore.loaders.create_loader()


def session() -> Any:
    """Return a session of the SDK; that it shares AWS's models saves much time."""
    from sagemaker.core.helper.session_helper import Session

    core = botocore.session.get_session()
    core.register_component("data_loader", _loader())
    return Session(boto_session=boto3.session.Session(botocore_session=core))


def trainer(**more: Any) -> Any:
    """Return a model trainer."""
    from sagemaker.core.training.configs import Compute
    from sagemaker.train.model_trainer import ModelTrainer

    given = {"role": ROLE, "base_job_name": "job", "compute": Compute(**INSTANCE)}
    return ModelTrainer(**given | more, sagemaker_session=session())


def processor(front: str = "ScriptProcessor", **more: Any) -> Any:
    """Return a processor, by the name of its class."""
    from sagemaker.core import processing

    given = {"image_uri": SKLEARN, "role": ROLE, "command": ["python3"], **INSTANCE}
    return getattr(processing, front)(**given | more, sagemaker_session=session())


def transformer(model: str) -> Any:
    """Return a transformer of a model."""
    from sagemaker.core.transformer import Transformer

    path = f"s3://{BUCKET}/out"
    return Transformer(model, output_path=path, **INSTANCE, sagemaker_session=session())


def tuner(made: Any, metric: str = "score") -> Any:
    """Return a tuner of a model trainer that knows the score, and looks for a metric.

    Args:
        made: The model trainer.
        metric: The objective.
    """
    from sagemaker.core.parameter import ContinuousParameter
    from sagemaker.train.tuner import HyperparameterTuner

    return HyperparameterTuner(
        made,
        objective_metric_name=metric,
        hyperparameter_ranges={"x": ContinuousParameter(0, 1)},
        metric_definitions=[{"Name": "score", "Regex": "score=([0-9]+)"}],
        max_jobs=1,
        max_parallel_jobs=1,
    )


def _scripted(kind: str, name: str, folder: Path) -> Any:
    from sagemaker.core.training.configs import SourceCode

    code = SourceCode(source_dir=str(folder), entry_script=_script(kind, folder))
    return trainer(base_job_name=name, training_image=SKLEARN, source_code=code)


def _channels(request: dict[str, Any]) -> list[Any]:
    from sagemaker.core.training.configs import InputData

    return [
        InputData(
            channel_name=one["ChannelName"],
            data_source=one["DataSource"]["S3DataSource"]["S3Uri"],
            **({"content_type": "text/csv"} if "ContentType" in one else {}),
        )
        for one in request["InputDataConfig"]
    ]


def _training(made: Any, request: dict[str, Any]) -> Callable[[], Started]:
    def start() -> Started:
        made.train(_channels(request), wait=False, logs=False)
        job = made._latest_training_job
        return Started(job, job.wait, job.stop)

    return start


def _script_mode(kind: str, name: str, folder: Path) -> Callable[[], Started]:
    return _training(_scripted(kind, name, folder), SCRIPT_MODE.request(kind))


def _built_in(kind: str, name: str, folder: Path) -> Callable[[], Started]:
    request = BUILT_IN.request(kind)
    given = request["HyperParameters"]
    made = trainer(base_job_name=name, training_image=XGBOOST, hyperparameters=given)
    return _training(made, request)


def _inputs(kind: str) -> list[Any]:
    from sagemaker.core.shapes import ProcessingInput, ProcessingS3Input

    given = PROCESSING.request(kind)["ProcessingInputs"][1]["S3Input"]
    place = ProcessingS3Input(
        s3_uri=given["S3Uri"],
        local_path=f"{BASE}/input/data",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
    )
    return [ProcessingInput(input_name="data", s3_input=place)]


def _processing(
    kind: str, folder: Path, front: str, **members: Any
) -> Callable[[], Started]:
    made = processor(front)
    _script(kind, folder)
    inputs = _inputs(kind)

    def start() -> Started:
        made.run(inputs=inputs, wait=False, logs=False, **members)
        job = made.latest_job
        return Started(job, job.wait, job.stop)

    return start


def _script_processor(kind: str, name: str, folder: Path) -> Callable[[], Started]:
    code = str(folder / "train.py")
    return _processing(kind, folder, "ScriptProcessor", code=code, job_name=name)


def _framework_processor(kind: str, name: str, folder: Path) -> Callable[[], Started]:
    code = {"code": "train.py", "source_dir": str(folder)}
    return _processing(kind, folder, "FrameworkProcessor", **code, job_name=name)


def _transformer(kind: str, name: str, folder: Path) -> Callable[[], Started]:
    request = TRANSFORM.request(kind)
    source = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    made = transformer(request["ModelName"])

    def start() -> Started:
        made.transform(
            source,
            content_type="text/csv",
            job_name=name,
            model_client_config={"InvocationsMaxRetries": 0},
            wait=False,
        )
        return Started(
            made.latest_transform_job,
            lambda: made.wait(logs=False),
            lambda: made.stop_transform_job(wait=False),
        )

    return start


def _tuner(kind: str, name: str, folder: Path) -> Callable[[], Started]:
    made = tuner(_scripted(kind, "trial", folder))
    request = TUNING.request(kind)["TrainingJobDefinition"]

    def start() -> Started:
        made.tune(_channels(request), job_name=name, wait=False)
        return Started(made.latest_tuning_job, made.wait, made.stop_tuning_job)

    return start


_SILENT = "AlgorithmError: , exit code: 1"
FRONTS = (
    Front("ModelTrainer-script", SCRIPT_MODE, _script_mode, "AlgorithmError: ", False),
    Front("ModelTrainer-built-in", BUILT_IN, _built_in, "ClientError: ", False),
    Front("ScriptProcessor", PROCESSING, _script_processor, _SILENT),
    Front("FrameworkProcessor", PROCESSING, _framework_processor, _SILENT),
    Front("Transformer", TRANSFORM, _transformer, TRANSFORM.reasons["fails"]),
    Front("HyperparameterTuner", TUNING, _tuner, TUNING.reasons["fails"]),
)
by_front = pytest.mark.parametrize(
    "front", [pytest.param(one, id=one.title) for one in FRONTS]
)
by_naming_front = pytest.mark.parametrize(
    "front", [pytest.param(one, id=one.title) for one in FRONTS if one.names]
)
