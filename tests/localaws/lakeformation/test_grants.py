"""Granting, taking back and listing permissions."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import ACCOUNT, refused
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import (
    Analyst,
    cells,
    grant,
    principal,
    revoke,
    table,
)

Aws = Callable[[str], Any]
OPTION = "PermissionsWithGrantOption"


@pytest.fixture
def desk(aws: Aws) -> Analyst:
    """A lake, and an analyst to whom nothing is granted."""
    lake.make()
    return Analyst("desk")


def listed(client: Any = None, **given: Any) -> list[tuple[str, list[str], list[str]]]:
    """Return kind, permissions and options of each grant that is listed."""
    formation = client or boto3.client("lakeformation")
    found = formation.list_permissions(**given)["PrincipalResourcePermissions"]
    return [
        (next(iter(one["Resource"])), one["Permissions"], one[OPTION]) for one in found
    ]


def test_grants_add_up_and_are_taken_back(desk: Analyst) -> None:
    mine = {"Principal": principal(desk.arn)}
    assert listed(**mine) == []
    grant(desk.arn, table(), "SELECT")
    grant(desk.arn, table(), "DESCRIBE", "ALTER", **{OPTION: ["ALTER"]})
    grant(desk.arn, table(ColumnNames=["AGE", "name"]))
    assert listed(**mine) == [
        ("Table", ["ALTER", "DESCRIBE", "SELECT"], ["ALTER"]),
        ("TableWithColumns", ["SELECT"], []),
    ]
    found = boto3.client("lakeformation").list_permissions(**mine)
    inner = found["PrincipalResourcePermissions"][1]["Resource"]["TableWithColumns"]
    assert inner["ColumnNames"] == ["age", "name"]
    revoke(desk.arn, table(), "ALTER", "SELECT")
    assert listed(**mine)[0] == ("Table", ["DESCRIBE"], [])
    with pytest.raises(ClientError, match=r"Grantee does not have: \[SELECT\]"):
        revoke(desk.arn, table(), "SELECT")
    grant(desk.arn, cells("us", "country = 'US'"))
    about = {"Resource": table()}
    assert [kind for kind, _, _ in listed(**about)] == [
        "Table",
        "Table",
        "TableWithColumns",
    ]
    related = listed(**about, IncludeRelated="TRUE")
    assert "DataCellsFilter" in [kind for kind, _, _ in related]
    assert {kind for kind, _, _ in listed(ResourceType="DATABASE")} == {"Database"}


def test_everybody_is_listed_until_the_table_is_governed(desk: Analyst) -> None:
    formation = boto3.client("lakeformation")
    free = {"Principal": principal(lake.EVERYBODY), "ResourceType": "TABLE"}
    assert len(listed(**free)) == 2
    revoke(lake.EVERYBODY, table(), "ALL")
    assert len(listed(**free)) == 1
    with pytest.raises(formation.exceptions.InvalidInputException):
        revoke(lake.EVERYBODY, table(), "ALL")
    grant(lake.EVERYBODY, table(), "ALL")
    assert len(listed(**free)) == 2
    with pytest.raises(ClientError, match="does not act"):
        grant(lake.EVERYBODY, table(), "SELECT")
    path = formation.get_effective_permissions_for_path(
        ResourceArn=f"{lake.REGISTERED}/bags"
    )["Permissions"]
    assert [one["Resource"]["Table"]["Name"] for one in path] == ["bags"]


def test_wrong_inputs(desk: Analyst) -> None:
    errors = boto3.client("lakeformation").exceptions
    for resource, permission in (
        (table(ColumnNames=["name"]), "INSERT"),
        ({"Database": {"Name": "desk"}}, "SELECT"),
        (table(ColumnNames=["salary"]), "SELECT"),
        ({**table(), "Database": {"Name": "desk"}}, "SELECT"),
        ({"Table": {"DatabaseName": "desk"}}, "SELECT"),
    ):
        with pytest.raises(errors.InvalidInputException):
            grant(desk.arn, resource, permission)
    for resource in (table("nothing"), {"Database": {"Name": "nothing"}}):
        with pytest.raises(errors.EntityNotFoundException):
            grant(desk.arn, resource, "DESCRIBE")
    with pytest.raises(errors.InvalidInputException, match="Invalid principal"):
        grant(f"{desk.arn}-2", table())
    exclude = table(ColumnWildcard={"ExcludedColumnNames": ["phone"]})
    with pytest.raises(errors.InvalidInputException, match="include columns"):
        grant(desk.arn, exclude, **{OPTION: ["SELECT"]})
    with pytest.raises(ClientError, match="another account"):
        grant("arn:aws:iam::210987654321:role/other", table())
    with pytest.raises(ClientError, match="with an attribute"):
        grant(desk.arn, table(), Condition={"Expression": "true"})


def test_a_batch_says_which_failed(desk: Analyst) -> None:
    formation = boto3.client("lakeformation")
    good = {"Id": "1", "Principal": principal(desk.arn), "Resource": table()}
    entries = [
        good | {"Permissions": ["SELECT"]},
        good | {"Id": "2", "Permissions": ["CREATE_TABLE"]},
    ]
    failed = formation.batch_grant_permissions(Entries=entries)["Failures"]
    assert [one["RequestEntry"]["Id"] for one in failed] == ["2"]
    assert failed[0]["Error"]["ErrorCode"] == "InvalidInputException"
    assert listed(Principal=principal(desk.arn)) == [("Table", ["SELECT"], [])]
    formation.batch_revoke_permissions(Entries=entries[:1])
    assert listed(Principal=principal(desk.arn)) == []


def test_who_is_no_administrator_passes_on_what_it_may(desk: Analyst) -> None:
    formation, other = desk("lakeformation"), Analyst("other")
    wanted = {
        "Principal": principal(other.arn),
        "Resource": table(ColumnNames=["name"]),
        "Permissions": ["SELECT"],
    }

    def pass_on() -> Any:
        return formation.grant_permissions(**wanted)

    refused(pass_on, "Resource does not exist or", "AccessDeniedException")
    grant(desk.arn, table(ColumnNames=["name", "age"]), **{OPTION: ["SELECT"]})
    pass_on()
    wanted["Resource"] = table(ColumnNames=["name", "phone"])
    refused(pass_on, code="AccessDeniedException")
    assert listed(other("lakeformation")) == [("TableWithColumns", ["SELECT"], [])]
    everyone = principal(f"{ACCOUNT}:IAMPrincipals")
    boto3.client("lakeformation").grant_permissions(
        Principal=everyone,
        Resource={"Table": {"DatabaseName": "desk", "TableWildcard": {}}},
        Permissions=["SELECT"],
    )
    assert len(listed(other("lakeformation"))) == 2
