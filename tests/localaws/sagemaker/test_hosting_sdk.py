"""Endpoints through the SageMaker Python SDK v3."""

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.hosted import SAYS, make_model
from tests.localaws.sagemaker.pipelining import trusted

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def full(role: str) -> str:
    """A role with the permissions that the SDK asks for."""
    return trusted(role)


def test_resources_deploy_update_invoke_and_delete(
    endpoint: Connection, full: str, bucket: str
) -> None:
    from sagemaker.core.resources import Endpoint, EndpointConfig, Model
    from sagemaker.core.shapes import ContainerDefinition, ProductionVariant

    for name in ("a", "b"):
        make_model(f"source-{name}", full, bucket, SAYS.format(word=name))
        Model.create(
            model_name=name,
            primary_container=ContainerDefinition(
                image=SKLEARN,
                model_data_url=f"s3://{bucket}/source-{name}.tar.gz",
                environment={"SAGEMAKER_PROGRAM": "inference.py"},
            ),
            execution_role_arn=full,
        )
        EndpointConfig.create(
            endpoint_config_name=name,
            production_variants=[
                ProductionVariant(
                    variant_name="AllTraffic",
                    model_name=name,
                    initial_instance_count=1,
                    instance_type="ml.m5.large",
                    initial_variant_weight=1.0,
                )
            ],
        )
    made = Endpoint.create(endpoint_name="desk", endpoint_config_name="a")
    made.wait_for_status("InService")
    answer = made.invoke(body=b"x", content_type="text/csv")
    assert answer.body.read() == b"a"
    assert answer.invoked_production_variant == "AllTraffic"
    made.endpoint_config_name = "b"
    made.update()
    made.wait_for_status("InService")
    assert made.invoke(body=b"x", content_type="text/csv").body.read() == b"b"
    assert made.endpoint_config_name == "b"
    made.delete()
    with pytest.raises(ClientError, match="Could not find endpoint"):
        Endpoint.get("desk")


def test_a_model_that_does_not_load_raises_in_the_sdk(
    endpoint: Connection, full: str, bucket: str
) -> None:
    from sagemaker.core.resources import Endpoint, EndpointConfig
    from sagemaker.core.shapes import ProductionVariant
    from sagemaker.core.utils.exceptions import FailedStatusError

    make_model("broken", full, bucket, "def model_fn(f): raise KeyError('weights')")
    EndpointConfig.create(
        endpoint_config_name="broken",
        production_variants=[
            ProductionVariant(
                variant_name="AllTraffic",
                model_name="broken",
                initial_instance_count=1,
                instance_type="ml.m5.large",
            )
        ],
    )
    made = Endpoint.create(endpoint_name="desk", endpoint_config_name="broken")
    with pytest.raises(FailedStatusError, match="weights"):
        made.wait_for_status("InService")


def test_model_builder_deploys_an_artefact(
    endpoint: Connection, full: str, bucket: str
) -> None:
    from sagemaker.serve.model_builder import ModelBuilder

    make_model("source", full, bucket, SAYS.format(word="built"))
    builder = ModelBuilder(
        s3_model_data_url=f"s3://{bucket}/source.tar.gz",
        image_uri=SKLEARN,
        role_arn=full,
        env_vars={"SAGEMAKER_PROGRAM": "inference.py"},
        instance_type="ml.m5.large",
    )
    model = builder.build(model_name="built")
    assert model.model_name == "built"
    made = builder.deploy(
        endpoint_name="built", initial_instance_count=1, instance_type="ml.m5.large"
    )
    answer = made.invoke(body=b"x", content_type="text/csv")
    assert answer.body.read() == b"built"
    made.delete()
