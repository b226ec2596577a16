"""Packages, groups and cards that go wrong, through the SageMaker Python SDK v3."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker import registering
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.pipelining import trusted

pytestmark = pytest.mark.filterwarnings("ignore")
NONE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/delays/9"
GONE = "ValidationException"


@pytest.fixture
def register(bucket: str) -> Callable[..., str]:
    """Register a version in the group `delays`, which is made; return its ARN."""
    return registering.registrar(registering.specification(bucket))


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of an error."""
    return caught.value.response["Error"]["Code"]


def test_a_group_that_holds_versions_stays(register: Callable[..., str]) -> None:
    from sagemaker.core.resources import ModelPackage, ModelPackageGroup
    from sagemaker.core.utils.exceptions import TimeoutExceededError

    arn = register()
    group = ModelPackageGroup.get("delays")
    with pytest.raises(ClientError, match="still contains Model Packages") as caught:
        group.delete()
    assert code(caught) == "ConflictException"
    with pytest.raises(TimeoutExceededError, match="Final Resource State: Completed"):
        group.wait_for_delete(poll=1, timeout=0)
    (found,) = ModelPackage.get_all(model_package_group_name="delays")
    assert found.model_package_arn == arn
    boto3.client("sagemaker").delete_model_package(ModelPackageName=arn)
    group.delete()
    group.wait_for_delete(poll=1)


def test_a_policy_that_is_not_there_or_not_json(register: Callable[..., str]) -> None:
    from sagemaker.core.resources import ModelPackageGroup

    group = ModelPackageGroup.get("delays")
    for call, text in (
        (group.get_policy, "Cannot find resource policy"),
        (group.delete_policy, "Cannot find resource policy"),
        (lambda: group.put_policy(resource_policy="{"), "ResourcePolicy is not JSON"),
    ):
        with pytest.raises(ClientError, match=text) as caught:
            call()
        assert code(caught) == GONE


def test_versions_that_are_not_there(register: Callable[..., str]) -> None:
    from sagemaker.core.resources import ModelPackage

    known = ModelPackage(model_package_arn=NONE, model_package_name=NONE)
    for call in (
        lambda: ModelPackage.get(NONE),
        known.refresh,
        known.delete,
        lambda: known.update(model_approval_status="Approved"),
    ):
        with pytest.raises(ClientError, match=f"ModelPackage {NONE} does not") as hit:
            call()
        assert code(hit) == GONE


def test_approvals_that_cannot_be(register: Callable[..., str], bucket: str) -> None:
    from sagemaker.core.resources import ModelPackage

    package = ModelPackage.get(register())
    with pytest.raises(ClientError, match="enum value set") as caught:
        package.update(model_approval_status="Perhaps")
    assert code(caught) == "ValidationException"
    found = boto3.client("sagemaker").describe_model_package(
        ModelPackageName=package.model_package_arn
    )
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    boto3.client("sagemaker").create_model_package(
        ModelPackageName="single",
        InferenceSpecification=registering.specification(bucket),
    )
    single = ModelPackage.get("single")
    with pytest.raises(ClientError, match="of the versions of a model package group"):
        single.update(model_approval_status="Approved")


@pytest.mark.parametrize(
    ("key", "group", "text"),
    [
        (
            "none.tar.gz",
            "delays",
            "Could not find model data at s3://on-time-desk/none",
        ),
        ("m.tar.gz", "no_group", "regular expression pattern"),
    ],
)
def test_a_model_builder_registers_nothing_wrong(
    register: Callable[..., str],
    role: str,
    bucket: str,
    key: str,
    group: str,
    text: str,
) -> None:
    from sagemaker.serve.model_builder import ModelBuilder

    builder = ModelBuilder(
        s3_model_data_url=f"s3://{bucket}/{key}",
        image_uri=SKLEARN,
        role_arn=trusted(role),
        instance_type="ml.m5.large",
    )
    with pytest.raises(ClientError, match=text) as caught:
        builder.register(
            model_package_group_name=group,
            content_types=["text/csv"],
            response_types=["text/csv"],
        )
    assert code(caught) == "ValidationException"
    listed = boto3.client("sagemaker").list_model_packages(
        ModelPackageGroupName="delays"
    )
    assert not listed["ModelPackageSummaryList"]


@pytest.fixture
def card(bucket: str) -> Any:
    """A model card."""
    from sagemaker.core.resources import ModelCard

    return ModelCard.create(
        model_card_name="delays", content="{}", model_card_status="Draft"
    )


def test_content_that_does_not_fit_makes_no_version(card: Any) -> None:
    for content, text in (
        ("{", "Model card content is not JSON"),
        ('{"mood": {}}', "mood is none of"),
        ('{"intended_uses": {"risk_rating": "Some"}}', "risk_rating 'Some'"),
    ):
        with pytest.raises(ClientError, match=text) as caught:
            card.update(content=content)
        assert code(caught) == "ValidationException"
    with pytest.raises(ClientError, match="enum value set"):
        card.update(model_card_status="Perhaps")
    assert card.refresh().model_card_version == 1


def test_a_card_that_is_not_there(card: Any) -> None:
    from sagemaker.core.resources import ModelCard

    with pytest.raises(ClientError, match="Version 7") as caught:
        ModelCard.get("delays", model_card_version=7)
    assert code(caught) == "ResourceNotFound"
    card.delete()
    for call in (
        card.refresh,
        card.delete,
        lambda: card.update(model_card_status="Approved"),
    ):
        with pytest.raises(ClientError, match="does not exist") as caught:
            call()
        assert code(caught) == "ResourceNotFound"


def test_an_export_into_a_bucket_that_is_not_there(card: Any) -> None:
    from sagemaker.core.resources import ModelCardExportJob
    from sagemaker.core.shapes import ModelCardExportOutputConfig
    from sagemaker.core.utils.exceptions import FailedStatusError

    def export(bucket: str) -> Any:
        return ModelCardExportJob.create(
            model_card_name="delays",
            model_card_export_job_name="pdf",
            output_config=ModelCardExportOutputConfig(s3_output_path=f"s3://{bucket}/"),
        )

    job = export("nowhere-at-all")
    with pytest.raises(FailedStatusError, match="NoSuchBucket"):
        job.wait(poll=1)
    assert job.refresh().status == "Failed"
    with pytest.raises(ClientError, match="already exists") as caught:
        export("on-time-desk")
    assert code(caught) == "ConflictException"
    with pytest.raises(ClientError, match="does not exist") as caught:
        ModelCardExportJob.get(f"{job.model_card_export_job_arn}x")
    assert code(caught) == "ResourceNotFound"
