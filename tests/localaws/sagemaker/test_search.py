"""Search: resources by their properties."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Train = Callable[..., dict[str, Any]]


@pytest.fixture
def trained(train: Train) -> None:
    """Three training jobs with metrics, hyperparameters and tags."""
    for name, auc, team in (("a", 0.7, "desk"), ("b", 0.8, "desk"), ("c", 0.9, "lab")):
        train(
            f"print('auc={auc}')",
            name,
            Tags=[{"Key": "team", "Value": team}],
        )


def found(*filters: tuple[str, ...], **members: Any) -> list[str]:
    """Return the names of the training jobs that satisfy every filter."""
    given = dict(members)
    if filters:
        given["SearchExpression"] = {"Filters": [condition(*one) for one in filters]}
    answer = boto3.client("sagemaker").search(
        **{"Resource": "TrainingJob", "SortBy": "CreationTime", **given}
    )
    return [one["TrainingJob"]["TrainingJobName"] for one in answer["Results"]]


def condition(name: str, operator: str = "Equals", value: str = "") -> dict[str, str]:
    """Return one filter."""
    given = {"Name": name, "Operator": operator}
    return {**given, "Value": value} if value else given


@pytest.mark.usefixtures("trained")
def test_conditions_on_properties() -> None:
    program = "HyperParameters.sagemaker_program"
    for filters, expected in (
        ([("TrainingJobName", "Equals", "a")], "a"),
        ([("TrainingJobName", "NotEquals", "a")], "cb"),
        ([("TrainingJobName", "In", "a,c")], "ca"),
        ([("TrainingJobStatus", "Equals", "Completed")], "cba"),
        ([("Metrics.validation:auc", "GreaterThan", "0.75")], "cb"),
        ([("Metrics.validation:auc", "LessThanOrEqualTo", "0.8")], "ba"),
        ([("Tags.team", "Equals", "desk")], "ba"),
        ([("Tags.team", "Exists")], "cba"),
        ([("Tags.owner", "NotExists")], "cba"),
        ([(program, "Equals", "train.py")], "cba"),
        ([(program, "Contains", "train")], "cba"),
        ([("CreationTime", "LessThan", "2026-01-05T08:00:00")], ""),
        ([("CreationTime", "GreaterThan", "2026-01-05T08:00:00")], "cba"),
        ([("ResourceConfig.InstanceCount", "Equals", "1")], "cba"),
        ([("EnableNetworkIsolation", "Equals", "false")], "cba"),
        (
            [("Tags.team", "Equals", "desk"), ("TrainingJobName", "NotEquals", "a")],
            "b",
        ),
    ):
        assert "".join(found(*filters)) == expected, filters


@pytest.mark.usefixtures("trained")
def test_expressions_are_nested() -> None:
    either = {
        "Operator": "Or",
        "Filters": [condition("TrainingJobName", "Equals", "a")],
        "SubExpressions": [
            {
                "Filters": [
                    condition("Tags.team", "Equals", "lab"),
                    condition("Metrics.validation:auc", "GreaterThan", "0.85"),
                ]
            }
        ],
    }
    assert found(SearchExpression=either) == ["c", "a"]
    channel = condition("InputDataConfig.ChannelName", "Equals", "train")
    uri = "InputDataConfig.DataSource.S3DataSource.S3Uri"
    for text, expected in (("on-time-desk", ["c", "b", "a"]), ("nowhere", [])):
        nested = {
            "NestedPropertyName": "InputDataConfig",
            "Filters": [channel, condition(uri, "Contains", text)],
        }
        assert found(SearchExpression={"NestedFilters": [nested]}) == expected


@pytest.mark.usefixtures("trained")
def test_results_are_sorted_and_paged() -> None:
    assert found(SortBy="Metrics.validation:auc") == ["c", "b", "a"]
    assert found(SortBy="TrainingJobName", SortOrder="Ascending") == ["a", "b", "c"]
    client = boto3.client("sagemaker")
    given = {"Resource": "TrainingJob", "SortBy": "TrainingJobName", "MaxResults": 2}
    first = client.search(**given)
    assert first["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
    second = client.search(**given, NextToken=first["NextToken"])
    assert [len(one["Results"]) for one in (first, second)] == [2, 1]


def test_other_resources_are_found_or_refused(aws: Callable[[str], Any]) -> None:
    client = aws("sagemaker")
    client.create_model_package_group(
        ModelPackageGroupName="late", Tags=[{"Key": "team", "Value": "desk"}]
    )
    answer = client.search(
        Resource="ModelPackageGroup",
        SearchExpression={"Filters": [condition("Tags.team", "Equals", "desk")]},
    )
    (one,) = answer["Results"]
    assert one["ModelPackageGroup"]["ModelPackageGroupName"] == "late"
    assert one["ModelPackageGroup"]["Tags"] == [{"Key": "team", "Value": "desk"}]
    with pytest.raises(ClientError) as caught:
        client.search(Resource="Image")
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    with pytest.raises(ClientError, match="Unknown property name: Colour"):
        found(("Colour", "Equals", "red"))
