"""Put batches of tests into a table of the AWS Glue Data Catalog."""

from typing import Any

from helpers.patients import batches
from helpers.patients.batches import Batch
from helpers.payments.naming import Clients, Given, bucket_made
from helpers.payments.roles import role

KINDS = {"int64": "bigint", "float64": "double"}
FORMAT = "org.apache.hadoop.hive.ql.io.parquet"
SERDE = {"SerializationLibrary": f"{FORMAT}.serde.ParquetHiveSerDe"}
STORED = {
    "InputFormat": f"{FORMAT}.MapredParquetInputFormat",
    "OutputFormat": f"{FORMAT}.MapredParquetOutputFormat",
    "SerdeInfo": SERDE,
}
RIGHTS = ["s3:GetObject", "s3:ListBucket", "glue:Get*", "glue:PublishDataQuality"]


def deliver(given: Given, aws: Clients | None = None) -> Given:
    """Put the batches that a learner may look at into a table, once.

    Args:
        given: what `check.inputs` has drawn.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        `database`, `table`, the names of the `good` and of the `bad` batches, a name
        for a `ruleset`, and the `role` with which rules may read the table.
    """
    if aws is None:
        from boto3 import client as aws
    shown = batches.shown(given["seed"])
    fill(given, given["table"], shown, aws)
    return {
        "database": given["database"],
        "table": given["table"],
        "good": [name for name, each in shown.items() if not each.faults],
        "bad": [name for name, each in shown.items() if each.faults],
        "ruleset": given["ruleset"],
        "role": reader(given, aws),
    }


def reader(given: Given, aws: Clients) -> str:
    """Give the ARN of the role with which rules may read the clinic's tables."""
    rights = {"Effect": "Allow", "Action": RIGHTS, "Resource": "*"}
    return role(given["bucket"], "glue", [rights], aws)


def fill(given: Given, name: str, made: dict[str, Batch], aws: Clients) -> None:
    """Make a table with a partition for each batch, once."""
    glue, s3 = aws("glue"), aws("s3")
    bucket_made(aws, given["bucket"])
    where = {"DatabaseName": given["database"]}
    try:
        glue.create_database(DatabaseInput={"Name": given["database"]})
    except glue.exceptions.AlreadyExistsException:
        if name in [each["Name"] for each in glue.get_tables(**where)["TableList"]]:
            return
    dtypes = next(iter(made.values())).rows.dtypes.astype("str")
    columns = [
        {"Name": column, "Type": KINDS.get(kind, "string")}
        for column, kind in dtypes.items()
    ]

    def stored(folder: str) -> dict[str, Any]:
        place = f"s3://{given['bucket']}/{folder}"
        return {"Columns": columns, "Location": place, **STORED}

    partitions = []
    for batch, each in made.items():
        folder = f"{name}/batch={batch}/"
        body = each.rows.to_parquet(index=False)
        s3.put_object(Bucket=given["bucket"], Key=f"{folder}tests.parquet", Body=body)
        partitions.append({"Values": [batch], "StorageDescriptor": stored(folder)})
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": "batch", "Type": "string"}],
        "StorageDescriptor": stored(f"{name}/"),
    }
    glue.create_table(**where, TableInput=table)
    glue.batch_create_partition(**where, TableName=name, PartitionInputList=partitions)
