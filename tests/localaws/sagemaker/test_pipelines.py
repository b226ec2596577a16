"""Pipelines and their versions."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.pipelining import (
    NOTHING,
    check,
    create,
    definition,
    finished,
    message,
    start,
    step,
)


def test_a_pipeline_is_described_as_it_was_made(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    arn = create(
        NOTHING,
        role,
        PipelineDisplayName="The-desk",
        PipelineDescription="Trains nightly",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 2},
        Tags=[{"Key": "team", "Value": "desk"}],
    )
    for name in ("desk", arn):
        found = sagemaker.describe_pipeline(PipelineName=name)
        assert found["PipelineArn"] == arn
        assert found["PipelineDefinition"] == NOTHING
        assert found["PipelineStatus"] == "Active"
        assert found["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
    assert arn.endswith(":pipeline/desk")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "team", "Value": "desk"}
    ]
    summary = sagemaker.list_pipelines()["PipelineSummaries"][0]
    assert (summary["PipelineName"], summary["PipelineDisplayName"]) == (
        "desk",
        "The-desk",
    )


def test_a_definition_is_read_from_s3(role: str, bucket: str) -> None:
    sagemaker = boto3.client("sagemaker")
    place = {"Bucket": bucket, "ObjectKey": "desk.json"}
    given = {"PipelineName": "desk", "RoleArn": role}
    with pytest.raises(ClientError, match="NoSuchKey"):
        sagemaker.create_pipeline(**given, PipelineDefinitionS3Location=place)
    boto3.client("s3").put_object(Bucket=bucket, Key="desk.json", Body=NOTHING.encode())
    sagemaker.create_pipeline(**given, PipelineDefinitionS3Location=place)
    found = sagemaker.describe_pipeline(PipelineName="desk")
    assert found["PipelineDefinition"] == NOTHING
    both = {"PipelineDefinition": NOTHING, "PipelineDefinitionS3Location": place}
    with pytest.raises(ClientError, match="exclude each other"):
        sagemaker.update_pipeline(PipelineName="desk", **both)
    with pytest.raises(ClientError, match="is needed"):
        sagemaker.create_pipeline(PipelineName="other", RoleArn=role)


def test_a_name_is_given_once_and_a_token_acts_once(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    arn = create(NOTHING, role, ClientRequestToken="a" * 32)
    assert create(NOTHING, role, ClientRequestToken="a" * 32) == arn
    with pytest.raises(ClientError, match="ConflictException"):
        create(NOTHING, role, name="other", ClientRequestToken="a" * 32)
    with pytest.raises(ClientError, match=r"ValidationException.*must be unique"):
        create(NOTHING, role)
    for _ in range(2):
        sagemaker.delete_pipeline(PipelineName="desk", ClientRequestToken="b" * 32)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.delete_pipeline(PipelineName="desk")


def test_a_role_must_trust_sagemaker(role: str) -> None:
    nobody = "arn:aws:iam::123456789012:role/nobody"
    with pytest.raises(ClientError, match="Could not assume role") as caught:
        create(NOTHING, nobody)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    sagemaker = boto3.client("sagemaker")
    assert not sagemaker.list_pipelines()["PipelineSummaries"]
    create(NOTHING, role)
    with pytest.raises(ClientError, match="Could not assume role"):
        sagemaker.update_pipeline(PipelineName="desk", RoleArn=nobody)


def test_another_definition_is_another_version(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    arn = create(NOTHING, role)
    other = definition(check("Never", 1, 2))
    same = sagemaker.update_pipeline(PipelineName="desk", PipelineDescription="new")
    assert (same["PipelineArn"], same["PipelineVersionId"]) == (arn, 1)
    new = sagemaker.update_pipeline(PipelineName="desk", PipelineDefinition=other)
    assert new["PipelineVersionId"] == 2
    found = sagemaker.describe_pipeline(PipelineName="desk")
    assert (found["PipelineDefinition"], found["PipelineDescription"]) == (other, "new")
    sagemaker.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="first"
    )
    first = sagemaker.describe_pipeline(PipelineName="desk", PipelineVersionId=1)
    assert first["PipelineDefinition"] == NOTHING
    assert first["PipelineVersionDisplayName"] == "first"
    execution = start(members={"PipelineVersionId": 1})
    assert finished(execution)["PipelineVersionId"] == 1
    shown = sagemaker.describe_pipeline_definition_for_execution(
        PipelineExecutionArn=execution
    )
    assert shown["PipelineDefinition"] == NOTHING
    versions = sagemaker.list_pipeline_versions(PipelineName="desk")
    assert [
        (v["PipelineVersionId"], v.get("LastExecutionPipelineExecutionArn"))
        for v in versions["PipelineVersionSummaries"]
    ] == [(2, None), (1, execution)]
    with pytest.raises(ClientError, match="has no version 3"):
        sagemaker.describe_pipeline(PipelineName="desk", PipelineVersionId=3)


def test_list_filters_sorts_and_pages(role: str) -> None:
    sagemaker = boto3.client("sagemaker")
    for name in ("b-one", "a-two", "b-three"):
        create(NOTHING, role, name=name)

    def names(**members: Any) -> list[str]:
        found = sagemaker.list_pipelines(**members)["PipelineSummaries"]
        return [pipeline["PipelineName"] for pipeline in found]

    assert names() == ["b-three", "a-two", "b-one"]
    assert names(PipelineNamePrefix="b", SortBy="Name", SortOrder="Ascending") == [
        "b-one",
        "b-three",
    ]
    middle = sagemaker.describe_pipeline(PipelineName="a-two")["CreationTime"]
    assert names(CreatedAfter=middle) == ["b-three"]
    first = sagemaker.list_pipelines(MaxResults=2)
    assert names(NextToken=first["NextToken"]) == ["b-one"]


def test_a_pipeline_with_a_running_execution_is_not_deleted(
    aws: Callable[[str], Any], role: str
) -> None:
    sagemaker = aws("sagemaker")
    url = aws("sqs").create_queue(QueueName="work")["QueueUrl"]
    create(definition(step("Ask", "Callback", SqsQueueUrl=url)), role)
    arn = start()
    with pytest.raises(ClientError, match=f"ConflictException.*{arn}"):
        sagemaker.delete_pipeline(PipelineName="desk")
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=message(url)["token"])
    finished(arn)
    sagemaker.delete_pipeline(PipelineName="desk")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)


@pytest.mark.parametrize("operation", ["describe", "update", "delete"])
def test_a_pipeline_that_is_not_there(
    aws: Callable[[str], Any], operation: str
) -> None:
    with pytest.raises(ClientError, match="pipeline/none' does not exist") as caught:
        getattr(aws("sagemaker"), f"{operation}_pipeline")(PipelineName="none")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
