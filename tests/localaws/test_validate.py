"""The endpoint's own validation, which does not trust the client's."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localaws.daemon import Connection


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "Value null at 'modelName' failed to satisfy constraint: Member must not"),
        ({"ModelName": "a b"}, "regular expression pattern"),
        ({"ModelName": "a" * 64}, "length less than or equal to 63"),
        ({"ModelName": 5}, "is not of type string"),
        (
            {"ModelName": "m", "PrimaryContainer": {"Mode": "Single"}},
            r"Value 'Single' at 'primaryContainer.mode' failed to satisfy constraint: "
            r"Member must satisfy enum value set: \[",
        ),
        (
            {"ModelName": "m", "Tags": [{"Key": "k"}]},
            "Value null at 'tags.1.member.value'",
        ),
        (
            {"ModelName": "m", "Tags": [{"Key": "é (", "Value": ""}]},
            "'tags.1.member.key' failed to satisfy constraint",
        ),
        ({"ModelName": "a b", "ExecutionRoleArn": "x"}, "3 validation errors"),
    ],
)
def test_a_broken_constraint_is_named_as_aws_names_it(
    endpoint: Connection, request_: dict[str, Any], message: str
) -> None:
    client = boto3.client("sagemaker", config=Config(parameter_validation=False))
    with pytest.raises(ClientError, match=message) as caught:
        client.create_model(**request_)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(("maximum", "word"), [(0, "greater"), (101, "less")])
def test_a_number_out_of_range(endpoint: Connection, maximum: int, word: str) -> None:
    client = boto3.client("sagemaker", config=Config(parameter_validation=False))
    with pytest.raises(ClientError, match=f"value {word} than or equal to"):
        client.list_models(MaxResults=maximum)


def test_a_page_token_that_was_not_given_out(endpoint: Connection) -> None:
    with pytest.raises(ClientError, match="NextToken"):
        boto3.client("sagemaker").list_models(NextToken="x")


def test_letters_of_every_alphabet_are_letters(endpoint: Connection, role: str) -> None:
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
    client = boto3.client("sagemaker")
    arn = client.create_model(
        ModelName="m",
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": image},
        Tags=[{"Key": "Flughafen-Größe", "Value": "大"}],
    )["ModelArn"]
    tags = client.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "Flughafen-Größe", "Value": "大"}]
