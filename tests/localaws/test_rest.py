"""Inputs of REST services are read by botocore's own model, and routed by path."""

import json
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest

from localaws import rest
from localaws.wire import Request

SERVICE = "sagemaker-featurestore-runtime"
NAME = "arn:aws:sagemaker:us-east-1:123456789012:feature-group/flights"


def sent(operation: str, given: dict[str, Any]) -> Request:
    """Return what botocore sends for an input."""
    client = boto3.session.Session().client(
        SERVICE,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    caught: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **_: Any) -> None:
        caught.append(request)
        raise InterruptedError

    client.meta.events.register("before-send", catch)
    with pytest.raises(InterruptedError):
        getattr(client, operation)(**given)
    (request,) = caught
    url = urlsplit(request.url)
    target = f"{url.path}?{url.query}" if url.query else url.path
    body = request.body or b""
    return Request(request.method, target, {}, body, {})


@pytest.mark.parametrize(
    ("operation", "name", "given"),
    [
        (
            "put_record",
            "PutRecord",
            {"Record": [{"FeatureName": "a", "ValueAsString": "ü/&"}]},
        ),
        (
            "get_record",
            "GetRecord",
            {"RecordIdentifierValueAsString": "a b&c", "FeatureNames": ["x", "y"]},
        ),
        (
            "delete_record",
            "DeleteRecord",
            {"RecordIdentifierValueAsString": "a", "EventTime": "2026-01-05T00:00:00Z"},
        ),
        ("list_records", "ListRecords", {"MaxResults": 3}),
    ],
)
def test_what_botocore_sends_is_read_back(
    operation: str, name: str, given: dict[str, Any]
) -> None:
    given = {"FeatureGroupName": NAME, **given}
    found = rest.find(SERVICE, sent(operation, given))
    assert found is not None
    assert found[0].name == name
    assert found[1] == given


@pytest.mark.parametrize(
    ("method", "target"), [("PATCH", "/BatchGetRecord"), ("GET", "/endpoints/a")]
)
def test_other_paths_are_not_the_services(method: str, target: str) -> None:
    body = json.dumps({}).encode()
    assert rest.find(SERVICE, Request(method, target, {}, body, {})) is None
