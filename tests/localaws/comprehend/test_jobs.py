"""Jobs over documents in S3: what they write, with whose rights, and how they end."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.comprehend.conftest import BUCKET, role

READER = "arn:aws:iam::123456789012:role/reader"
ENDED = ("COMPLETED", "FAILED", "STOPPED")
LINES = "My name is Ada Lovelace.\n\nCall (212) 555-0147 or a@example.com.\n"
EVERYTHING = {"PiiEntityTypes": ["ALL"], "MaskMode": "MASK", "MaskCharacter": "#"}


@pytest.fixture
def comprehend(desk: Connection) -> Any:
    return boto3.client("comprehend")


def put(key: str, body: str | bytes) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=raw)


def start(comprehend: Any, prefix: str, mode: str = "ONLY_OFFSETS", **more: Any) -> str:
    given = {
        "InputDataConfig": {
            "S3Uri": f"s3://{BUCKET}/{prefix}",
            "InputFormat": more.pop("form", "ONE_DOC_PER_LINE"),
        },
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/out"},
        "DataAccessRoleArn": READER,
        "LanguageCode": "en",
        "Mode": mode,
        **more,
    }
    answer = comprehend.start_pii_entities_detection_job(**given)
    assert answer["JobStatus"] == "SUBMITTED"
    return answer["JobId"]


def ended(comprehend: Any, job: str) -> dict[str, Any]:
    for _ in range(600):
        answer = comprehend.describe_pii_entities_detection_job(JobId=job)
        found = answer["PiiEntitiesDetectionJobProperties"]
        if found["JobStatus"] in ENDED:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def output(job: dict[str, Any], name: str) -> str:
    uri = job["OutputDataConfig"]["S3Uri"]
    bucket, _, folder = uri.removeprefix("s3://").partition("/")
    found = boto3.client("s3").get_object(Bucket=bucket, Key=f"{folder}{name}.out")
    return found["Body"].read().decode()


def test_offsets_of_each_line_and_the_bill(comprehend: Any, desk: Connection) -> None:
    put("lines/notes.txt", LINES)
    key = start(comprehend, "lines/", JobName="lines", ClientRequestToken="once")
    assert start(comprehend, "lines/", ClientRequestToken="once") == key
    job = ended(comprehend, key)
    assert job["JobStatus"] == "COMPLETED"
    assert job["EndTime"] > job["SubmitTime"]
    folder = f"s3://{BUCKET}/out/123456789012-PII-{key}/output/"
    assert job["OutputDataConfig"]["S3Uri"] == folder
    rows = [json.loads(line) for line in output(job, "notes.txt").splitlines()]
    assert [(one["File"], one["Line"]) for one in rows] == [
        ("notes.txt", number) for number in range(3)
    ]
    places = [
        [(e["Type"], e["BeginOffset"], e["EndOffset"]) for e in row["Entities"]]
        for row in rows
    ]
    assert places == [[("NAME", 11, 23)], [], [("PHONE", 5, 19), ("EMAIL", 23, 36)]]
    bill = desk.control("GET", "bill")["lines"]
    (line,) = (one for one in bill if one["resource"] == "lines")
    assert (line["quantity"], line["unit"], line["cost"]) == (6, "units", 0.0006)


def test_redaction_masks_or_replaces(comprehend: Any) -> None:
    put("masked/a.txt", LINES)
    put("masked/b.txt", "Ada Lovelace lives at 12 Oak Street, Boston, MA 02110.")
    masked = start(comprehend, "masked/", "ONLY_REDACTION", RedactionConfig=EVERYTHING)
    replaced = start(
        comprehend,
        "masked/b",
        "ONLY_REDACTION",
        form="ONE_DOC_PER_FILE",
        RedactionConfig={"PiiEntityTypes": ["NAME"]},
    )
    job = ended(comprehend, masked)
    assert output(job, "a.txt") == (
        "My name is ### ########.\n\nCall ##### ######## or #############.\n"
    )
    assert output(job, "b.txt") == (
        "### ######## lives at ## ### ####### ####### ## #####.\n"
    )
    job = ended(comprehend, replaced)
    text = "[NAME] lives at 12 Oak Street, Boston, MA 02110."
    assert output(job, "b.txt") == text
    mode = job["RedactionConfig"]["MaskMode"]
    assert mode == "REPLACE_WITH_PII_ENTITY_TYPE"


def test_the_role_is_held_to_its_policies(comprehend: Any) -> None:
    put("held/a.txt", LINES)
    reads = {"Effect": "Allow", "Action": ["s3:List*", "s3:Get*"], "Resource": "*"}
    mute = role("mute", reads)
    other = role("other", reads, service="lambda")
    jobs = {
        one: start(comprehend, "held/", DataAccessRoleArn=one) for one in (mute, other)
    }
    job = ended(comprehend, jobs[mute])
    assert job["JobStatus"] == "FAILED"
    assert "is not authorized to perform: s3:PutObject" in job["Message"]
    job = ended(comprehend, jobs[other])
    assert job["JobStatus"] == "FAILED"
    assert "cannot assume the role" in job["Message"]


def test_bad_documents_fail_with_their_names(comprehend: Any) -> None:
    put("bad/latin.txt", b"caf\xe9")
    latin = ended(comprehend, start(comprehend, "bad/latin"))
    assert "latin.txt is not encoded in UTF-8" in latin["Message"]
    nothing = ended(comprehend, start(comprehend, "none/"))
    assert nothing["JobStatus"] == "FAILED"
    assert nothing["Message"].startswith("NO_FILES_FOUND")


def test_a_job_is_stopped_listed_and_tagged(comprehend: Any) -> None:
    put("long/a.txt", "Ada Lovelace of 12 Oak Street, Boston, MA 02110.\n" * 20_000)
    tags = [{"Key": "desk", "Value": "complaints"}]
    key = start(comprehend, "long/", JobName="long", Tags=tags)
    answer = comprehend.stop_pii_entities_detection_job(JobId=key)
    assert answer == {**answer, "JobId": key, "JobStatus": "STOP_REQUESTED"}
    job = ended(comprehend, key)
    assert job["JobStatus"] == "STOPPED"
    again = comprehend.stop_pii_entities_detection_job(JobId=key)
    assert again["JobStatus"] == "STOPPED"
    listed = comprehend.list_pii_entities_detection_jobs(Filter={"JobName": "long"})
    (row,) = listed["PiiEntitiesDetectionJobPropertiesList"]
    assert row["JobId"] == key
    comprehend.tag_resource(
        ResourceArn=job["JobArn"], Tags=[{"Key": "a", "Value": "1"}]
    )
    comprehend.untag_resource(ResourceArn=job["JobArn"], TagKeys=["desk"])
    found = comprehend.list_tags_for_resource(ResourceArn=job["JobArn"])["Tags"]
    assert found == [{"Key": "a", "Value": "1"}]


@pytest.mark.parametrize(
    ("mode", "redaction", "words"),
    [
        ("ONLY_REDACTION", None, "RedactionConfig with PiiEntityTypes is required"),
        ("ONLY_OFFSETS", EVERYTHING, "for the mode ONLY_REDACTION"),
        (
            "ONLY_REDACTION",
            {"PiiEntityTypes": ["ALL"], "MaskCharacter": "*"},
            "for the mask mode MASK",
        ),
    ],
)
def test_modes_and_their_settings_have_to_agree(
    comprehend: Any, mode: str, redaction: Any, words: str
) -> None:
    more = {"RedactionConfig": redaction} if redaction else {}
    with pytest.raises(ClientError, match=words) as refused:
        start(comprehend, "lines/", mode, **more)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


def test_an_unknown_job_is_not_found(comprehend: Any) -> None:
    with pytest.raises(comprehend.exceptions.JobNotFoundException):
        comprehend.describe_pii_entities_detection_job(JobId="nobody")
