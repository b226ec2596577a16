"""The model registry through boto3: groups, versions, approval."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker import registering


@pytest.fixture
def specification(aws: Callable[[str], Any], bucket: str) -> dict[str, Any]:
    """An inference specification whose artefact is in S3."""
    return registering.specification(bucket)


@pytest.fixture
def register(specification: dict[str, Any]) -> Callable[..., str]:
    """Register a version in the group `delays`, which is made; return its ARN."""
    return registering.registrar(specification)


def test_groups_are_created_described_listed_deleted(
    aws: Callable[[str], Any],
) -> None:
    sagemaker = aws("sagemaker")
    for name in ("delays", "winds"):
        arn = sagemaker.create_model_package_group(
            ModelPackageGroupName=name,
            ModelPackageGroupDescription="late flights",
            Tags=[{"Key": "team", "Value": "desk"}],
        )["ModelPackageGroupArn"]
        assert arn.endswith(f":model-package-group/{name}")
    for key in ("winds", arn):
        found = sagemaker.describe_model_package_group(ModelPackageGroupName=key)
        assert found["ModelPackageGroupStatus"] == "Completed"
        assert found["ModelPackageGroupDescription"] == "late flights"
        assert found["CreatedBy"] == {}
    listed = sagemaker.list_model_package_groups(SortBy="Name")
    names = [g["ModelPackageGroupName"] for g in listed["ModelPackageGroupSummaryList"]]
    assert names == ["delays", "winds"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"][0]["Value"] == "desk"
    with pytest.raises(ClientError, match="already exists"):
        sagemaker.create_model_package_group(ModelPackageGroupName="winds")
    sagemaker.delete_model_package_group(ModelPackageGroupName="winds")
    for call in (
        sagemaker.describe_model_package_group,
        sagemaker.delete_model_package_group,
    ):
        with pytest.raises(ClientError, match="does not exist") as caught:
            call(ModelPackageGroupName="winds")
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_versions_are_counted_and_never_given_out_again(
    aws: Callable[[str], Any], register: Callable[..., str]
) -> None:
    sagemaker = aws("sagemaker")
    first, second = register(), register(ModelApprovalStatus="Rejected")
    assert first.endswith(":model-package/delays/1")
    sagemaker.delete_model_package(ModelPackageName=second)
    third = register()
    assert third.endswith("/3")
    listed = sagemaker.list_model_packages(ModelPackageGroupName="delays")
    assert [p["ModelPackageVersion"] for p in listed["ModelPackageSummaryList"]] == [
        1,
        3,
    ]
    assert "ModelPackageName" not in listed["ModelPackageSummaryList"][0]
    assert not sagemaker.list_model_packages()["ModelPackageSummaryList"]
    with pytest.raises(ClientError, match="still contains") as caught:
        sagemaker.delete_model_package_group(ModelPackageGroupName="delays")
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package(ModelPackageName=second)


def test_concurrent_versions_have_different_numbers(
    register: Callable[..., str],
) -> None:
    arns: list[str] = []
    threads = [
        threading.Thread(target=lambda: arns.append(register())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(int(arn.rpartition("/")[2]) for arn in arns)
    assert numbers == list(range(1, 9))


def test_what_a_version_says_is_stored(
    aws: Callable[[str], Any], register: Callable[..., str], bucket: str
) -> None:
    metrics = {
        "ModelQuality": {
            "Statistics": {
                "ContentType": "application/json",
                "S3Uri": f"s3://{bucket}/evaluation.json",
            }
        }
    }
    baselines = {
        "ModelQuality": {
            "Constraints": {
                "ContentType": "application/json",
                "S3Uri": f"s3://{bucket}/constraints.json",
            }
        }
    }
    said = {
        "ModelPackageDescription": "January",
        "ModelMetrics": metrics,
        "DriftCheckBaselines": baselines,
        "CustomerMetadataProperties": {"auc": "0.72"},
        "MetadataProperties": {"CommitId": "abc"},
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "Draft"},
        "Domain": "MACHINE_LEARNING",
        "Task": "CLASSIFICATION",
        "SourceUri": "https://example.com/run/1",
        "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Draft"},
    }
    arn = register(**said)
    found = aws("sagemaker").describe_model_package(ModelPackageName=arn)
    assert {name: found[name] for name in said} == said
    assert found["ModelPackageStatus"] == "Completed"
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["ModelPackageVersion"] == 1


def test_a_version_is_approved_rejected_and_changed(
    aws: Callable[[str], Any],
    register: Callable[..., str],
    specification: dict[str, Any],
) -> None:
    sagemaker = aws("sagemaker")
    arn = register(CustomerMetadataProperties={"auc": "0.70", "old": "1"})
    for status, reason in (("Rejected", "drifted"), ("Approved", "AUC 0.72")):
        sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=reason
        )
        found = sagemaker.describe_model_package(ModelPackageName=arn)
        assert found["ModelApprovalStatus"] == status
        assert found["ApprovalDescription"] == reason
        assert found["LastModifiedTime"] >= found["CreationTime"]
    register()
    approved = sagemaker.list_model_packages(
        ModelPackageGroupName="delays", ModelApprovalStatus="Approved"
    )["ModelPackageSummaryList"]
    assert [p["ModelPackageArn"] for p in approved] == [arn]
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"auc": "0.72"},
        CustomerMetadataPropertiesToRemove=["old"],
        AdditionalInferenceSpecificationsToAdd=[{"Name": "small", **specification}],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
    )
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert found["CustomerMetadataProperties"] == {"auc": "0.72"}
    assert found["AdditionalInferenceSpecifications"][0]["Name"] == "small"
    assert found["ModelLifeCycle"]["Stage"] == "Production"
    with pytest.raises(ClientError, match="enum value set"):
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Yes")


def test_packages_without_versions(
    aws: Callable[[str], Any], specification: dict[str, Any]
) -> None:
    sagemaker = aws("sagemaker")
    arn = sagemaker.create_model_package(
        ModelPackageName="single", InferenceSpecification=specification
    )["ModelPackageArn"]
    assert arn.endswith(":model-package/single")
    found = sagemaker.describe_model_package(ModelPackageName="single")
    assert "ModelApprovalStatus" not in found and "ModelPackageVersion" not in found
    (listed,) = sagemaker.list_model_packages()["ModelPackageSummaryList"]
    assert listed["ModelPackageName"] == "single"
    with pytest.raises(ClientError, match="of the versions"):
        sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved"
        )
    with pytest.raises(ClientError, match="already existing model package"):
        sagemaker.create_model_package(
            ModelPackageName="single", InferenceSpecification=specification
        )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelPackageName": "both"}, "Cannot determine which one to use"),
        ({"ModelPackageGroupName": "none"}, "does not exist"),
        ({"InferenceSpecification": None}, "Provide an InferenceSpecification"),
        (
            {"ModelCard": {"ModelCardContent": "{", "ModelCardStatus": "Draft"}},
            "ModelCardContent is not JSON",
        ),
        (
            {"CustomerMetadataProperties": {str(n): "1" for n in range(51)}},
            "less than or equal to 50",
        ),
    ],
)
def test_what_is_wrong_is_refused(
    register: Callable[..., str], members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        register(**members)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_artefact_that_is_not_there(
    register: Callable[..., str], specification: dict[str, Any], bucket: str
) -> None:
    specification["Containers"][0]["ModelDataUrl"] = f"s3://{bucket}/none.tar.gz"
    with pytest.raises(ClientError, match="Could not find model data"):
        register()
    assert register(SkipModelValidation="All").endswith("/1")


def test_a_retry_with_the_same_token_makes_one_version(
    register: Callable[..., str],
) -> None:
    assert register(ClientToken="a1") == register(ClientToken="a1")
    assert register().endswith("/2")


def test_several_are_described_at_once(
    aws: Callable[[str], Any], register: Callable[..., str]
) -> None:
    there = register()
    missing = there.replace("/1", "/9")
    found = aws("sagemaker").batch_describe_model_package(
        ModelPackageArnList=[there, missing]
    )
    assert found["ModelPackageSummaries"][there]["ModelPackageVersion"] == 1
    error = found["BatchDescribeModelPackageErrorMap"][missing]
    assert error["ErrorCode"] == "ValidationException"


def test_a_group_has_a_policy(aws: Callable[[str], Any]) -> None:
    sagemaker, name = aws("sagemaker"), {"ModelPackageGroupName": "delays"}
    sagemaker.create_model_package_group(**name)
    with pytest.raises(ClientError, match="Cannot find resource policy"):
        sagemaker.get_model_package_group_policy(**name)
    with pytest.raises(ClientError, match="not JSON"):
        sagemaker.put_model_package_group_policy(**name, ResourcePolicy="{")
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'
    sagemaker.put_model_package_group_policy(**name, ResourcePolicy=policy)
    assert sagemaker.get_model_package_group_policy(**name)["ResourcePolicy"] == policy
    sagemaker.delete_model_package_group_policy(**name)
    with pytest.raises(ClientError, match="Cannot find resource policy"):
        sagemaker.get_model_package_group_policy(**name)
