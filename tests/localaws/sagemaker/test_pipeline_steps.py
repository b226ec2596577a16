"""One pipeline over the other families: process, tune, transform, judge, register."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait
from tests.localaws.sagemaker.pipelining import (
    BUCKET,
    check,
    create,
    definition,
    fail,
    finished,
    get,
    run,
    start,
    step,
    steps,
    training,
)

BASE = "/opt/ml/processing"
SPLIT = f"""
import json, os, pathlib
out = pathlib.Path("{BASE}/output/rows")
(out / "a.csv").write_text("1,2\\n3,4\\n")
(out / "report.json").write_text(json.dumps({{"rows": [{{"value": 2}}]}}))
"""
FIT = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float)
x = parser.parse_args().x
pathlib.Path(os.environ["SM_MODEL_DIR"], "x").write_text(str(x))
print(f"score={10 - (x - 3) ** 2:.4f}")
"""
SERVE = """
def model_fn(folder):
    return open(folder + "/x").read()

def input_fn(body, content_type):
    return body

def predict_fn(rows, model):
    return "by " + model

def output_fn(answer, accept):
    return answer, "text/csv"
"""


def processing(name: str, script: str, role: str, **members: Any) -> dict[str, Any]:
    """Store a script, and return the step that runs it."""
    boto3.client("s3").put_object(
        Bucket=BUCKET, Key=f"code/{name}.py", Body=script.encode()
    )
    place = {
        "S3Uri": f"s3://{BUCKET}/code/{name}.py",
        "LocalPath": f"{BASE}/input/code",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    output = {
        "S3Uri": f"s3://{BUCKET}/rows",
        "LocalPath": f"{BASE}/output/rows",
        "S3UploadMode": "EndOfJob",
    }
    arguments = {
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", f"{BASE}/input/code/{name}.py"],
        },
        "ProcessingInputs": [{"InputName": "code", "S3Input": place}],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "rows", "S3Output": output}]
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": get("Parameters.Machines"),
                "VolumeSizeInGB": 1,
            }
        },
        "RoleArn": role,
    }
    report = {
        "PropertyFileName": "Report",
        "OutputName": "rows",
        "FilePath": "report.json",
    }
    return step(name, "Processing", arguments, PropertyFiles=[report], **members)


def tuning(name: str, role: str, data: Any) -> dict[str, Any]:
    """Return a step that looks for the best x in two trials."""
    train = training("Fit", FIT, role)["Arguments"]
    train["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "score", "Regex": "score=([-0-9.]+)"}
    ]
    train["StaticHyperParameters"] = train.pop("HyperParameters")
    train["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = data
    config = {
        "Strategy": "Random",
        "RandomSeed": 7,
        "HyperParameterTuningJobObjective": {
            "Type": "Maximize",
            "MetricName": "score",
        },
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": 2,
            "MaxParallelTrainingJobs": 2,
        },
        "ParameterRanges": {
            "ContinuousParameterRanges": [
                {"Name": "x", "MinValue": "0", "MaxValue": "6"}
            ]
        },
    }
    arguments = {
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": train,
    }
    return step(name, "Tuning", arguments)


def report(step_name: str, path: str) -> dict[str, Any]:
    file = get(f"Steps.{step_name}.PropertyFiles.Report")
    return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}


