"""Definitions of pipelines for the tests, and what their executions come to."""

import json
from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, archive, channel, wait

BUCKET = "on-time-desk"
RUNNING = ("Executing", "Stopping")
AUC = {"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}
SLOW = "import time\nprint('auc=0.5', flush=True)\ntime.sleep(60)"


def definition(*steps: dict[str, Any], **parameters: Any) -> str:
    """Return a definition; `Depth=3` has a default, `Depth=int` has none."""
    kinds = {str: "String", int: "Integer", float: "Float", bool: "Boolean"}
    declared = [
        {"Name": name, "Type": kinds[value]}
        if isinstance(value, type)
        else {"Name": name, "Type": kinds[type(value)], "DefaultValue": value}
        for name, value in parameters.items()
    ]
    document = {"Version": "2020-12-01", "Parameters": declared, "Steps": list(steps)}
    return json.dumps(document)


def step(name: str, kind: str, arguments: Any = None, **members: Any) -> dict[str, Any]:
    """Return one step."""
    return {"Name": name, "Type": kind, "Arguments": arguments or {}, **members}


def get(reference: str) -> dict[str, str]:
    """Return a reference."""
    return {"Get": reference}


def join(*values: Any, on: str = " ") -> dict[str, Any]:
    """Return values that are joined to a text."""
    return {"Std:Join": {"On": on, "Values": list(values)}}


def check(
    name: str,
    left: Any,
    right: Any,
    then: Any = (),
    otherwise: Any = (),
    kind: str = "Equals",
    **members: Any,
) -> dict[str, Any]:
    """Return a condition step that compares two values."""
    compared = {"Type": kind, "LeftValue": left, "RightValue": right}
    return decide(name, [compared], then, otherwise, **members)


def decide(
    name: str, conditions: Any, then: Any = (), otherwise: Any = (), **members: Any
) -> dict[str, Any]:
    """Return a condition step."""
    arguments = {
        "Conditions": conditions,
        "IfSteps": list(then),
        "ElseSteps": list(otherwise),
    }
    return step(name, "Condition", arguments, **members)


def fail(name: str, message: Any, **members: Any) -> dict[str, Any]:
    """Return a step that fails."""
    return step(name, "Fail", {"ErrorMessage": message}, **members)


NOTHING = definition(check("Always", 1, 1))


def training(
    name: str, script: str, role: str, more: Any = None, **members: Any
) -> dict[str, Any]:
    """Store a script and data, and return the step that trains with them."""
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key=f"{name}.tar.gz", Body=archive(train_py=script))
    s3.put_object(Bucket=BUCKET, Key="train/a.csv", Body=b"1,2\n3,4\n")
    arguments = {
        "AlgorithmSpecification": {
            "TrainingImage": SKLEARN,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
        },
        "RoleArn": role,
        "HyperParameters": {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{BUCKET}/{name}.tar.gz",
        },
        "InputDataConfig": [channel("train", f"s3://{BUCKET}/train/")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **(more or {}),
    }
    return step(name, "Training", arguments, **members)


def create(text: str, role: str, name: str = "desk", **members: Any) -> str:
    """Create a pipeline and return its ARN."""
    made = boto3.client("sagemaker").create_pipeline(
        PipelineName=name, PipelineDefinition=text, RoleArn=role, **members
    )
    return made["PipelineArn"]


def start(name: str = "desk", /, *, members: Any = None, **parameters: str) -> str:
    """Start an execution and return its ARN."""
    given = [{"Name": key, "Value": value} for key, value in parameters.items()]
    made = boto3.client("sagemaker").start_pipeline_execution(
        PipelineName=name, PipelineParameters=given, **(members or {})
    )
    return made["PipelineExecutionArn"]


def finished(arn: str) -> dict[str, Any]:
    """Wait until an execution is over and return its description."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn),
        "PipelineExecutionStatus",
        *RUNNING,
    )


def steps(arn: str) -> dict[str, dict[str, Any]]:
    """Return the steps of an execution by name, in the order in which they began."""
    listed = boto3.client("sagemaker").list_pipeline_execution_steps(
        PipelineExecutionArn=arn, SortOrder="Ascending"
    )
    return {found["StepName"]: found for found in listed["PipelineExecutionSteps"]}


def statuses(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the status of each step."""
    return {name: one["StepStatus"] for name, one in found.items()}


def executing(arn: str, name: str) -> dict[str, Any]:
    """Wait until a step's job trains, and return the job."""
    sagemaker = boto3.client("sagemaker")
    found = wait(lambda: {"Metadata": {}} | steps(arn).get(name, {}), "Metadata", {})[
        "Metadata"
    ]["TrainingJob"]["Arn"]
    job = found.rpartition("/")[2]
    return wait(
        lambda: sagemaker.describe_training_job(TrainingJobName=job),
        "SecondaryStatus",
        "Starting",
        "Downloading",
    )


def run(text: str, role: str, **parameters: str) -> tuple[dict[str, Any], Any]:
    """Create a pipeline, run it, and return the execution and its steps."""
    create(text, role)
    arn = start(**parameters)
    return finished(arn), steps(arn)


def message(url: str) -> dict[str, Any]:
    """Wait for the next message of a queue, and return what it says."""
    sqs = boto3.client("sqs")
    found = wait(
        lambda: {"Messages": None} | sqs.receive_message(QueueUrl=url), "Messages", None
    )["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
    return json.loads(found["Body"])


def trusted(role: str) -> str:
    """Give a role the permissions that the SDK asks for, and return it."""
    boto3.client("iam").attach_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
    )
    return role
