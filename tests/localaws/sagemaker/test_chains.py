"""Serial inference pipelines, and containers that are called by name."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.desk import (
    ask,
    container,
    deploy,
    logged,
    processes,
    store,
    variant,
)

pytestmark = pytest.mark.usefixtures("bucket")
GROUP = "/aws/sagemaker/Endpoints/desk"


def chain(aws: Callable[[str], Any], role: str, *factors: float, **more: Any) -> None:
    """Make a model of several containers, each with its factor."""
    mode = more.pop("InferenceExecutionConfig", None)
    found = [
        container(
            store(f"m{number}.tar.gz", factor),
            ContainerHostname=f"step-{number}",
            **more,
        )
        for number, factor in enumerate(factors, 1)
    ]
    aws("sagemaker").create_model(
        ModelName="chain",
        ExecutionRoleArn=role,
        Containers=found,
        **({"InferenceExecutionConfig": mode} if mode else {}),
    )


def test_the_answer_of_one_is_the_request_of_the_next(
    aws: Callable[[str], Any], role: str
) -> None:
    chain(aws, role, 2, 5, 7)
    found = aws("sagemaker").describe_model(ModelName="chain")
    hosts = [one["ContainerHostname"] for one in found["Containers"]]
    assert hosts == ["step-1", "step-2", "step-3"]
    assert deploy("chain")["EndpointStatus"] == "InService"
    # the first two answer JSON to each other, the last what the caller accepts
    assert ask(b"3") == b"210.0"
    runtime = aws("sagemaker-runtime")
    answer = runtime.invoke_endpoint(
        EndpointName="desk", Body=b"[1, 2]", ContentType="application/json"
    )
    assert answer["Body"].read() == b"[70, 140]"
    assert answer["ContentType"] == "application/json"


def test_each_container_has_a_log_stream(aws: Callable[[str], Any], role: str) -> None:
    chain(aws, role, 2, 5)
    deploy("chain")
    streams = aws("logs").describe_log_streams(logGroupName=GROUP)["logStreams"]
    names = sorted(stream["logStreamName"].rpartition("/")[2] for stream in streams)
    assert names[-2:] == ["step-1", "step-2"]
    assert {"loading 2", "loading 5"} <= set(logged(GROUP))


def test_an_error_names_its_container_and_ends_the_chain(
    aws: Callable[[str], Any], role: str
) -> None:
    chain(aws, role, -1, 5)
    deploy("chain")
    with pytest.raises(ClientError, match="a negative distance") as caught:
        ask(b"3")
    assert "step-2" in caught.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="a negative distance") as caught:
        ask(b"-3")
    assert "step-1" in caught.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="crashed"):
        ask(b"666")
    with pytest.raises(ClientError, match="a negative distance"):
        ask(b"3")


def test_one_container_that_does_not_load_fails_the_endpoint(
    aws: Callable[[str], Any], role: str
) -> None:
    chain(aws, role, 2, 0)
    found = deploy("chain")
    assert found["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in found["FailureReason"]
    assert "a factor of zero" in found["FailureReason"]


DIRECT = {"Mode": "Direct"}


def test_a_request_names_its_container(aws: Callable[[str], Any], role: str) -> None:
    chain(aws, role, 2, 5, InferenceExecutionConfig=DIRECT)
    assert deploy("chain")["EndpointStatus"] == "InService"
    assert ask(b"3", TargetContainerHostname="step-1") == b"6.0"
    assert ask(b"3", TargetContainerHostname="step-2") == b"15.0"
    with pytest.raises(ClientError, match=r"step-2.*a negative distance"):
        ask(b"-3", TargetContainerHostname="step-2")
    for host, message in (
        ({}, "missing a target container hostname"),
        ({"TargetContainerHostname": "step-9"}, "Container step-9 not found"),
    ):
        with pytest.raises(ClientError, match=message) as caught:
            ask(b"3", **host)
        assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_a_chain_takes_no_hostname(aws: Callable[[str], Any], role: str) -> None:
    chain(aws, role, 2, 5)
    deploy("chain")
    with pytest.raises(ClientError, match="not configured for direct invocation"):
        ask(b"3", TargetContainerHostname="step-1")


def test_deleting_the_endpoint_ends_every_container(
    aws: Callable[[str], Any], role: str, endpoint: Connection
) -> None:
    before = processes(endpoint)
    chain(aws, role, 2, 5)
    deploy("chain")
    assert len(processes(endpoint) - before) >= 2
    aws("sagemaker").delete_endpoint(EndpointName="desk")
    assert not processes(endpoint) - before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Containers": []}, "either PrimaryContainer or Containers"),
        (
            {"PrimaryContainer": {"Image": SKLEARN}},
            "either PrimaryContainer or Containers",
        ),
        (
            {"Containers": [{"Image": SKLEARN, "ContainerHostname": "a"}] * 2},
            "must be unique",
        ),
        (
            {
                "Containers": [{"Image": SKLEARN}] * 2,
                "InferenceExecutionConfig": DIRECT,
            },
            "needs a ContainerHostname",
        ),
        ({"Containers": [{"Environment": {}}] * 2}, "needs an Image"),
        ({"Containers": [{"Image": SKLEARN}] * 16}, "less than or equal to 15"),
        (
            {"Containers": [container("s3://on-time-desk/none.tar.gz")]},
            "Could not find model data",
        ),
    ],
)
def test_containers_that_do_not_go_together(
    aws: Callable[[str], Any], role: str, change: dict[str, Any], message: str
) -> None:
    given = {"Containers": [{"Image": SKLEARN}] * 2, **change}
    with pytest.raises(ClientError, match=message) as caught:
        aws("sagemaker").create_model(ModelName="chain", ExecutionRoleArn=role, **given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_member_of_a_container_that_does_not_act_is_refused(
    aws: Callable[[str], Any], role: str
) -> None:
    private = {"Image": SKLEARN, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}
    with pytest.raises(ClientError, match=r"Containers\.ImageConfig") as caught:
        aws("sagemaker").create_model(
            ModelName="chain", ExecutionRoleArn=role, Containers=[private] * 2
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_one_container_in_the_list_is_the_primary_one(
    aws: Callable[[str], Any], role: str
) -> None:
    chain(aws, role, 2)
    deploy("chain")
    assert ask(b"3") == b"6.0"
    assert "loading 2" in logged(GROUP)


def test_what_other_endpoints_do_not_support(
    aws: Callable[[str], Any], role: str
) -> None:
    chain(aws, role, 2, 5, InferenceExecutionConfig=DIRECT)
    memory = {"MemorySizeInMB": 2048, "MaxConcurrency": 1}
    serverless = {
        "VariantName": "AllTraffic",
        "ModelName": "chain",
        "ServerlessConfig": memory,
    }
    output = {"OutputConfig": {"S3OutputPath": "s3://on-time-desk/answers"}}
    for given, message in (
        ({"ProductionVariants": [serverless]}, "does not support inference pipelines"),
        (
            {
                "ProductionVariants": [variant("chain")],
                "AsyncInferenceConfig": output,
            },
            "names no model and no container",
        ),
    ):
        with pytest.raises(ClientError, match=message) as caught:
            aws("sagemaker").create_endpoint_config(EndpointConfigName="desk", **given)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
