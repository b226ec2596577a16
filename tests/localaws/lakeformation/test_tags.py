"""LF-Tags: made, attached, inherited, searched, and granted by."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.localaws.access import refused
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import Analyst, grant, table
from tests.localaws.services.lake import rows

Aws = Callable[[str], Any]
DATABASE = {"Database": {"Name": "desk"}}


@pytest.fixture
def tags(aws: Aws) -> Any:
    """Lake Formation, with a lake and two tags."""
    lake.make()
    formation = aws("lakeformation")
    formation.create_lf_tag(TagKey="Class", TagValues=["public", "personal"])
    formation.create_lf_tag(TagKey="team", TagValues=["desk", "bags"])
    return formation


def attach(resource: Any, **pairs: str) -> None:
    """Attach tags."""
    given = [{"TagKey": key, "TagValues": [value]} for key, value in pairs.items()]
    answer = boto3.client("lakeformation").add_lf_tags_to_resource(
        Resource=resource, LFTags=given
    )
    assert answer["Failures"] == []


def policy(kind: str = "TABLE", **pairs: list[str]) -> dict[str, Any]:
    """Return an LF-Tag policy as a resource."""
    expression = [{"TagKey": key, "TagValues": value} for key, value in pairs.items()]
    return {"LFTagPolicy": {"ResourceType": kind, "Expression": expression}}


def test_a_tag_lives(tags: Any) -> None:
    errors = tags.exceptions
    with pytest.raises(errors.AlreadyExistsException):
        tags.create_lf_tag(TagKey="CLASS", TagValues=["x"])
    tags.update_lf_tag(
        TagKey="class", TagValuesToAdd=["secret"], TagValuesToDelete=["public"]
    )
    assert tags.get_lf_tag(TagKey="class")["TagValues"] == ["personal", "secret"]
    assert [one["TagKey"] for one in tags.list_lf_tags()["LFTags"]] == ["class", "team"]
    attach(DATABASE, **{"class": "secret"})
    with pytest.raises(errors.InvalidInputException, match="Update not allowed"):
        tags.update_lf_tag(TagKey="class", TagValuesToDelete=["secret"])
    with pytest.raises(errors.EntityNotFoundException):
        attach(DATABASE, team="nobody")
    tags.delete_lf_tag(TagKey="class")
    assert tags.get_resource_lf_tags(Resource=DATABASE)["LFTagOnDatabase"] == []
    with pytest.raises(errors.EntityNotFoundException):
        tags.get_lf_tag(TagKey="class")
    refused(
        lambda: Analyst("desk")("lakeformation").list_lf_tags(),
        code="AccessDeniedException",
    )


def test_tags_are_inherited_and_overridden(tags: Any) -> None:
    attach(DATABASE, team="desk", **{"class": "public"})
    attach(table(ColumnNames=["phone"]), **{"class": "personal"})
    attach(table("bags"), team="bags")
    found = tags.get_resource_lf_tags(Resource=table())
    columns = {
        one["Name"]: {tag["TagKey"]: tag["TagValues"][0] for tag in one["LFTags"]}
        for one in found["LFTagsOnColumns"]
    }
    assert columns["phone"] == {"class": "personal", "team": "desk"}
    assert columns["name"] == {"class": "public", "team": "desk"}
    own = tags.get_resource_lf_tags(Resource=table(), ShowAssignedLFTags=True)
    assert [one["Name"] for one in own["LFTagsOnColumns"]] == ["phone"]
    search = tags.search_tables_by_lf_tags(
        Expression=[{"TagKey": "class", "TagValues": ["personal"]}]
    )["TableList"]
    assert [one["Table"]["Name"] for one in search] == ["people"]
    assert [one["Name"] for one in search[0]["LFTagsOnColumns"]] == ["phone"]
    both = [
        {"TagKey": "class", "TagValues": ["public"]},
        {"TagKey": "team", "TagValues": ["bags", "nobody"]},
    ]
    with pytest.raises(tags.exceptions.EntityNotFoundException):
        tags.search_tables_by_lf_tags(Expression=both)
    both[1]["TagValues"] = ["bags"]
    search = tags.search_tables_by_lf_tags(Expression=both)["TableList"]
    assert [one["Table"]["Name"] for one in search] == ["bags"]
    found = tags.search_databases_by_lf_tags(Expression=both[:1])["DatabaseList"]
    assert [one["Database"]["Name"] for one in found] == ["desk"]
    gone = [{"TagKey": "team", "TagValues": ["bags"]}]
    tags.remove_lf_tags_from_resource(Resource=table("bags"), LFTags=gone)
    failed = tags.remove_lf_tags_from_resource(Resource=table("bags"), LFTags=gone)
    assert failed["Failures"][0]["Error"]["ErrorCode"] == "EntityNotFoundException"


def test_a_grant_by_tags_shows_the_columns_that_have_them(tags: Any) -> None:
    lake.govern("people", "bags")
    desk = Analyst("desk")
    attach(DATABASE, **{"class": "public"})
    attach(table(ColumnNames=["phone", "name"]), **{"class": "personal"})
    attach(table("bags"), **{"class": "personal"})
    grant(desk.arn, policy(**{"class": ["public"]}))
    assert rows(desk, "SELECT * FROM people ORDER BY age")[:2] == [
        ["age", "tier", "country"],
        ["29", "gold", "GB"],
    ]
    seen = desk("glue").get_tables(DatabaseName="desk")["TableList"]
    assert [one["Name"] for one in seen] == ["people"]
    with pytest.raises(tags.exceptions.InvalidInputException):
        grant(desk.arn, policy("DATABASE", **{"class": ["public"]}))
