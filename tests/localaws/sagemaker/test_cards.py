"""Model cards through boto3: content, versions, exports."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait

CONTENT = json.dumps(
    {
        "model_overview": {"model_description": "late flights (of 2013)"},
        "intended_uses": {"purpose_of_model": "warn the desk", "risk_rating": "Low"},
        "evaluation_details": [{"name": "october", "metric_groups": []}],
    }
)


@pytest.fixture
def card(aws: Callable[[str], Any]) -> dict[str, Any]:
    """A model card `delays`."""
    return aws("sagemaker").create_model_card(
        ModelCardName="delays", Content=CONTENT, ModelCardStatus="Draft"
    )


def test_content_makes_versions_and_status_does_not(
    aws: Callable[[str], Any], card: dict[str, Any]
) -> None:
    sagemaker = aws("sagemaker")
    found = sagemaker.describe_model_card(ModelCardName="delays")
    assert found["ModelCardVersion"] == 1 and found["Content"] == CONTENT
    assert found["ModelCardArn"] == card["ModelCardArn"]
    sagemaker.update_model_card(ModelCardName="delays", ModelCardStatus="PendingReview")
    sagemaker.update_model_card(ModelCardName="delays", Content="{}")
    sagemaker.update_model_card(ModelCardName="delays", ModelCardStatus="Approved")
    first = sagemaker.describe_model_card(ModelCardName="delays", ModelCardVersion=1)
    assert (first["Content"], first["ModelCardStatus"]) == (CONTENT, "PendingReview")
    latest = sagemaker.describe_model_card(ModelCardName=card["ModelCardArn"])
    assert (latest["ModelCardVersion"], latest["ModelCardStatus"]) == (2, "Approved")
    versions = sagemaker.list_model_card_versions(
        ModelCardName="delays", SortOrder="Ascending"
    )["ModelCardVersionSummaryList"]
    assert [v["ModelCardStatus"] for v in versions] == ["PendingReview", "Approved"]
    (listed,) = sagemaker.list_model_cards(ModelCardStatus="Approved")[
        "ModelCardSummaries"
    ]
    assert listed["ModelCardName"] == "delays"
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_model_card(ModelCardName="delays", ModelCardVersion=3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"colour": {}}', "colour is none of"),
        ('{"intended_uses": {"risk_rating": "None"}}', "risk_rating 'None'"),
        ('{"model_overview": 1}', "model_overview of the model card is not an object"),
    ],
)
def test_content_that_does_not_fit(
    aws: Callable[[str], Any], content: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        aws("sagemaker").create_model_card(
            ModelCardName="delays", Content=content, ModelCardStatus="Draft"
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_what_a_card_does_not_take(
    aws: Callable[[str], Any], card: dict[str, Any]
) -> None:
    sagemaker = aws("sagemaker")
    with pytest.raises(sagemaker.exceptions.ConflictException, match="already exists"):
        sagemaker.create_model_card(
            ModelCardName="delays", Content="{}", ModelCardStatus="Draft"
        )
    with pytest.raises(ClientError, match="either Content or ModelCardStatus"):
        sagemaker.update_model_card(
            ModelCardName="delays", Content="{}", ModelCardStatus="Draft"
        )
    sagemaker.update_model_card(ModelCardName="delays", ModelCardStatus="Archived")
    with pytest.raises(sagemaker.exceptions.ConflictException, match="Archived"):
        sagemaker.update_model_card(ModelCardName="delays", Content="{}")
    sagemaker.delete_model_card(ModelCardName="delays")
    for call in (sagemaker.describe_model_card, sagemaker.delete_model_card):
        with pytest.raises(sagemaker.exceptions.ResourceNotFound):
            call(ModelCardName="delays")


def test_a_card_is_exported_as_pdf(
    aws: Callable[[str], Any], card: dict[str, Any], bucket: str
) -> None:
    sagemaker = aws("sagemaker")
    request = {
        "ModelCardName": "delays",
        "ModelCardExportJobName": "audit",
        "OutputConfig": {"S3OutputPath": f"s3://{bucket}/cards/"},
    }
    arn = sagemaker.create_model_card_export_job(**request)["ModelCardExportJobArn"]
    done = wait(
        lambda: sagemaker.describe_model_card_export_job(ModelCardExportJobArn=arn),
        "Status",
        "InProgress",
    )
    assert done["Status"] == "Completed" and done["ModelCardVersion"] == 1
    uri = done["ExportArtifacts"]["S3ExportArtifacts"]
    key = uri.removeprefix(f"s3://{bucket}/")
    body = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert_pdf(body, b"late flights \\(of 2013\\)")
    (listed,) = sagemaker.list_model_card_export_jobs(
        ModelCardName="delays",
        StatusEquals="Completed",
        ModelCardExportJobNameContains="aud",
        SortBy="Name",
    )["ModelCardExportJobSummaries"]
    assert listed["ModelCardExportJobArn"] == arn
    with pytest.raises(sagemaker.exceptions.ConflictException):
        sagemaker.create_model_card_export_job(**request)


def assert_pdf(body: bytes, text: bytes) -> None:
    """Read a PDF's index, and check that each object is where it says."""
    assert body.startswith(b"%PDF-1.4") and text in body
    start = int(re.search(rb"startxref\n(\d+)\n", body)[1])
    entries = re.findall(rb"(\d{10}) \d{5} n", body[start:])
    assert entries
    for number, place in enumerate(entries, 1):
        assert body[int(place) :].startswith(f"{number} 0 obj".encode())
    for length, stream in re.findall(
        rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", body, re.DOTALL
    ):
        assert len(stream) == int(length)


def test_an_export_without_a_bucket_fails(
    aws: Callable[[str], Any], card: dict[str, Any]
) -> None:
    sagemaker = aws("sagemaker")
    arn = sagemaker.create_model_card_export_job(
        ModelCardName="delays",
        ModelCardExportJobName="audit",
        OutputConfig={"S3OutputPath": "s3://none-there/cards"},
    )["ModelCardExportJobArn"]
    done = wait(
        lambda: sagemaker.describe_model_card_export_job(ModelCardExportJobArn=arn),
        "Status",
        "InProgress",
    )
    assert done["Status"] == "Failed"
    assert "NoSuchBucket" in done["FailureReason"]
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.create_model_card_export_job(
            ModelCardName="none",
            ModelCardExportJobName="audit",
            OutputConfig={"S3OutputPath": "s3://none-there/cards"},
        )
