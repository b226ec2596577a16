"""Tags of SageMaker's resources."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def arn(aws: Callable[[str], Any], role: str) -> str:
    """ARN of a model without tags."""
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
    made = aws("sagemaker").create_model(
        ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": image}
    )
    return made["ModelArn"]


def test_tags_are_added_overwritten_listed_deleted(
    aws: Callable[[str], Any], arn: str
) -> None:
    sagemaker = aws("sagemaker")
    for value in ("desk", "ops"):
        sagemaker.add_tags(
            ResourceArn=arn,
            Tags=[{"Key": "team", "Value": value}, {"Key": "a", "Value": ""}],
        )
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "team", "Value": "ops"},
        {"Key": "a", "Value": ""},
    ]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "none"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": ""}]


def test_a_resource_has_at_most_fifty(aws: Callable[[str], Any], arn: str) -> None:
    tags = [{"Key": str(number), "Value": ""} for number in range(50)]
    aws("sagemaker").add_tags(ResourceArn=arn, Tags=tags)
    with pytest.raises(ClientError, match="at most 50 tags"):
        aws("sagemaker").add_tags(
            ResourceArn=arn, Tags=[{"Key": "one more", "Value": ""}]
        )


def test_tags_of_what_is_not_there(aws: Callable[[str], Any]) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model/none"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        aws("sagemaker").list_tags(ResourceArn=arn)
