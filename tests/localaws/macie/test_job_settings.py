"""Settings of classification jobs that do not agree, or name what is not there."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.macie.conftest import create


def scoped(**term: Any) -> dict[str, Any]:
    """Return a job's definition with one term of its scope."""
    buckets = [{"accountId": "123456789012", "buckets": ["passengers"]}]
    scoping = {"includes": {"and": [{"simpleScopeTerm": term}]}}
    return {"s3JobDefinition": {"bucketDefinitions": buckets, "scoping": scoping}}


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (
            {
                "managedDataIdentifierSelector": "INCLUDE",
                "managedDataIdentifierIds": ["MEXICO_CURP_NUMBER"],
            },
            "NotImplementedInLocalEndpoint",
            "MEXICO_CURP_NUMBER",
        ),
        ({"managedDataIdentifierSelector": "NONE"}, "ValidationException", "NONE"),
        ({"jobType": "SCHEDULED"}, "ValidationException", "scheduleFrequency"),
        ({"initialRun": True}, "ValidationException", "initialRun"),
        ({"samplingPercentage": 0}, "ValidationException", "samplingPercentage"),
        ({"allowListIds": ["none"]}, "ResourceNotFoundException", "allow list none"),
        (
            {
                "s3JobDefinition": {
                    "bucketDefinitions": [
                        {"accountId": "123456789012", "buckets": ["nobodys"]}
                    ]
                }
            },
            "ResourceNotFoundException",
            "nobodys",
        ),
        (
            scoped(key="OBJECT_KEY", comparator="EQ", values=["a"]),
            "ValidationException",
            "The comparator of OBJECT_KEY",
        ),
        (
            scoped(key="OBJECT_SIZE", comparator="GT", values=["big"]),
            "ValidationException",
            "'big' is no value of OBJECT_SIZE",
        ),
        (
            {"s3JobDefinition": {"bucketCriteria": {"includes": {"and": []}}}},
            "ValidationException",
            "bucketDefinitions",
        ),
    ],
)
def test_settings_that_do_not_agree(
    desk: Connection, more: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        create("wrong", **more)
    assert refused.value.response["Error"]["Code"] == code
