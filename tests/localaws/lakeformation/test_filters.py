"""Data cells filters: what may be said of rows and columns."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import ACCOUNT, refused
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import Analyst, cells, grant, principal, table

Aws = Callable[[str], Any]
PLACE = {"TableCatalogId": ACCOUNT, "DatabaseName": "desk", "TableName": "people"}
GOOD = [
    "true",
    "country = 'US'",
    "age >= 18 and not (tier in ('gold', 'none') or name like 'A%')",
    "AGE BETWEEN -1 AND 50 OR tier IS NOT NULL",
]
WRONG = [
    ("age > '18'", "not of the type"),
    ("name = 5", "not of the type"),
    ("age = phone", "compared with constants"),
    ("lower(name) = 'ada'", "begins with a column"),
    ("18 < age", "begins with a column"),
    ("age IN (SELECT 1)", "not supported"),
    ("age + 1 = 2", "begins with a column"),
    ("salary > 5", "does not exist"),
    ("country IS NULL", "partition column"),
    ("age LIKE '1%'", "is no text"),
    ("age > 5 UNION SELECT 1", "cannot be parsed"),
    ("age > 5 ORDER BY 1", "cannot be parsed"),
    ("age > ", "cannot be parsed"),
]


@pytest.fixture
def filters(aws: Aws) -> Any:
    """Lake Formation, with a lake."""
    lake.make()
    return aws("lakeformation")


def data(name: str, rows: Any, **columns: Any) -> dict[str, Any]:
    """Return the data of a filter."""
    chosen = columns or {"ColumnWildcard": {}}
    return {"TableData": {**PLACE, "Name": name, "RowFilter": rows, **chosen}}


def test_a_filter_lives(filters: Any) -> None:
    filters.create_data_cells_filter(
        **data("us", {"FilterExpression": "country = 'US'"}, ColumnNames=["NAME"])
    )
    found = filters.get_data_cells_filter(**PLACE, Name="us")["DataCellsFilter"]
    assert found["ColumnNames"] == ["name"]
    assert found["RowFilter"] == {"FilterExpression": "country = 'US'"}
    with pytest.raises(filters.exceptions.AlreadyExistsException):
        filters.create_data_cells_filter(**data("us", {"AllRowsWildcard": {}}))
    change = data("us", {"AllRowsWildcard": {}})
    filters.update_data_cells_filter(**change)
    change["TableData"]["VersionId"] = found["VersionId"]
    with pytest.raises(filters.exceptions.ConcurrentModificationException):
        filters.update_data_cells_filter(**change)
    on = {"CatalogId": ACCOUNT, "DatabaseName": "desk", "Name": "people"}
    listed = filters.list_data_cells_filter(Table=on)["DataCellsFilters"]
    assert [one["RowFilter"] for one in listed] == [{"AllRowsWildcard": {}}]
    desk = Analyst("desk")
    named = {"DataCellsFilter": {**PLACE, "Name": "us"}}
    grant(desk.arn, named)
    filters.delete_data_cells_filter(**PLACE, Name="us")
    mine = filters.list_permissions(Principal=principal(desk.arn))
    assert mine["PrincipalResourcePermissions"] == []
    for ask in (filters.get_data_cells_filter, filters.delete_data_cells_filter):
        with pytest.raises(filters.exceptions.EntityNotFoundException):
            ask(**PLACE, Name="us")
    with pytest.raises(filters.exceptions.EntityNotFoundException):
        grant(desk.arn, named)


def test_expressions(filters: Any) -> None:
    for place, text in enumerate(GOOD):
        rows = {"FilterExpression": text}
        filters.create_data_cells_filter(**data(f"good{place}", rows))
    for text, said in WRONG:
        with pytest.raises(filters.exceptions.InvalidInputException, match=said):
            filters.create_data_cells_filter(**data("bad", {"FilterExpression": text}))
    with pytest.raises(ClientError, match="part of a nested column"):
        filters.create_data_cells_filter(
            **data("bad", {"AllRowsWildcard": {}}, ColumnNames=["name.first"])
        )
    with pytest.raises(ClientError, match="nested columns"):
        filters.create_data_cells_filter(
            **data("bad", {"FilterExpression": "name.first = 'Ada'"})
        )
    for wrong in (
        data("bad", {}),
        data("bad", {"AllRowsWildcard": {}, "FilterExpression": "true"}),
        data("bad", {"AllRowsWildcard": {}}, ColumnNames=["salary"]),
        data("bad", {"AllRowsWildcard": {}}, ColumnNames=["name"], ColumnWildcard={}),
    ):
        with pytest.raises(filters.exceptions.InvalidInputException):
            filters.create_data_cells_filter(**wrong)


def test_a_principal_has_a_hundred_filters_of_a_table(filters: Any) -> None:
    who = principal(lake.role("desk"))
    made = [data(f"f{place}", {"AllRowsWildcard": {}}) for place in range(101)]
    for one in made:
        filters.create_data_cells_filter(**one)
    entries = [
        {
            "Id": one["TableData"]["Name"],
            "Principal": who,
            "Resource": {
                "DataCellsFilter": {**PLACE, "Name": one["TableData"]["Name"]}
            },
            "Permissions": ["SELECT"],
        }
        for one in made
    ]
    for start in range(0, 100, 20):
        batch = entries[start : start + 20]
        assert filters.batch_grant_permissions(Entries=batch)["Failures"] == []
    (failed,) = filters.batch_grant_permissions(Entries=entries[100:])["Failures"]
    assert "at most 100 filters" in failed["Error"]["ErrorMessage"]


def test_who_may_make_one(filters: Any) -> None:
    desk = Analyst("desk")
    formation = desk("lakeformation")
    given = data("mine", {"AllRowsWildcard": {}})
    refused(
        lambda: formation.create_data_cells_filter(**given),
        code="AccessDeniedException",
    )
    grant(desk.arn, table(), PermissionsWithGrantOption=["SELECT"])
    formation.create_data_cells_filter(**given)
    other = Analyst("other")
    assert other("lakeformation").list_data_cells_filter()["DataCellsFilters"] == []
    grant(other.arn, cells("yours", "age > 1"), "DESCRIBE")
    listed = other("lakeformation").list_data_cells_filter()["DataCellsFilters"]
    assert [one["Name"] for one in listed] == ["yours"]
    boto3.client("glue").delete_table(DatabaseName="desk", Name="people")
    assert filters.list_data_cells_filter()["DataCellsFilters"] == []
