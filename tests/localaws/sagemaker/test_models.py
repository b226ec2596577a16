"""Models and endpoint configurations."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN, archive


@pytest.fixture
def model(aws: Callable[[str], Any], role: str, bucket: str) -> dict[str, Any]:
    """Input of CreateModel for a model whose artefact is in S3."""
    aws("s3").put_object(Bucket=bucket, Key="m.tar.gz", Body=archive(weights="2"))
    return {
        "ModelName": "delays",
        "ExecutionRoleArn": role,
        "PrimaryContainer": {
            "Image": SKLEARN,
            "ModelDataUrl": f"s3://{bucket}/m.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
        "Tags": [{"Key": "team", "Value": "desk"}],
    }


def test_a_model_is_described_as_it_was_made(
    aws: Callable[[str], Any], model: dict[str, Any]
) -> None:
    sagemaker = aws("sagemaker")
    arn = sagemaker.create_model(**model)["ModelArn"]
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:model/delays"
    found = sagemaker.describe_model(ModelName="delays")
    assert found["PrimaryContainer"] == model["PrimaryContainer"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == model["Tags"]
    (listed,) = sagemaker.list_models()["Models"]
    assert listed["ModelName"] == "delays"
    sagemaker.delete_model(ModelName="delays")
    with pytest.raises(ClientError, match='Could not find model "arn'):
        sagemaker.describe_model(ModelName="delays")
    with pytest.raises(ClientError, match='Could not find model "arn'):
        sagemaker.delete_model(ModelName="delays")


def test_a_model_needs_an_artefact_that_exists(
    aws: Callable[[str], Any], model: dict[str, Any], bucket: str
) -> None:
    model["PrimaryContainer"]["ModelDataUrl"] = f"s3://{bucket}/other.tar.gz"
    with pytest.raises(ClientError, match="Could not find model data at s3://"):
        aws("sagemaker").create_model(**model)


def test_a_name_is_given_once(aws: Callable[[str], Any], model: dict[str, Any]) -> None:
    aws("sagemaker").create_model(**model)
    with pytest.raises(ClientError, match="already existing model"):
        aws("sagemaker").create_model(**model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
        ({"VpcConfig": {"SecurityGroupIds": ["g"], "Subnets": ["n"]}}, "VpcConfig"),
        ({"PrimaryContainer": {"Image": "mine:1"}}, "mine:1"),
    ],
)
def test_what_does_not_act_is_refused(
    aws: Callable[[str], Any],
    model: dict[str, Any],
    change: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        aws("sagemaker").create_model(**{**model, **change})
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