def test_process_and_read_the_report(role: str, bucket: str) -> None:
    clean = processing("Clean", SPLIT, role)
    judge = check("Judge", report("Clean", "rows[0].value"), 2)
    absent = check("Absent", report("Clean", "rows[1].value"), 2)
    create(definition(clean, judge, absent, Machines=1), role)
    arn = start()
    assert finished(arn)["PipelineExecutionStatus"] == "Failed"
    found = steps(arn)
    assert found["Clean"]["StepStatus"] == "Succeeded", found["Clean"]
    job = found["Clean"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert "-Clean-" in job
    assert found["Judge"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert found["Absent"]["FailureReason"] == "Invalid json path 'rows[1].value'"


def test_tune_model_transform_and_register(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="delays")
    code = archive(inference_py=SERVE)
    aws("s3").put_object(Bucket=bucket, Key="serve.tar.gz", Body=code)
    rows = get("Steps.Clean.ProcessingOutputConfig.Outputs['rows'].S3Output.S3Uri")
    clean = processing("Clean", SPLIT, role)
    tune = tuning("Tune", role, rows)
    best = {
        "Std:Join": {
            "On": "/",
            "Values": [
                f"s3://{bucket}/models",
                get("Steps.Tune.TrainingJobSummaries[0].TrainingJobName"),
                "output/model.tar.gz",
            ],
        }
    }
    container = {
        "Image": SKLEARN,
        "ModelDataUrl": best,
        "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": f"s3://{bucket}/serve.tar.gz",
        },
    }
    model = step(
        "Model", "Model", {"PrimaryContainer": container, "ExecutionRoleArn": role}
    )
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": rows}}
    score = step(
        "Score",
        "Transform",
        {
            "ModelName": get("Steps.Model.ModelName"),
            "TransformInput": {"DataSource": source, "ContentType": "text/csv"},
            "TransformOutput": {"S3OutputPath": f"s3://{bucket}/scored"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    )
    register = step(
        "Register",
        "RegisterModel",
        {
            "ModelPackageGroupName": "delays",
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
        DependsOn=["Score"],
    )
    end = fail("End", get("Steps.Register.ModelPackageArn"))
    execution, found = run(
        definition(clean, tune, model, score, register, end, Machines=1), role
    )
    reasons = {name: one.get("FailureReason") for name, one in found.items()}
    assert list(found) == ["Clean", "Tune", "Model", "Score", "Register", "End"], (
        reasons
    )
    package = found["Register"]["Metadata"]["RegisterModel"]["Arn"]
    assert reasons.pop("End") == package
    assert not any(reasons.values())
    assert execution["PipelineExecutionStatus"] == "Failed"
    tuned = sagemaker.describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=found["Tune"]["Metadata"]["TuningJob"][
            "Arn"
        ].rpartition("/")[2]
    )
    made = sagemaker.describe_model_package(ModelPackageName=package)
    assert made["ModelApprovalStatus"] == "PendingManualApproval"
    data = made["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert tuned["BestTrainingJob"]["TrainingJobName"] in data
    scored = aws("s3").get_object(Bucket=bucket, Key="scored/a.csv.out")["Body"]
    assert scored.read().startswith(b"by ")


@pytest.mark.parametrize("kind", ["Processing", "Tuning"])
def test_stop_ends_a_job_of_another_family(role: str, bucket: str, kind: str) -> None:
    sagemaker = boto3.client("sagemaker")
    if kind == "Processing":
        slow = processing("Slow", "import time\ntime.sleep(60)", role)
    else:
        slow = tuning("Slow", role, f"s3://{bucket}/train/")
        slow["Arguments"]["TrainingJobDefinition"]["StaticHyperParameters"][
            "sagemaker_submit_directory"
        ] = f"s3://{bucket}/slow.tar.gz"
        body = archive(train_py="import time\ntime.sleep(60)")
        boto3.client("s3").put_object(Bucket=bucket, Key="slow.tar.gz", Body=body)
    create(definition(slow, Machines=1), role)
    arn = start()
    wait(lambda: {"Metadata": {}} | steps(arn).get("Slow", {}), "Metadata", {})
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert finished(arn)["PipelineExecutionStatus"] == "Stopped"
    assert steps(arn)["Slow"]["StepStatus"] == "Stopped"


def test_a_report_that_was_not_written(role: str, bucket: str) -> None:
    empty = processing("Clean", SPLIT.replace("report.json", "other.json"), role)
    create(definition(empty, check("If", report("Clean", "a"), 1), Machines=1), role)
    arn = start()
    finished(arn)
    reason = steps(arn)["If"]["FailureReason"]
    assert reason.startswith(
        f"Received an error while reading file s3://{bucket}/rows/report.json"
    )
    assert "NoSuchKey" in reason
