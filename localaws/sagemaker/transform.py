"""Batch Transform: CreateTransformJob and what follows it."""

from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.experiment_config import check_experiment
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.job_end import stop_job
from localaws.sagemaker.output_keys import check_output_key
from localaws.sagemaker.roles import check_role
from localaws.sagemaker.transfer import split
from localaws.sagemaker.transform_records import Processing
from localaws.sagemaker.transform_run import TransformRun

Members = dict[str, Any]
_LARGEST = 100


def create_transform_job(engine: Engine, request: Members) -> Members:
    """Store the job and start it."""
    _check_sizes(request)
    split(request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])
    split(request["TransformOutput"]["S3OutputPath"])
    check_output_key(engine.aws, request["TransformOutput"])
    Processing(request)
    model = engine.store.find("Model", request["ModelName"])
    mode = model.get("InferenceExecutionConfig", {}).get("Mode", "Serial")
    containers = model.get("Containers") or [model["PrimaryContainer"]]
    if mode == "Direct" or any(one.get("Mode") == "MultiModel" for one in containers):
        raise ValidationError(
            "Batch Transform supports models of one container and serial inference "
            f"pipelines; {request['ModelName']} is neither."
        )
    check_role(engine.aws, model["ExecutionRoleArn"])
    check_experiment(engine, request)
    document = engine.store.create(
        "TransformJob", request, TransformJobStatus="InProgress"
    )
    run = TransformRun(engine, document, model)
    engine.register(document["TransformJobArn"], run)
    engine.submit(run)
    return {"TransformJobArn": document["TransformJobArn"]}


def _check_sizes(request: Members) -> None:
    payload = request.get("MaxPayloadInMB", 6)
    parallel = request.get("MaxConcurrentTransforms", 0) or 1
    if payload == 0:
        raise NotImplementedHere(
            "sagemaker:CreateTransformJob MaxPayloadInMB=0",
            "sends payloads of any size in HTTP chunks",
        )
    if payload > _LARGEST:
        raise ValidationError(
            f"MaxPayloadInMB cannot be greater than {_LARGEST}; found {payload}."
        )
    if "MaxConcurrentTransforms" in request and payload * parallel > _LARGEST:
        raise ValidationError(
            f"MaxConcurrentTransforms * MaxPayloadInMB cannot exceed {_LARGEST} MB; "
            f"found {parallel} * {payload}."
        )
    if len(request.get("Environment", {})) > 16:
        raise ValidationError("Environment holds up to 16 entries.")


HANDLERS = {
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": described("TransformJob"),
    "ListTransformJobs": listed("TransformJob"),
    "StopTransformJob": stop_job("TransformJob"),
}
