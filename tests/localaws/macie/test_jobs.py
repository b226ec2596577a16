"""Classification jobs: what they read, what they find, and where."""

import gzip
import io
import json
import zipfile
from typing import Any

import boto3
import fastavro
import pandas as pd
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.macie.conftest import (
    BUCKET,
    ROWS,
    counts,
    create,
    detection,
    findings,
    put,
    table,
    waited,
)

FOUND = {
    "NAME": 2,
    "USA_SOCIAL_SECURITY_NUMBER": 2,
    "CREDIT_CARD_NUMBER": 2,
    "PHONE_NUMBER": 2,
    "DATE_OF_BIRTH": 2,
}
NOTE = """Dear desk,
my name is Ada Lovelace and
my ssn is 123-45-6789, phone 212-555-0147.
"""


@pytest.fixture
def macie(desk: Connection) -> Any:
    return boto3.client("macie2")


def records() -> list[dict[str, str]]:
    return [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


def packed(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


def avro() -> bytes:
    buffer = io.BytesIO()
    fields = [{"name": name, "type": "string"} for name in ROWS[0]]
    schema = {"type": "record", "name": "passenger", "fields": fields}
    fastavro.writer(buffer, schema, records())
    return buffer.getvalue()


def test_each_format_gives_up_the_same_and_says_where(
    macie: Any, desk: Connection
) -> None:
    rows = records()
    put("formats/a.csv", table())
    put("formats/b.tsv", table().replace(",", "\t"))
    put("formats/c.json", json.dumps({"people": rows}))
    put("formats/d.jsonl", "".join(f"{json.dumps(one)}\n" for one in rows))
    put("formats/e.parquet", pd.DataFrame(rows).to_parquet())
    put("formats/f.avro", avro())
    put("formats/g.csv.gz", gzip.compress(table().encode()))
    put("formats/h.zip", packed(x_csv=table(), y_txt="Nothing."))
    put("formats/i.txt", NOTE)
    put("formats/j.pdf", b"%PDF-1.7 123-45-6789")
    put("formats/k.txt", "Nothing of anybody's.")
    job = create("formats", "formats/")
    done = waited(job)
    assert done["statistics"]["numberOfRuns"] == 1.0
    assert done["lastRunErrorStatus"] == {"code": "NONE"}
    found = findings(job)
    keys = [one["resourcesAffected"]["s3Object"]["key"][-5:] for one in found]
    assert len(found) == 9, keys
    assert [counts(one) for one in found[:8]] == [FOUND] * 8
    assert counts(found[8]) == {
        "NAME": 1,
        "USA_SOCIAL_SECURITY_NUMBER": 1,
        "PHONE_NUMBER": 1,
    }
    places = [detection(one, "USA_SOCIAL_SECURITY_NUMBER") for one in found]
    cells = [
        {"row": 2, "column": 2, "columnName": "ssn"},
        {"row": 3, "column": 2, "columnName": "ssn"},
    ]
    for number in (0, 1, 6, 7):
        assert places[number]["occurrences"]["cells"] == cells
    assert places[2]["occurrences"]["records"] == [
        {"jsonPath": "$.people[0].ssn", "recordIndex": 0},
        {"jsonPath": "$.people[1].ssn", "recordIndex": 0},
    ]
    for number in (3, 4, 5):
        assert places[number]["occurrences"]["records"] == [
            {"jsonPath": "$.ssn", "recordIndex": 0},
            {"jsonPath": "$.ssn", "recordIndex": 1},
        ]
    assert places[8]["occurrences"]["lineRanges"] == [
        {"start": 3, "end": 3, "startColumn": 11}
    ]
    first = found[0]
    assert first["type"] == "SensitiveData:S3Object/Multiple"
    assert first["severity"] == {"description": "High", "score": 3}
    details = first["classificationDetails"]
    assert details["result"]["mimeType"] == "text/csv"
    assert details["result"]["sizeClassified"] == len(table())
    assert first["resourcesAffected"]["s3Bucket"]["name"] == BUCKET
    said = boto3.client("logs").get_log_events(
        logGroupName="/aws/macie/classificationjobs", logStreamName=job
    )
    lines = [one["message"] for one in said["events"]]
    assert any("j.pdf: skipped, UNSUPPORTED_FILE_TYPE_EXC" in one for one in lines)
    bill = desk.control("GET", "bill")["lines"]
    (line,) = (one for one in bill if one["resource"] == "formats")
    assert line["unit"] == "GB"
    assert line["cost"] > 0


def test_identifiers_are_chosen_and_text_is_allowed(macie: Any) -> None:
    put("chosen/a.csv", table())
    mail = macie.create_custom_data_identifier(
        name="e-mail",
        regex=r"[\w.]+@example\.\w+",
        keywords=["email"],
        severityLevels=[{"occurrencesThreshold": 2, "severity": "LOW"}],
    )["customDataIdentifierId"]
    put("lists/allowed.txt", "219-09-9999\nnobody\n")
    place = {"bucketName": BUCKET, "objectKey": "lists/allowed.txt"}
    allowed = macie.create_allow_list(
        name="known", clientToken="known", criteria={"s3WordsList": place}
    )["id"]
    asked: dict[str, dict[str, Any]] = {
        "only": {
            "managedDataIdentifierSelector": "INCLUDE",
            "managedDataIdentifierIds": ["USA_SOCIAL_SECURITY_NUMBER"],
            "allowListIds": [allowed],
        },
        "without": {
            "managedDataIdentifierSelector": "EXCLUDE",
            "managedDataIdentifierIds": ["NAME", "CREDIT_CARD_NUMBER"],
        },
        "recommended": {"managedDataIdentifierSelector": "RECOMMENDED"},
        "own": {
            "managedDataIdentifierSelector": "NONE",
            "customDataIdentifierIds": [mail],
        },
    }
    jobs = {name: create(name, "chosen/", **more) for name, more in asked.items()}
    found = {}
    for name, job in jobs.items():
        waited(job)
        (found[name],) = findings(job)
    card, ssn = "CREDIT_CARD_NUMBER", "USA_SOCIAL_SECURITY_NUMBER"
    left = {name: 2 for name in FOUND if name not in ("NAME", card)}
    assert counts(found["only"]) == {ssn: 1}
    assert counts(found["without"]) == left
    assert counts(found["recommended"]) == {card: 2, ssn: 2}
    assert counts(found["own"]) == {"e-mail": 2}
    assert found["own"]["type"] == "SensitiveData:S3Object/CustomIdentifier"
    assert found["own"]["severity"]["description"] == "Low"
    assert found["only"]["type"] == "SensitiveData:S3Object/Personal"


def test_a_finding_shows_fifteen_places_and_a_list_counts_them(macie: Any) -> None:
    lines = "".join(f"ssn 123-45-{number:04}\n" for number in range(1, 121))
    put("many/a.txt", lines)
    job = create("many", "many/")
    waited(job)
    (found,) = findings(job)
    ssn = detection(found, "USA_SOCIAL_SECURITY_NUMBER")
    assert ssn["count"] == 120
    assert len(ssn["occurrences"]["lineRanges"]) == 15
    assert found["classificationDetails"]["result"]["additionalOccurrences"]
    of_job = {"criterion": {"classificationDetails.jobId": {"eq": [job]}}}
    answer = macie.get_finding_statistics(
        groupBy="severity.description", findingCriteria=of_job
    )
    assert answer["countsByGroup"] == [{"groupKey": "High", "count": 1}]
    kind = "classificationDetails.result.sensitiveData.detections.type"
    for asked, number in (("USA_SOCIAL_SECURITY_NUMBER", 1), ("NAME", 0)):
        both = {"criterion": {**of_job["criterion"], kind: {"eq": [asked]}}}
        ids = macie.list_findings(findingCriteria=both)["findingIds"]
        assert len(ids) == number


def test_scope_sample_and_a_filter_that_archives(macie: Any) -> None:
    for number in range(4):
        put(f"scope/{number}.txt", f"ssn 123-45-678{number}")
    put("scope/tagged.txt", "ssn 123-45-6789", Tagging="public=yes")
    put("scope/big.txt", "ssn 123-45-6789" + " " * 1000)
    put("scope/other.log", "ssn 123-45-6789")
    macie.create_findings_filter(
        name="known",
        action="ARCHIVE",
        findingCriteria={
            "criterion": {"resourcesAffected.s3Object.key": {"eq": ["scope/2.txt"]}}
        },
    )

    def scoped(name: str, *terms: dict[str, Any], **more: Any) -> str:
        base = {"comparator": "STARTS_WITH", "key": "OBJECT_KEY", "values": ["scope/"]}
        size = {"comparator": "LT", "key": "OBJECT_SIZE", "values": ["500"]}
        ending = {"comparator": "EQ", "key": "OBJECT_EXTENSION", "values": ["txt"]}
        tag = {"key": "TAG", "tagValues": [{"key": "public", "value": "yes"}]}
        scoping = {
            "includes": {"and": [{"simpleScopeTerm": t} for t in (base, size, ending)]},
            "excludes": {"and": [{"tagScopeTerm": {**tag, "comparator": "EQ"}}]},
        }
        buckets = [{"accountId": "123456789012", "buckets": [BUCKET]}]
        return create(
            name,
            s3JobDefinition={"bucketDefinitions": buckets, "scoping": scoping},
            **more,
        )

    job, half = scoped("scoped"), scoped("sampled", samplingPercentage=50)
    waited(job)
    found = findings(job)
    keys = [one["resourcesAffected"]["s3Object"]["key"] for one in found]
    assert keys == [f"scope/{number}.txt" for number in range(4)]
    assert [one["archived"] for one in found] == [False, False, True, False]
    waited(half)
    assert len(findings(half)) == 2


def test_a_recurring_job_reads_what_is_new(macie: Any, desk: Connection) -> None:
    put("daily/old.txt", "ssn 123-45-6789")
    job = create(
        "daily",
        "daily/",
        jobType="SCHEDULED",
        initialRun=True,
        scheduleFrequency={"dailySchedule": {}},
    )
    waited(job, "IDLE")
    put("daily/new.txt", "ssn 219-09-9999")
    desk.control("POST", "clock", {"seconds": 86_400})
    for _ in range(600):
        done = waited(job, "IDLE", "RUNNING")
        if done["statistics"]["numberOfRuns"] == 2.0:
            break
    keys = [one["resourcesAffected"]["s3Object"]["key"] for one in findings(job)]
    assert keys == ["daily/new.txt", "daily/old.txt"]
    macie.update_classification_job(jobId=job, jobStatus="USER_PAUSED")
    desk.control("POST", "clock", {"seconds": 86_400})
    paused = macie.describe_classification_job(jobId=job)
    assert paused["jobStatus"] == "USER_PAUSED"
    assert "jobPausedAt" in paused["userPausedDetails"]
    macie.update_classification_job(jobId=job, jobStatus="CANCELLED")
    with pytest.raises(ClientError) as refused:
        macie.update_classification_job(jobId=job, jobStatus="RUNNING")
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    names = [
        one["name"]
        for one in macie.list_classification_jobs(
            filterCriteria={
                "includes": [
                    {"key": "jobStatus", "comparator": "EQ", "values": ["CANCELLED"]}
                ]
            }
        )["items"]
    ]
    assert names == ["daily"]


def test_a_run_is_paused_and_begins_anew(macie: Any) -> None:
    put("long/a.txt", "Ada Lovelace of 12 Oak Street, Boston, MA 02110.\n" * 300)
    job = create("long", "long/")
    macie.update_classification_job(jobId=job, jobStatus="USER_PAUSED")
    assert findings(job) == []
    macie.update_classification_job(jobId=job, jobStatus="RUNNING")
    waited(job)
    (found,) = findings(job)
    assert counts(found) == {"ADDRESS": 300, "NAME": 300}
