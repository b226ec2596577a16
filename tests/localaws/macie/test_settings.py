"""Macie itself, identifiers, allow lists, filters: kept, checked, refused."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.macie.conftest import BUCKET, create, put

CREATE = {"name": "staff", "regex": r"[A-Z]\d{5}", "keywords": ["staff id"]}


@pytest.fixture
def macie(desk: Connection) -> Any:
    return boto3.client("macie2")


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return refused.value.response["Error"]["Code"]


def test_macie_is_enabled_once_with_its_role(macie: Any) -> None:
    session = macie.get_macie_session()
    assert session["status"] == "ENABLED"
    assert session["serviceRole"].endswith("/AWSServiceRoleForAmazonMacie")
    boto3.client("iam").get_role(RoleName="AWSServiceRoleForAmazonMacie")
    with pytest.raises(ClientError, match="already been enabled") as refused:
        macie.enable_macie()
    assert code(refused) == "ConflictException"
    macie.update_macie_session(findingPublishingFrequency="ONE_HOUR", status="PAUSED")
    assert macie.get_macie_session()["findingPublishingFrequency"] == "ONE_HOUR"
    with pytest.raises(ClientError, match="Macie is paused"):
        create("paused")
    macie.update_macie_session(status="ENABLED")


@pytest.mark.parametrize(
    ("text", "more", "count"),
    [
        ("staff id A12345 and staff id B12345", {}, 2),
        ("A12345 is the staff id", {}, 0),
        ("staff id" + "." * 60 + "A12345", {}, 0),
        ("staff id" + "." * 60 + "A12345", {"maximumMatchDistance": 100}, 1),
        ("STAFF ID: A12345", {}, 1),
        ("staff id A12345, Z99999", {"ignoreWords": ["Z99999"]}, 1),
        ("A12345 B12345", {"keywords": []}, 2),
    ],
)
def test_an_identifier_is_tried_on_a_text(
    macie: Any, text: str, more: dict[str, Any], count: int
) -> None:
    given = {"regex": CREATE["regex"], "keywords": CREATE["keywords"], **more}
    answer = macie.test_custom_data_identifier(sampleText=text, **given)
    assert answer["matchCount"] == count


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"regex": "("}, "The regex is not valid"),
        ({"regex": "a*"}, "must not match an empty text"),
        ({"regex": "a" * 513}, "512 characters"),
        ({"keywords": ["id"]}, "3 to 90 characters"),
        ({"ignoreWords": ["abc"]}, "4 to 90 characters"),
        ({"maximumMatchDistance": 301}, "1 to 300"),
        (
            {
                "severityLevels": [
                    {"occurrencesThreshold": 9, "severity": "LOW"},
                    {"occurrencesThreshold": 5, "severity": "HIGH"},
                ]
            },
            "ascend from LOW to HIGH",
        ),
    ],
)
def test_an_identifier_keeps_to_the_limits(
    macie: Any, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        macie.create_custom_data_identifier(**{**CREATE, **more})
    assert code(refused) == "ValidationException"


def test_a_regex_that_never_ends_is_stopped(macie: Any) -> None:
    with pytest.raises(ClientError, match="takes too long"):
        macie.test_custom_data_identifier(regex=r"(a|aa)+$", sampleText="a" * 60 + "b")


def test_identifiers_are_listed_tagged_and_deleted(macie: Any) -> None:
    key = macie.create_custom_data_identifier(**CREATE, clientToken="once")
    again = macie.create_custom_data_identifier(**CREATE, clientToken="once")
    assert again["customDataIdentifierId"] == key["customDataIdentifierId"]
    key = key["customDataIdentifierId"]
    found = macie.get_custom_data_identifier(id=key)
    assert (found["regex"], found["maximumMatchDistance"]) == (CREATE["regex"], 50)
    macie.tag_resource(resourceArn=found["arn"], tags={"desk": "on-time"})
    tags = macie.list_tags_for_resource(resourceArn=found["arn"])["tags"]
    assert tags == {"desk": "on-time"}
    macie.untag_resource(resourceArn=found["arn"], tagKeys=["desk"])
    assert macie.list_tags_for_resource(resourceArn=found["arn"])["tags"] == {}
    macie.delete_custom_data_identifier(id=key)
    ids = [one["id"] for one in macie.list_custom_data_identifiers()["items"]]
    assert key not in ids
    batch = macie.batch_get_custom_data_identifiers(ids=[key, "nobody"])
    assert [one["deleted"] for one in batch["customDataIdentifiers"]] == [True]
    assert batch["notFoundIdentifierIds"] == ["nobody"]
    managed = macie.list_managed_data_identifiers()["items"]
    assert {"id": "NAME", "category": "PERSONAL_INFORMATION"} in managed
    assert not any("EMAIL" in one["id"] for one in managed)


def test_an_allow_list_says_whether_it_can_be_read(macie: Any) -> None:
    place = {"bucketName": BUCKET, "objectKey": "lists/words.txt"}
    key = macie.create_allow_list(
        name="words", clientToken="words", criteria={"s3WordsList": place}
    )["id"]
    status = macie.get_allow_list(id=key)["status"]
    assert status["code"] == "S3_OBJECT_NOT_FOUND"
    put("lists/words.txt", "nobody\n")
    assert macie.get_allow_list(id=key)["status"] == {"code": "OK"}
    with pytest.raises(ClientError, match="type of an allow list"):
        macie.update_allow_list(id=key, name="words", criteria={"regex": "abc"})
    macie.update_allow_list(
        id=key, name="no words", criteria={"s3WordsList": place}, description="d"
    )
    names = [one["name"] for one in macie.list_allow_lists()["allowLists"]]
    assert "no words" in names
    with pytest.raises(ClientError, match="either regex or"):
        macie.create_allow_list(name="none", clientToken="none", criteria={})
    macie.delete_allow_list(id=key, ignoreJobChecks="TRUE")
    with pytest.raises(ClientError) as refused:
        macie.get_allow_list(id=key)
    assert code(refused) == "ResourceNotFoundException"


def test_filters_are_kept_in_order(macie: Any) -> None:
    criteria = {"criterion": {"severity.description": {"eq": ["Low"]}}}
    made = [
        macie.create_findings_filter(
            name=f"low {n}", action="NOOP", findingCriteria=criteria, position=9 - n
        )["id"]
        for n in range(2)
    ]
    rows = macie.list_findings_filters()["findingsFilterListItems"]
    names = [one["name"] for one in rows if one["name"].startswith("low")]
    assert names == ["low 1", "low 0"]
    macie.update_findings_filter(id=made[0], name="lowest")
    assert macie.get_findings_filter(id=made[0])["name"] == "lowest"
    with pytest.raises(ClientError, match="already exists"):
        macie.update_findings_filter(id=made[1], name="lowest")
    for key in made:
        macie.delete_findings_filter(id=key)
    with pytest.raises(ClientError, match="wasn't found"):
        macie.delete_findings_filter(id=made[0])


def test_what_does_not_act_is_refused_by_name(macie: Any) -> None:
    with pytest.raises(ClientError, match="macie2:CreateSampleFindings does not act"):
        macie.create_sample_findings()
    with pytest.raises(ClientError, match="macie2:SearchResources does not act"):
        macie.search_resources()


def test_disabled_it_has_nothing_and_does_nothing(macie: Any) -> None:
    macie.create_custom_data_identifier(**CREATE)
    macie.disable_macie()
    with pytest.raises(ClientError, match="Macie is not enabled") as refused:
        macie.list_findings()
    assert code(refused) == "AccessDeniedException"
    with pytest.raises(ClientError, match="Macie is not enabled"):
        macie.get_macie_session()
    macie.enable_macie()
    assert macie.list_custom_data_identifiers()["items"] == []
