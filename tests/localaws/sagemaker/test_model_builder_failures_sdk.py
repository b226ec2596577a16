"""Models that ModelBuilder cannot build or deploy."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.desk import BUCKET, ROLE, store
from tests.localaws.sagemaker.family import untrust
from tests.localaws.sagemaker.pipelining import trusted

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("bucket"),
]
NOBODY = "arn:aws:iam::123456789012:role/nobody"


def builder(key: str = "m2.tar.gz", role: str = ROLE) -> Any:
    """Return what builds a model of an artefact."""
    from sagemaker.serve.model_builder import ModelBuilder

    return ModelBuilder(
        s3_model_data_url=f"s3://{BUCKET}/{key}",
        image_uri=SKLEARN,
        role_arn=role,
        env_vars={"SAGEMAKER_PROGRAM": "inference.py"},
        instance_type="ml.m5.large",
    )


def models() -> list[str]:
    """Return the names of the models that are there."""
    found = boto3.client("sagemaker").list_models()["Models"]
    return [model["ModelName"] for model in found]


@pytest.fixture
def full(role: str) -> str:
    """The role of the models; their artefact is in S3."""
    store("m2.tar.gz", 2)
    return trusted(role)


def test_an_artefact_that_is_not_there(full: str) -> None:
    with pytest.raises(ClientError, match="Could not find model data at") as caught:
        builder("none.tar.gz").build(model_name="m")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert models() == []


def test_a_role_that_is_not_there_or_does_not_trust(
    full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sagemaker.core.helper.iam_role_resolver import RoleValidationError

    untrust("ec2.amazonaws.com")
    for role in (full, NOBODY):
        with pytest.raises(RoleValidationError):
            builder(role=role).build(model_name="m")
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    for role in (full, NOBODY):
        with pytest.raises(ClientError, match=f"Could not assume role {role}"):
            builder(role=role).build(model_name="m")
    assert models() == []


def test_names_that_are_taken(full: str) -> None:
    made = builder()
    made.build(model_name="m")
    made.deploy(endpoint_name="desk", initial_instance_count=1)
    other = builder()
    other.build(model_name="other")
    with pytest.raises(ClientError, match="already existing") as caught:
        other.deploy(endpoint_name="desk", initial_instance_count=1)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    # 3.27.0 takes a model of that name, whatever it is made of, for its own
    store("m5.tar.gz", 5)
    builder("m5.tar.gz").build(model_name="m")
    assert sorted(models()) == ["m", "other"]
    found = boto3.client("sagemaker").describe_model(ModelName="m")
    assert found["PrimaryContainer"]["ModelDataUrl"] == f"s3://{BUCKET}/m2.tar.gz"


def test_a_model_that_does_not_load(full: str) -> None:
    store("m2.tar.gz", 0)
    made = builder()
    made.build(model_name="m")
    with pytest.raises(Exception, match="a factor of zero"):
        made.deploy(endpoint_name="desk", initial_instance_count=1)
    found = boto3.client("sagemaker").describe_endpoint(EndpointName="desk")
    assert found["EndpointStatus"] == "Failed"
