"""Real-time endpoints: made, asked, broken, deleted."""

from collections.abc import Callable
from typing import Any

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN, XGBOOST, archive, ended, wait

DOUBLES = """
import json, os, pathlib
def model_fn(folder):
    print("loading from /opt/ml/model", flush=True)
    return json.loads((pathlib.Path(folder) / "weights.json").read_text())
def predict_fn(rows, model):
    if rows.min() < 0:
        raise ValueError("a negative distance")
    if rows.max() > 1000:
        os._exit(9)
    return rows * model["factor"]
"""
Deploy = Callable[..., dict[str, Any]]


@pytest.fixture
def deploy(aws: Callable[[str], Any], role: str, bucket: str) -> Deploy:
    """Deploy an inference script to an endpoint and wait until it has settled."""

    def run(script: str, name: str = "delays", **container: Any) -> dict[str, Any]:
        create(script, name, **container)
        return settled(name)

    def create(script: str, name: str, **container: Any) -> None:
        body = archive(code__inference_py=script, **{"weights.json": '{"factor": 2}'})
        aws("s3").put_object(Bucket=bucket, Key=f"{name}.tar.gz", Body=body)
        sagemaker = aws("sagemaker")
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=role,
            PrimaryContainer={
                "Image": SKLEARN,
                "ModelDataUrl": f"s3://{bucket}/{name}.tar.gz",
                "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
                **container,
            },
        )
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "ModelName": name,
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.t2.medium",
                }
            ],
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    return run


