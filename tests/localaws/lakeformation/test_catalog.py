"""The Data Catalog shows no more than Lake Formation lets it."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import allow, refused
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import (
    Analyst,
    cells,
    grant,
    principal,
    revoke,
    storage,
    table,
)

Aws = Callable[[str], Any]
DENIED = "AccessDeniedException"
PLACE = {"DatabaseName": "desk", "TableName": "people"}


@pytest.fixture
def desk(aws: Aws) -> Analyst:
    """A governed table and a free one, and an analyst who may ask the catalog."""
    lake.make()
    lake.govern("people")
    return Analyst("desk", allow("glue:*"))


def names(given: Any) -> list[str]:
    """Return the names of a table's columns."""
    every = [*given["StorageDescriptor"]["Columns"], *given.get("PartitionKeys", [])]
    return [one["Name"] for one in every]


def shown(glue: Any) -> dict[str, list[str]]:
    """Return each table that the catalog lists, with its columns."""
    found = glue.get_tables(DatabaseName="desk")["TableList"]
    return {one["Name"]: names(one) for one in found}


def test_tables_and_columns(desk: Analyst) -> None:
    glue = desk("glue")
    assert shown(glue) == {"bags": ["owner", "kilos"]}
    said = refused(
        lambda: glue.get_table(DatabaseName="desk", Name="people"), code=DENIED
    )
    assert "Required Describe on people" in said
    grant(desk.arn, table(ColumnNames=["name", "country"]))
    assert shown(glue)["people"] == ["name", "country"]
    found = glue.get_table(DatabaseName="desk", Name="people")["Table"]
    assert names(found) == ["name", "country"]
    assert found["IsRegisteredWithLakeFormation"]
    whole = boto3.client("glue").get_table(DatabaseName="desk", Name="people")["Table"]
    assert names(whole) == ["name", "phone", "age", "tier", "country"]
    versions = glue.get_table_versions(**PLACE)["TableVersions"]
    assert [names(one["Table"]) for one in versions] == [["name", "country"]]


def test_athena_s_metadata(desk: Analyst) -> None:
    athena, place = desk("athena"), {"CatalogName": "AwsDataCatalog"}
    place["DatabaseName"] = "desk"
    with pytest.raises(ClientError, match="Required Describe on people"):
        athena.get_table_metadata(**place, TableName="people")
    grant(desk.arn, table(ColumnNames=["name"]))
    found = athena.get_table_metadata(**place, TableName="people")["TableMetadata"]
    assert [one["Name"] for one in found["Columns"]] == ["name"]
    assert found["PartitionKeys"] == []
    listed = athena.list_table_metadata(**place)["TableMetadataList"]
    assert sorted(len(one["Columns"]) for one in listed) == [1, 2]
    revoke(lake.EVERYBODY, {"Database": {"Name": "desk"}}, "ALL")
    assert athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"] == []


def test_partitions(desk: Analyst) -> None:
    glue = desk("glue")
    rows = "country IN ('US', 'GB') AND (country <> 'US' OR age > 30) AND age < 60"
    grant(desk.arn, cells("some", rows, ColumnNames=["name", "country"]))
    found = glue.get_partitions(**PLACE)["Partitions"]
    assert sorted(one["Values"][0] for one in found) == ["GB", "US"]
    assert [one["Name"] for one in found[0]["StorageDescriptor"]["Columns"]] == ["name"]
    one = glue.get_partition(**PLACE, PartitionValues=["US"])["Partition"]
    assert one["Values"] == ["US"]
    hidden = glue.get_partition(**PLACE, PartitionValues=["KP"])
    assert hidden["Partition"] == {}
    revoke(desk.arn, cells_of("some"))
    grant(desk.arn, table(ColumnNames=["name"]))
    refused(lambda: glue.get_partitions(**PLACE), "Required Select", DENIED)


def cells_of(name: str) -> dict[str, Any]:
    """Return a data cells filter of the tests as a resource."""
    inner = {"TableCatalogId": lake.ACCOUNT, **PLACE, "Name": name}
    return {"DataCellsFilter": inner}


def test_changes_want_permissions(desk: Analyst) -> None:
    glue = desk("glue")
    revoke(lake.EVERYBODY, {"Database": {"Name": "desk"}}, "ALL")
    refused(lambda: glue.get_database(Name="desk"), "Required Describe on desk", DENIED)
    assert glue.get_databases()["DatabaseList"] == []
    new = {"Name": "new", "StorageDescriptor": storage({"a": "int"}, "x/", lake.LAZY)}
    make = {"DatabaseName": "desk", "TableInput": new}
    refused(lambda: glue.create_table(**make), "Required Create Table", DENIED)
    grant(desk.arn, {"Database": {"Name": "desk"}}, "CREATE_TABLE")
    glue.create_table(**make)
    inside = storage({"a": "int"}, "lake/x/", lake.LAZY)
    make["TableInput"] = {"Name": "inside", "StorageDescriptor": inside}
    refused(lambda: glue.create_table(**make), "permission.s. on s3:", DENIED)
    place = {"DataLocation": {"ResourceArn": lake.REGISTERED}}
    grant(desk.arn, place, "DATA_LOCATION_ACCESS")
    glue.create_table(**make)
    gone = {"DatabaseName": "desk", "Name": "people"}
    refused(lambda: glue.delete_table(**gone), "Required Drop on people", DENIED)
    grant(desk.arn, table(), "DROP")
    glue.delete_table(**gone)
    lake.make_people()
    assert "phone" in shown(glue)["people"]
    left = boto3.client("lakeformation").list_permissions(Principal=principal(desk.arn))
    assert not [
        one
        for one in left["PrincipalResourcePermissions"]
        if "Table" in one["Resource"]
    ]


def test_what_is_new_is_governed_and_its_maker_owns_it(desk: Analyst) -> None:
    formation, glue = boto3.client("lakeformation"), desk("glue")
    settings = formation.get_data_lake_settings()["DataLakeSettings"]
    settings |= {"CreateDatabaseDefaultPermissions": []}
    settings |= {"CreateTableDefaultPermissions": []}
    formation.put_data_lake_settings(DataLakeSettings=settings)
    everything = {"Catalog": {}}
    revoke(lake.EVERYBODY, everything, "CREATE_DATABASE")
    make = {"DatabaseInput": {"Name": "mine"}}
    refused(lambda: glue.create_database(**make), "Create Database on Catalog", DENIED)
    grant(desk.arn, everything, "CREATE_DATABASE")
    glue.create_database(**make)
    new = {"Name": "new", "StorageDescriptor": storage({"a": "int"}, "x/", lake.LAZY)}
    glue.create_table(DatabaseName="mine", TableInput=new)
    other = Analyst("other", allow("glue:*"))
    assert other("glue").get_databases()["DatabaseList"][0]["Name"] == "desk"
    read = {"DatabaseName": "mine", "Name": "new"}
    refused(lambda: other("glue").get_table(**read), "Describe on new", DENIED)
    desk("lakeformation").grant_permissions(
        Principal=principal(other.arn),
        Resource={"Table": {"DatabaseName": "mine", "Name": "new"}},
        Permissions=["SELECT"],
    )
    assert names(other("glue").get_table(**read)["Table"]) == ["a"]
    glue.create_table(
        DatabaseName="desk", TableInput=new | {"Name": "old_database_so_free"}
    )
    assert "old_database_so_free" in shown(other("glue"))
