"""Endpoint configurations: what an endpoint may be made of."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.hosted import configure, make_model, serverless, variant


def test_a_configuration_names_a_model_that_exists(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    sagemaker = aws("sagemaker")
    with pytest.raises(ClientError, match='Could not find model "arn'):
        configure("one", variant("a"))
    make_model("a", role, bucket)
    plain = {k: v for k, v in variant("a").items() if k != "InitialVariantWeight"}
    configure("one", plain)
    found = sagemaker.describe_endpoint_config(EndpointConfigName="one")
    assert found["ProductionVariants"] == [variant("a")]
    with pytest.raises(ClientError, match="already existing endpoint configuration"):
        configure("one", variant("a"))
    assert len(sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 1
    sagemaker.delete_endpoint_config(EndpointConfigName="one")
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        sagemaker.describe_endpoint_config(EndpointConfigName="one")


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([variant("a"), variant("a")], "Variant names must be unique"),
        ([{"VariantName": "a", "ModelName": "a"}], "'a' needs InstanceType"),
        (
            [{**serverless("a", 1), "InstanceType": "ml.m5.large"}],
            "must not have InstanceType",
        ),
        (
            [serverless("a", 1), {**serverless("a", 1), "VariantName": "b"}],
            "does not support several production variants",
        ),
        (
            [
                {
                    **serverless("a", 1),
                    "ServerlessConfig": {"MemorySizeInMB": 1500, "MaxConcurrency": 1},
                }
            ],
            "MemorySizeInMB must be one of",
        ),
    ],
)
def test_variants_that_contradict_themselves(
    role: str, bucket: str, variants: list[dict[str, Any]], message: str
) -> None:
    make_model("a", role, bucket)
    with pytest.raises(ClientError, match=message) as caught:
        configure("one", *variants)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_warm_serverless_containers_are_refused(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    given = serverless("a", 2)
    given["ServerlessConfig"]["ProvisionedConcurrency"] = 1
    with pytest.raises(ClientError, match="ProvisionedConcurrency") as caught:
        configure("one", given)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
