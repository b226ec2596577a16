"""What pipelines compute with: parameters, expressions, conditions, JSON."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.pipelining import (
    AUC,
    check,
    create,
    decide,
    definition,
    fail,
    finished,
    get,
    join,
    run,
    start,
    statuses,
    steps,
    training,
)


def test_expressions_have_their_values(role: str) -> None:
    text = join(
        get("Parameters.Name"),
        get("Parameters.Depth"),
        get("Parameters.Rate"),
        get("Parameters.Deep"),
        get("Execution.PipelineName"),
        get("Execution.StartDateTime"),
        get("Execution.PipelineExecutionId"),
        on="|",
    )
    execution, found = run(
        definition(fail("End", text), Name="x", Depth=int, Rate=0.5, Deep=True),
        role,
        Depth="3",
        Deep="False",
    )
    arn = execution["PipelineExecutionArn"]
    said = found["End"]["FailureReason"].split("|")
    assert said[:5] == ["x", "3", "0.5", "false", "desk"]
    assert said[5].startswith("2026-01-05T08:") and said[5].endswith("Z")
    assert said[6] == arn.rpartition("/")[2]
    listed = boto3.client("sagemaker").list_pipeline_parameters_for_execution(
        PipelineExecutionArn=arn
    )["PipelineParameters"]
    assert {p["Name"]: p["Value"] for p in listed} == {
        "Name": "x",
        "Depth": "3",
        "Rate": "0.5",
        "Deep": "false",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Parameter 'Depth' is undefined."),
        ({"Depth": "three"}, "Expected Integer but found 'three'"),
        ({"Depth": "1", "Rate": "x"}, "Expected Float but found 'x'"),
        ({"Depth": "1", "Deep": "1"}, "Expected Boolean but found '1'"),
        ({"Depth": "1", "Name": ""}, 'string "" is too short'),
        ({"Depth": "1", "Colour": "red"}, "Unknown parameter 'Colour'."),
    ],
)
def test_a_parameter_that_is_missing_or_wrong(
    role: str, given: dict[str, str], message: str
) -> None:
    create(definition(fail("A", ""), Name="x", Depth=int, Rate=0.5, Deep=True), role)
    with pytest.raises(ClientError, match=message) as caught:
        start(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    listed = boto3.client("sagemaker").list_pipeline_executions(PipelineName="desk")
    assert not listed["PipelineExecutionSummaries"]


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"Type": "Equals", "LeftValue": get("Parameters.N"), "RightValue": 2}, True),
        ({"Type": "GreaterThan", "LeftValue": 2, "RightValue": 2.0}, False),
        ({"Type": "GreaterThanOrEqualTo", "LeftValue": 2, "RightValue": 2.0}, True),
        ({"Type": "LessThan", "LeftValue": "a", "RightValue": "b"}, True),
        ({"Type": "LessThanOrEqualTo", "LeftValue": 3, "RightValue": 2}, False),
        ({"Type": "In", "QueryValue": 2, "Values": [1, get("Parameters.N")]}, True),
        (
            {
                "Type": "Not",
                "Condition": {"Type": "Equals", "LeftValue": 1, "RightValue": 1},
            },
            False,
        ),
        (
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                    {"Type": "Equals", "LeftValue": True, "RightValue": True},
                ],
            },
            True,
        ),
    ],
)
def test_conditions(role: str, condition: dict[str, Any], outcome: bool) -> None:
    _, found = run(
        definition(
            decide("If", [condition], [check("Yes", 1, 1)], [check("No", 1, 1)]), N=2
        ),
        role,
    )
    assert list(found) == ["If", "Yes" if outcome else "No"]


def test_values_of_different_types_do_not_compare(role: str) -> None:
    execution, found = run(definition(check("If", "2", 1, kind="GreaterThan")), role)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "cannot compare '2' with 1" in found["If"]["FailureReason"]


def test_a_metric_that_is_not_there_fails_the_step_that_asks(
    role: str, bucket: str
) -> None:
    train = training("Train", "print('nothing')", role)
    _, found = run(definition(train, check("Judge", AUC, 1)), role)
    assert statuses(found) == {"Train": "Succeeded", "Judge": "Failed"}
    assert "is undefined" in found["Judge"]["FailureReason"]


def test_json_is_read_from_s3(role: str, bucket: str) -> None:
    s3 = boto3.client("s3")
    report = {"metrics": {"auc": [{"name": "x", "value": 0.8}], "a.b": 1}}
    s3.put_object(Bucket=bucket, Key="r.json", Body=json.dumps(report).encode())
    s3.put_object(Bucket=bucket, Key="bad.json", Body=b"{")

    def read(path: str, key: str = "r.json") -> dict[str, Any]:
        uri = join("s3:/", bucket, key, on="/")
        return {"Std:JsonGet": {"S3Uri": uri, "Path": path}}

    _, found = run(
        definition(
            fail("End", join(read("metrics.auc[0].value"), read("metrics['a.b']")))
        ),
        role,
    )
    assert found["End"]["FailureReason"] == "0.8 1"
    for number, (read_, reason) in enumerate(
        [
            (read("metrics.f1"), "Invalid json path 'metrics.f1'"),
            (read("a", "none.json"), "Received an error while reading file s3://"),
            (read("a", "bad.json"), "not in valid JSON format"),
        ]
    ):
        create(definition(check("If", read_, 1)), role, name=f"bad-{number}")
        arn = start(f"bad-{number}")
        finished(arn)
        assert reason in steps(arn)["If"]["FailureReason"]
