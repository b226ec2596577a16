"""One endpoint for the package, with Macie enabled and a bucket of passengers."""

import csv
import io
import json
import time
from typing import Any

import boto3
import pytest

from localaws import client
from localaws.daemon import Connection

BUCKET = "passengers"
ACCOUNT = "123456789012"
ROWS = [
    ["name", "ssn", "card", "phone", "email", "dob"],
    [
        "Ada Lovelace",
        "123-45-6789",
        "4539578763621486",
        "212-555-0147",
        "ada@example.com",
        "1985-12-10",
    ],
    [
        "Paulo Santos",
        "219-09-9999",
        "5425233430109903",
        "(312) 555-0199",
        "paulo@example.org",
        "03/02/1971",
    ],
]


def table() -> str:
    """Return the passengers as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(ROWS)
    return text.getvalue()


def put(key: str, body: str | bytes, bucket: str = BUCKET, **more: Any) -> None:
    """Put an object."""
    raw = body if isinstance(body, bytes) else body.encode()
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=raw, **more)


def create(name: str, prefix: str = "", bucket: str = BUCKET, **more: Any) -> str:
    """Create a job over the keys that begin with a prefix, and return its id."""
    term = {"comparator": "STARTS_WITH", "key": "OBJECT_KEY", "values": [prefix]}
    scoping = {"includes": {"and": [{"simpleScopeTerm": term}]}}
    definition: dict[str, Any] = {
        "bucketDefinitions": [{"accountId": ACCOUNT, "buckets": [bucket]}]
    }
    if prefix:
        definition["scoping"] = scoping
    given = {
        "name": name,
        "clientToken": name,
        "jobType": "ONE_TIME",
        "managedDataIdentifierSelector": "ALL",
        "s3JobDefinition": definition,
        **more,
    }
    return boto3.client("macie2").create_classification_job(**given)["jobId"]


def waited(job: str, *statuses: str) -> dict[str, Any]:
    """Wait until a job has one of some statuses."""
    macie = boto3.client("macie2")
    for _ in range(600):
        found = macie.describe_classification_job(jobId=job)
        if found["jobStatus"] in (statuses or ("COMPLETE",)):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def findings(job: str) -> list[dict[str, Any]]:
    """Return the findings of a job, by the keys of their objects."""
    macie = boto3.client("macie2")
    criteria = {"criterion": {"classificationDetails.jobId": {"eq": [job]}}}
    ids = macie.list_findings(findingCriteria=criteria)["findingIds"]
    if not ids:
        return []
    found = macie.get_findings(findingIds=ids)["findings"]
    return sorted(found, key=lambda one: one["resourcesAffected"]["s3Object"]["key"])


def counts(finding: dict[str, Any]) -> dict[str, int]:
    """Return how often each identifier was found."""
    result = finding["classificationDetails"]["result"]
    found = {
        one["type"]: one["count"]
        for part in result["sensitiveData"]
        for one in part["detections"]
    }
    customs = result["customDataIdentifiers"]["detections"]
    return {**found, **{one["name"]: one["count"] for one in customs}}


def detection(finding: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return one detection of a finding."""
    for part in finding["classificationDetails"]["result"]["sensitiveData"]:
        for one in part["detections"]:
            if one["type"] == kind:
                return one
    raise AssertionError(json.dumps(finding, default=str))


@pytest.fixture(scope="package")
def desk(_running: Connection) -> Connection:
    """An endpoint in which Macie is enabled."""
    _running.control("POST", "reset")
    client.install(_running)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    boto3.client("macie2").enable_macie()
    return _running
