"""Named queries, prepared statements, and the catalog as Athena shows it."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.lake import Aws, done, rows, started, table


def test_named_queries_are_kept(aws: Aws) -> None:
    athena = aws("athena")
    made = athena.create_named_query(
        Name="late", Database="desk", QueryString="SELECT 1", Description="one"
    )
    key = made["NamedQueryId"]
    athena.update_named_query(NamedQueryId=key, Name="later", QueryString="SELECT 2")
    found = athena.get_named_query(NamedQueryId=key)["NamedQuery"]
    assert (found["Name"], found["QueryString"]) == ("later", "SELECT 2")
    assert athena.list_named_queries()["NamedQueryIds"] == [key]
    batch = athena.batch_get_named_query(NamedQueryIds=[key, "x"])
    assert [one["Name"] for one in batch["NamedQueries"]] == ["later"]
    athena.delete_named_query(NamedQueryId=key)
    with pytest.raises(ClientError, match=f"NamedQuery {key} was not found"):
        athena.get_named_query(NamedQueryId=key)


def test_prepared_statements_run_with_their_parameters(aws: Aws, bucket: str) -> None:
    athena = aws("athena")
    athena.create_prepared_statement(
        StatementName="add", WorkGroup="primary", QueryStatement="SELECT ? + ? AS s"
    )
    assert rows(aws, "EXECUTE add USING 1, 2") == [["s"], ["3"]]
    assert rows(aws, "EXECUTE add", ExecutionParameters=["3", "4"])[1:] == [["7"]]
    with pytest.raises(ClientError, match="expected 2 but found 1"):
        started(aws, "EXECUTE add USING 1")
    sql = "SELECT ? AS q, '?' AS m"
    found = rows(aws, sql, ExecutionParameters=["'it''s'"])
    assert found[1:] == [["it's", "?"]]
    done(aws, "PREPARE two FROM SELECT ? AS x")
    assert rows(aws, "EXECUTE two USING 'a'")[1:] == [["a"]]
    listed = athena.list_prepared_statements(WorkGroup="primary")
    names = [one["StatementName"] for one in listed["PreparedStatements"]]
    assert names == ["add", "two"]
    done(aws, "DEALLOCATE PREPARE two")
    with pytest.raises(ClientError, match="PreparedStatement two was not found"):
        started(aws, "EXECUTE two USING 'a'")
    athena.delete_prepared_statement(StatementName="add", WorkGroup="primary")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        athena.get_prepared_statement(StatementName="add", WorkGroup="primary")


def test_the_catalog_is_glues(aws: Aws, bucket: str) -> None:
    table(
        aws,
        "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (d string) STORED AS PARQUET "
        "LOCATION 's3://on-time-desk/t/'",
    )
    athena = aws("athena")
    where = {"CatalogName": "AwsDataCatalog"}
    listed = athena.list_databases(**where)["DatabaseList"]
    assert [one["Name"] for one in listed] == ["desk"]
    found = athena.get_table_metadata(**where, DatabaseName="desk", TableName="t")
    metadata = found["TableMetadata"]
    assert metadata["Columns"] == [{"Name": "a", "Type": "int"}]
    assert metadata["PartitionKeys"] == [{"Name": "d", "Type": "string"}]
    tables = athena.list_table_metadata(**where, DatabaseName="desk")
    assert [one["Name"] for one in tables["TableMetadataList"]] == ["t"]
    with pytest.raises(ClientError, match="MetadataException"):
        athena.get_database(**where, DatabaseName="sea")
    with pytest.raises(ClientError, match="DataCatalog hive was not found"):
        athena.get_data_catalog(Name="hive")
    names = [
        one["CatalogName"] for one in athena.list_data_catalogs()["DataCatalogsSummary"]
    ]
    assert names == ["AwsDataCatalog"]
