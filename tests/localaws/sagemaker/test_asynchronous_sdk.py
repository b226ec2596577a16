"""Asynchronous, multi-model and direct requests through the SageMaker SDK v3."""

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.desk import BUCKET, container, content, deploy, store

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("bucket"),
]


def test_an_endpoint_is_asked_later(role: str) -> None:
    from sagemaker.core.resources import Endpoint, EndpointConfig, Model
    from sagemaker.core.shapes import (
        AsyncInferenceClientConfig,
        AsyncInferenceConfig,
        AsyncInferenceOutputConfig,
        ContainerDefinition,
        ProductionVariant,
    )

    Model.create(
        model_name="m2",
        execution_role_arn=role,
        primary_container=ContainerDefinition(
            image=container("")["Image"],
            model_data_url=store("m2.tar.gz", 2),
            environment={"SAGEMAKER_PROGRAM": "inference.py"},
        ),
    )
    EndpointConfig.create(
        endpoint_config_name="desk",
        production_variants=[
            ProductionVariant(
                variant_name="AllTraffic",
                model_name="m2",
                initial_instance_count=1,
                instance_type="ml.m5.large",
            )
        ],
        async_inference_config=AsyncInferenceConfig(
            client_config=AsyncInferenceClientConfig(
                max_concurrent_invocations_per_instance=2
            ),
            output_config=AsyncInferenceOutputConfig(
                s3_output_path=f"s3://{BUCKET}/answers",
                s3_failure_path=f"s3://{BUCKET}/failures",
            ),
        ),
    )
    endpoint = Endpoint.create(endpoint_name="desk", endpoint_config_name="desk")
    endpoint.wait_for_status("InService")
    s3 = boto3.client("s3")
    for body in (b"3", b"-3"):
        s3.put_object(Bucket=BUCKET, Key="in.csv", Body=body)
        answer = endpoint.invoke_async(
            input_location=f"s3://{BUCKET}/in.csv",
            content_type="text/csv",
            accept="text/csv",
        )
        if body == b"3":
            assert content(answer.output_location) == b"6.0"
        else:
            assert b"a negative distance" in content(answer.failure_location)


def test_a_request_names_its_model(role: str) -> None:
    from sagemaker.core.resources import Endpoint

    store("models/five.tar.gz", 5)
    boto3.client("sagemaker").create_model(
        ModelName="many",
        ExecutionRoleArn=role,
        PrimaryContainer=container(f"s3://{BUCKET}/models/", Mode="MultiModel"),
    )
    deploy("many")
    endpoint = Endpoint.get(endpoint_name="desk")
    given = {"content_type": "text/csv", "accept": "text/csv"}
    answer = endpoint.invoke(body=b"3", target_model="five.tar.gz", **given)
    assert answer.body.read() == b"15.0"
    with pytest.raises(ClientError, match="Failed to download model data"):
        endpoint.invoke(body=b"3", target_model="six.tar.gz", **given)


def test_a_request_names_its_container(role: str) -> None:
    from sagemaker.core.resources import Endpoint

    found = [
        container(store(f"{host}.tar.gz", factor), ContainerHostname=host)
        for host, factor in (("two", 2), ("five", 5))
    ]
    boto3.client("sagemaker").create_model(
        ModelName="direct",
        ExecutionRoleArn=role,
        Containers=found,
        InferenceExecutionConfig={"Mode": "Direct"},
    )
    deploy("direct")
    endpoint = Endpoint.get(endpoint_name="desk")
    given = {"content_type": "text/csv", "accept": "text/csv"}
    answer = endpoint.invoke(body=b"3", target_container_hostname="five", **given)
    assert answer.body.read() == b"15.0"
    with pytest.raises(ClientError, match="missing a target container hostname"):
        endpoint.invoke(body=b"3", **given)
