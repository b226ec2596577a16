"""The Data Catalog through boto3."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.lake import Aws

TABLE = {
    "Name": "flights",
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "int"}],
        "Location": "s3://on-time-desk/flights/",
    },
    "PartitionKeys": [{"Name": "year", "Type": "string"}],
}


def test_databases_tables_and_partitions_are_kept(aws: Aws) -> None:
    glue = aws("glue")
    glue.create_database(DatabaseInput={"Name": "desk", "Description": "late"})
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        glue.create_database(DatabaseInput={"Name": "desk"})
    glue.create_table(DatabaseName="desk", TableInput=TABLE)
    where = {"DatabaseName": "desk", "TableName": "flights"}
    for year in ("2013", "2014"):
        place = TABLE["StorageDescriptor"]
        part = {"Values": [year], "StorageDescriptor": place}
        glue.create_partition(**where, PartitionInput=part)
    found = glue.get_partitions(**where, Expression="year > '2013'")["Partitions"]
    assert [one["Values"] for one in found] == [["2014"]]
    glue.delete_partition(**where, PartitionValues=["2013"])
    assert len(glue.get_partitions(**where)["Partitions"]) == 1
    glue.update_table(DatabaseName="desk", TableInput=TABLE | {"Description": "new"})
    versions = glue.get_table_versions(**where)["TableVersions"]
    assert len(versions) == 2
    answer = glue.batch_delete_table(
        DatabaseName="desk", TablesToDelete=["flights", "boats"]
    )
    assert [one["TableName"] for one in answer["Errors"]] == ["boats"]
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.get_table(DatabaseName="desk", Name="flights")
    glue.delete_database(Name="desk")
    assert glue.get_databases()["DatabaseList"] == []


def test_what_does_not_act_is_refused(aws: Aws) -> None:
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        aws("glue").create_blueprint(Name="b", BlueprintLocation="s3://desk/b.zip")
