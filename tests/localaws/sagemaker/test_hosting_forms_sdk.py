"""The forms of hosting through the SageMaker Python SDK v3."""

import base64
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN, archive
from tests.localaws.sagemaker.hosted import SAYS, make_model
from tests.localaws.sagemaker.pipelining import trusted

pytestmark = pytest.mark.filterwarnings("ignore")
# shapes of SDK 3.27.0 lose a weight of 0.0
NEARLY_NONE = 1e-9
DOUBLES = """
def model_fn(folder):
    return 2
def transform_fn(model, data, content_type, accept):
    text = data.decode() if isinstance(data, bytes) else data
    return str(model * float(text)), "text/csv"
"""


@pytest.fixture
def models(endpoint: Connection, role: str, bucket: str) -> str:
    """Models `a` and `b`, which answer with their name; returns the bucket's name."""
    for name in ("a", "b"):
        make_model(name, role, bucket)
    return bucket


def variant(name: str, **more: Any) -> Any:
    """Return a production variant of the SDK."""
    from sagemaker.core.shapes import ProductionVariant

    members = {"initial_instance_count": 1, "instance_type": "ml.m5.large"}
    if "serverless_config" in more:
        members = {}
    return ProductionVariant(variant_name=name, model_name=name, **members, **more)


def deploy(*variants: Any, **members: Any) -> Any:
    """Make a configuration and an endpoint, and wait for it."""
    from sagemaker.core.resources import Endpoint, EndpointConfig

    EndpointConfig.create(
        endpoint_config_name="desk", production_variants=list(variants), **members
    )
    made = Endpoint.create(endpoint_name="desk", endpoint_config_name="desk")
    made.wait_for_status("InService")
    return made


def ask(made: Any, body: bytes = b"x", **more: Any) -> str:
    """Invoke an endpoint and return the answer's text."""
    more.setdefault("content_type", "text/csv")
    return made.invoke(body=body, **more).body.read().decode()


def test_weights_and_a_named_variant(models: str) -> None:
    from sagemaker.core.shapes import DesiredWeightAndCapacity

    made = deploy(
        variant("a", initial_variant_weight=1.0),
        variant("b", initial_variant_weight=NEARLY_NONE),
    )
    assert {ask(made) for _ in range(5)} == {"a"}
    assert ask(made, target_variant="b") == "b"
    made.update_weights_and_capacities(
        desired_weights_and_capacities=[
            DesiredWeightAndCapacity(variant_name="a", desired_weight=NEARLY_NONE),
            DesiredWeightAndCapacity(variant_name="b", desired_weight=1.0),
        ]
    )
    made.wait_for_status("InService")
    assert {ask(made) for _ in range(5)} == {"b"}
    with pytest.raises(ClientError, match="ValidationError"):
        ask(made, target_variant="none")


def test_serverless(models: str, role: str) -> None:
    """By ModelBuilder: the shape of SDK 3.27.0 misspells MemorySizeInMB."""
    from sagemaker.core.inference_config import ServerlessInferenceConfig
    from sagemaker.serve.model_builder import ModelBuilder

    builder = ModelBuilder(
        s3_model_data_url=f"s3://{models}/a.tar.gz",
        image_uri=SKLEARN,
        role_arn=trusted(role),
        env_vars={"SAGEMAKER_PROGRAM": "inference.py"},
        instance_type="ml.m5.large",
    )
    builder.build(model_name="built")
    made = builder.deploy(
        endpoint_name="desk",
        inference_config=ServerlessInferenceConfig(
            memory_size_in_mb=2048, max_concurrency=1
        ),
    )
    assert ask(made) == "a"
    (found,) = made.production_variants
    assert found.current_serverless_config.max_concurrency == 1
    made.delete()


def test_a_shadow_gets_copies_and_answers_nobody(models: str) -> None:
    made = deploy(
        variant("a", initial_variant_weight=1.0),
        shadow_production_variants=[variant("b", initial_variant_weight=1.0)],
    )
    assert {ask(made) for _ in range(5)} == {"a"}
    (shadow,) = made.refresh().shadow_production_variants
    assert shadow.variant_name == "b"


def test_what_is_captured(models: str) -> None:
    from sagemaker.core.shapes import CaptureOption, DataCaptureConfig

    made = deploy(
        variant("a"),
        data_capture_config=DataCaptureConfig(
            enable_capture=True,
            initial_sampling_percentage=100,
            destination_s3_uri=f"s3://{models}/captured",
            capture_options=[
                CaptureOption(capture_mode="Input"),
                CaptureOption(capture_mode="Output"),
            ],
        ),
    )
    ask(made, b"1,2")
    made.delete()
    found = boto3.client("s3").list_objects_v2(Bucket=models, Prefix="captured/desk/a/")
    (item,) = found["Contents"]
    body = boto3.client("s3").get_object(Bucket=models, Key=item["Key"])["Body"].read()
    given = json.loads(body)["captureData"]["endpointInput"]
    assert base64.b64decode(given["data"]) == b"1,2"


def test_a_canary_deployment(models: str) -> None:
    from sagemaker.core.shapes import (
        BlueGreenUpdatePolicy,
        CapacitySize,
        DeploymentConfig,
        TrafficRoutingConfig,
    )

    made = deploy(variant("a"))
    boto3.client("sagemaker").create_endpoint_config(
        EndpointConfigName="next",
        ProductionVariants=[
            {
                "VariantName": "a",
                "ModelName": "b",
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    made.endpoint_config_name = "next"
    made.update(
        deployment_config=DeploymentConfig(
            blue_green_update_policy=BlueGreenUpdatePolicy(
                traffic_routing_configuration=TrafficRoutingConfig(
                    type="CANARY",
                    wait_interval_in_seconds=60,
                    canary_size=CapacitySize(type="INSTANCE_COUNT", value=1),
                )
            )
        )
    )
    made.wait_for_status("InService")
    assert ask(made) == "b"


def test_serial_containers(endpoint: Connection, role: str, bucket: str) -> None:
    from sagemaker.core.resources import Model
    from sagemaker.core.shapes import ContainerDefinition

    make_model("source", role, bucket, DOUBLES)
    container = ContainerDefinition(
        image=SKLEARN,
        model_data_url=f"s3://{bucket}/source.tar.gz",
        environment={"SAGEMAKER_PROGRAM": "inference.py"},
    )
    Model.create(
        model_name="chain", containers=[container, container], execution_role_arn=role
    )
    made = deploy(variant("chain"))
    assert ask(made, b"3") == "12.0"


def test_many_models(endpoint: Connection, role: str, bucket: str) -> None:
    from sagemaker.core.resources import Model
    from sagemaker.core.shapes import ContainerDefinition

    for name in ("a", "b"):
        boto3.client("s3").put_object(
            Bucket=bucket,
            Key=f"many/{name}.tar.gz",
            Body=archive(code__inference_py=SAYS.format(word=name)),
        )
    Model.create(
        model_name="many",
        primary_container=ContainerDefinition(
            image=SKLEARN,
            mode="MultiModel",
            model_data_url=f"s3://{bucket}/many/",
            environment={"SAGEMAKER_PROGRAM": "inference.py"},
        ),
        execution_role_arn=role,
    )
    made = deploy(variant("many"))
    assert ask(made, target_model="a.tar.gz") == "a"
    assert ask(made, target_model="b.tar.gz") == "b"
    with pytest.raises(ClientError, match=r"none\.tar\.gz"):
        ask(made, target_model="none.tar.gz")