def settled(name: str) -> dict[str, Any]:
    """Wait until an endpoint is in service or has failed."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_endpoint(EndpointName=name),
        "EndpointStatus",
        "Creating",
    )


def ask(body: bytes, name: str = "delays", kind: str = "text/csv", **more: Any) -> Any:
    """Invoke an endpoint."""
    runtime = boto3.client("sagemaker-runtime")
    return runtime.invoke_endpoint(
        EndpointName=name, Body=body, ContentType=kind, **more
    )


def test_an_endpoint_answers_in_csv_and_json(deploy: Deploy) -> None:
    endpoint = deploy(DOUBLES)
    assert endpoint["EndpointStatus"] == "InService"
    (variant,) = endpoint["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 1
    answer = ask(b"1,2\n3,4", Accept="text/csv")
    assert answer["Body"].read().decode().split() == ["2.0,4.0", "6.0,8.0"]
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ContentType"].startswith("text/csv")
    answer = ask(b"[[1, 2]]", kind="application/json", Accept="application/json")
    assert answer["Body"].read() == b"[[2.0, 4.0]]"


def test_the_containers_output_is_logged(deploy: Deploy) -> None:
    deploy(DOUBLES)
    logs = boto3.client("logs")
    group = "/aws/sagemaker/Endpoints/delays"
    events = logs.filter_log_events(logGroupName=group)["events"]
    assert "loading from /opt/ml/model" in [event["message"] for event in events]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "def model_fn(folder): raise KeyError('no weights')",
            "KeyError: 'no weights'",
        ),
        ("import not_a_module", "No module named 'not_a_module'"),
        ("def model_fn(folder): import os; os._exit(3)", "ping health check"),
    ],
)
def test_a_model_that_does_not_load_fails_the_endpoint(
    deploy: Deploy, script: str, reason: str
) -> None:
    endpoint = deploy(script)
    assert endpoint["EndpointStatus"] == "Failed"
    assert reason in endpoint["FailureReason"]
    assert "did not pass the ping health check" in endpoint["FailureReason"]
    with pytest.raises(ClientError, match="is not InService: Failed"):
        ask(b"1")
    boto3.client("sagemaker").delete_endpoint(EndpointName="delays")


def test_an_exception_in_the_script_is_a_model_error(deploy: Deploy) -> None:
    deploy(DOUBLES)
    with pytest.raises(ClientError, match="a negative distance") as caught:
        ask(b"-1,1")
    error = caught.value.response
    assert error["Error"]["Code"] == "ModelError"
    assert error["OriginalStatusCode"] == 500
    message = error["Error"]["Message"]
    assert message.startswith("Received server error (500) from primary with message ")
    assert message.endswith(
        ". See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region="
        "us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/delays in account "
        "123456789012 for more information."
    )
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert ask(b"1,1\n2,2", Accept="text/csv")["Body"].read().split()[0] == b"2.0,2.0"


def test_a_container_that_dies_comes_back(deploy: Deploy) -> None:
    deploy(DOUBLES)
    with pytest.raises(ClientError, match="ModelError"):
        ask(b"2000,1")
    assert ask(b"1,1\n2,2", Accept="text/csv")["Body"].read().split()[0] == b"2.0,2.0"


def test_a_content_type_that_no_handler_reads(deploy: Deploy) -> None:
    deploy(DOUBLES)
    with pytest.raises(ClientError, match="image/png") as caught:
        ask(b"x", kind="image/png")
    # the server of the image turns every exception into this
    assert caught.value.response["OriginalStatusCode"] == 500


def test_deleting_an_endpoint_ends_its_process(
    deploy: Deploy, endpoint: Connection
) -> None:
    daemon = psutil.Process(endpoint.pid)
    before = {process.pid for process in daemon.children(recursive=True)}
    deploy(DOUBLES)
    during = {process.pid for process in daemon.children(recursive=True)}
    assert during - before
    boto3.client("sagemaker").delete_endpoint(EndpointName="delays")
    after = {process.pid for process in daemon.children(recursive=True)}
    assert not after & (during - before)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        boto3.client("sagemaker").describe_endpoint(EndpointName="delays")
    with pytest.raises(ClientError, match="not found"):
        ask(b"1")


def test_a_trained_xgboost_model_answers(
    deploy: Deploy, aws: Callable[[str], Any], start: Callable[..., Any], bucket: str
) -> None:
    rows = "\n".join(f"{i % 2},{i % 2 + i / 1000},{(i * 7) % 5}" for i in range(200))
    aws("s3").put_object(Bucket=bucket, Key="train/a.csv", Body=rows.encode())
    start(
        "",
        "boosted",
        AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        HyperParameters={"num_round": "5", "objective": "binary:logistic"},
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://{bucket}/train/a.csv",
                    }
                },
            }
        ],
    )
    job = ended("boosted")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = deploy(
        "",
        "boosted",
        Image=XGBOOST,
        ModelDataUrl=job["ModelArtifacts"]["S3ModelArtifacts"],
        Environment={},
    )
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    text = ask(b"0.05,1\n1.05,1", "boosted")["Body"].read().decode()
    low, high = (float(part) for part in text.replace(",", "\n").split())
    assert low < 0.5 < high


def test_the_time_in_service_is_billed(deploy: Deploy, endpoint: Connection) -> None:
    deploy(DOUBLES)
    endpoint.control("POST", "clock", {"seconds": 3600})
    lines = endpoint.control("GET", "bill")["lines"]
    (line,) = [line for line in lines if line["resource"] == "delays"]
    assert line["quantity"] == pytest.approx(1, abs=0.01)
    boto3.client("sagemaker").delete_endpoint(EndpointName="delays")
    endpoint.control("POST", "clock", {"seconds": 3600})
    (again,) = [
        line
        for line in endpoint.control("GET", "bill")["lines"]
        if line["resource"] == "delays"
    ]
    assert again["quantity"] == pytest.approx(line["quantity"], abs=0.01)


def test_endpoints_are_listed_by_name_and_status(deploy: Deploy) -> None:
    deploy(DOUBLES)
    sagemaker = boto3.client("sagemaker")

    def names(**filters: Any) -> list[str]:
        found = sagemaker.list_endpoints(**filters)["Endpoints"]
        return [endpoint["EndpointName"] for endpoint in found]

    assert names(NameContains="DELAY", StatusEquals="InService") == ["delays"]
    assert names(NameContains="other") == names(StatusEquals="Failed") == []
    sagemaker.delete_endpoint(EndpointName="delays")
    assert names() == []
