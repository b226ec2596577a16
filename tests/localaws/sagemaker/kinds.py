"""Inputs of four kinds of job in each family, but for the name.

`quick` ends well, `fails` does not, the data of `empty` are missing, and `hangs` runs
until it is stopped.
"""

import random
from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, XGBOOST, archive, channel
from tests.localaws.sagemaker.desk import BUCKET, ROLE

Members = dict[str, Any]
BASE = "/opt/ml/processing"
MACHINE = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
OBJECTIVE = {"Type": "Maximize", "MetricName": "score"}
SCRIPTS = {
    "quick": "print('score=1')",
    "empty": "print('score=1')",
    "fails": "raise ValueError('asked to fail')",
    "hangs": "import time\nprint('begun', flush=True)\ntime.sleep(600)",
}
ECHOES = """
import time
def model_fn(folder):
    return None
def transform_fn(model, data, content_type, accept):
    text = data if isinstance(data, str) else data.decode()
    if "hangs" in text:
        print("begun", flush=True)
        time.sleep(600)
    if "fails" in text:
        raise ValueError("asked to fail")
    return text, accept
"""


def store(key: str, body: bytes) -> str:
    """Store an object and return its URI."""
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def _data(kind: str) -> list[Members]:
    store("train/a.csv", b"1,2\n3,4\n")
    prefix = "none" if kind == "empty" else "train"
    return [channel("train", f"s3://{BUCKET}/{prefix}/")]


def _program(kind: str) -> dict[str, str]:
    uri = store(f"{kind}.tar.gz", archive(train_py=SCRIPTS[kind]))
    return {"sagemaker_program": "train.py", "sagemaker_submit_directory": uri}


def _definition(kind: str) -> Members:
    """Return what a training job and the trials of a tuning job have in common."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": SKLEARN,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9]+)"}],
        },
        "RoleArn": ROLE,
        "InputDataConfig": _data(kind),
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
        "ResourceConfig": MACHINE,
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
    }


def script_mode(kind: str) -> Members:
    """Return a training job of a script."""
    return {**_definition(kind), "HyperParameters": _program(kind)}


def built_in(kind: str) -> Members:
    """Return a training job of the built-in XGBoost."""
    chance = random.Random(1)
    rows = [[chance.random() for _ in range(8)] for _ in range(20_000)]
    table = rows if kind == "hangs" else rows[:20]
    lines = [",".join(f"{number:.3f}" for number in row) for row in table]
    body = "no,number\n" if kind == "fails" else "\n".join(lines)
    store(f"rows/{kind}/a.csv", body.encode())
    prefix = "none" if kind == "empty" else f"rows/{kind}"
    uri = f"s3://{BUCKET}/{prefix}/"
    return {
        **_definition(kind),
        "AlgorithmSpecification": {
            "TrainingImage": XGBOOST,
            "TrainingInputMode": "File",
        },
        "HyperParameters": {
            "num_round": "90000" if kind == "hangs" else "1",
            "max_depth": "12",
        },
        "InputDataConfig": [channel("train", uri, ContentType="text/csv")],
    }


def processing(kind: str) -> Members:
    """Return a processing job of a script."""
    code = store(f"{kind}/clean.py", SCRIPTS[kind].encode())
    store("raw/a.csv", b"1,2\n")
    prefix = "none" if kind == "empty" else "raw"
    places = {"code": code, "data": f"s3://{BUCKET}/{prefix}/"}
    return {
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", f"{BASE}/input/code/clean.py"],
        },
        "ProcessingInputs": [
            {
                "InputName": name,
                "S3Input": {
                    "S3Uri": uri,
                    "LocalPath": f"{BASE}/input/{name}",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
            for name, uri in places.items()
        ],
        "ProcessingResources": {"ClusterConfig": MACHINE},
        "RoleArn": ROLE,
    }


def make_model() -> str:
    """Make the model of the transform jobs, unless it is there."""
    sagemaker = boto3.client("sagemaker")
    uri = store("echoes.tar.gz", archive(code__inference_py=ECHOES))
    if not sagemaker.list_models(NameContains="echoes")["Models"]:
        sagemaker.create_model(
            ModelName="echoes",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": SKLEARN, "ModelDataUrl": uri},
        )
    return "echoes"


def transform(kind: str) -> Members:
    """Return a transform job of one object."""
    if kind != "empty":
        store(f"in/{kind}/a.csv", kind.encode())
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/{kind}/"}
    return {
        "ModelName": make_model(),
        "ModelClientConfig": {"InvocationsMaxRetries": 0},
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
        },
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def tuning(kind: str) -> Members:
    """Return a tuning job of one trial."""
    ranges = [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": OBJECTIVE,
            "ResourceLimits": {
                "MaxParallelTrainingJobs": 1,
                "MaxNumberOfTrainingJobs": 1,
            },
            "ParameterRanges": {"ContinuousParameterRanges": ranges},
        },
        "TrainingJobDefinition": {
            **_definition(kind),
            "StaticHyperParameters": _program(kind),
        },
    }
