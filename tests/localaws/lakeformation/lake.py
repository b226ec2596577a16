"""A lake of passengers, and users who see a part of it."""

import json
from typing import Any

import boto3

from tests.localaws.access import ACCOUNT, allow, document, session
from tests.localaws.services.lake import ended, parquet_of, put

BUCKET = "on-time-desk"
SERVICE = "lakeformation.amazonaws.com"
KEEPER = f"arn:aws:iam::{ACCOUNT}:role/keeper"
REGISTERED = f"arn:aws:s3:::{BUCKET}/lake"
EVERYBODY = "IAM_ALLOWED_PRINCIPALS"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
COLUMNS = {"name": "string", "phone": "string", "age": "int", "tier": "string"}
PEOPLE = {
    "US": ["Ada Pine,555-0101,34,gold", "Bob Reed,555-0102,51,none"],
    "GB": ["Cy Vane,555-0201,29,gold", "Di Moor,555-0202,77,none"],
    "KP": ["Secret Kim,555-0301,40,hidden"],
}


def make() -> None:
    """Make the bucket, two tables, and a role that reads the registered place."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "desk"})
    make_people()
    bags = {"owner": ["Ada Pine", "Secret Kim"], "kilos": [11.5, 99.0]}
    put(boto3.client, "lake/bags/a.parquet", parquet_of(bags))
    columns = {"owner": "string", "kilos": "double"}
    stored = storage(columns, "lake/bags/", PARQUET)
    glue.create_table(
        DatabaseName="desk", TableInput={"Name": "bags", "StorageDescriptor": stored}
    )
    role(
        "keeper",
        allow("s3:GetObject", on=f"{REGISTERED}/*"),
        allow("s3:ListBucket", on=f"arn:aws:s3:::{BUCKET}"),
        trusted={"Service": SERVICE},
    )


def make_people(name: str = "people") -> None:
    """Make a table of passengers, by country."""
    glue, partitions = boto3.client("glue"), []
    for country, lines in PEOPLE.items():
        place = f"lake/people/country={country}/"
        put(boto3.client, f"{place}a.csv", "\n".join(lines) + "\n")
        partitions.append(
            {"Values": [country], "StorageDescriptor": storage(COLUMNS, place, LAZY)}
        )
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": "country", "Type": "string"}],
        "StorageDescriptor": storage(COLUMNS, "lake/people/", LAZY),
    }
    glue.create_table(DatabaseName="desk", TableInput=table)
    glue.batch_create_partition(
        DatabaseName="desk", TableName=name, PartitionInputList=partitions
    )


def storage(columns: dict[str, str], place: str, serde: str) -> dict[str, Any]:
    """Return where and how a table is stored."""
    return {
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
        "Location": f"s3://{BUCKET}/{place}",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": serde,
            "Parameters": {"field.delim": ","},
        },
    }


def role(name: str, *statements: dict[str, Any], trusted: Any = None) -> str:
    """Make a role and return its ARN."""
    iam = boto3.client("iam")
    who = trusted or {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(who))
    if statements:
        iam.put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=document(*statements)
        )
    arn: str = made["Role"]["Arn"]
    return arn


def trust(who: dict[str, str]) -> str:
    """Return a trust policy."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Analyst:
    """A role that may ask Athena, but may not read the lake's objects.

    Args:
        name: The role's.
        more: Statements of its policy besides.
    """

    def __init__(self, name: str, *more: dict[str, Any]) -> None:
        results = f"arn:aws:s3:::{BUCKET}/results/*"
        self.arn = role(
            name,
            allow("athena:*", "glue:Get*", "lakeformation:*"),
            allow("s3:GetObject", "s3:PutObject", on=results),
            allow("s3:ListBucket", on=f"arn:aws:s3:::{BUCKET}"),
            *more,
        )
        self._keys = session(self.arn)

    def __call__(self, service: str) -> Any:
        """Return a client with the keys of a session of the role."""
        return boto3.client(service, **self._keys)


def told(analyst: Analyst, key: str) -> str:
    """Return all that a query tells: its rows, or why it failed."""
    status = ended(analyst, key)["Status"]
    if status["State"] != "SUCCEEDED":
        return str(status["StateChangeReason"])
    pages = analyst("athena").get_paginator("get_query_results")
    found = pages.paginate(QueryExecutionId=key)
    return json.dumps([page["ResultSet"]["Rows"] for page in found])


def principal(arn: str) -> dict[str, str]:
    """Return a principal as Lake Formation names it."""
    return {"DataLakePrincipalIdentifier": arn}


def table(name: str = "people", **more: Any) -> dict[str, Any]:
    """Return a table as a resource; with columns if they are given."""
    kind = "TableWithColumns" if more else "Table"
    return {kind: {"DatabaseName": "desk", "Name": name, **more}}


def cells(name: str, rows: str | None, on: str = "people", **more: Any) -> Any:
    """Make a data cells filter, and return it as a resource."""
    place = {"TableCatalogId": ACCOUNT, "DatabaseName": "desk", "TableName": on}
    which = {"FilterExpression": rows} if rows else {"AllRowsWildcard": {}}
    columns = more or {"ColumnWildcard": {}}
    boto3.client("lakeformation").create_data_cells_filter(
        TableData={**place, "Name": name, "RowFilter": which, **columns}
    )
    return {"DataCellsFilter": {**place, "Name": name}}


def grant(arn: str, resource: Any, *permissions: str, **more: Any) -> None:
    """Grant permissions; SELECT if none are named."""
    boto3.client("lakeformation").grant_permissions(
        Principal=principal(arn),
        Resource=resource,
        Permissions=list(permissions or ("SELECT",)),
        **more,
    )


def revoke(arn: str, resource: Any, *permissions: str) -> None:
    """Take permissions back; SELECT if none are named."""
    boto3.client("lakeformation").revoke_permissions(
        Principal=principal(arn),
        Resource=resource,
        Permissions=list(permissions or ("SELECT",)),
    )


def govern(*tables: str) -> None:
    """Register the place, and let Lake Formation decide on some tables."""
    boto3.client("lakeformation").register_resource(
        ResourceArn=REGISTERED, RoleArn=KEEPER
    )
    for name in tables:
        revoke(EVERYBODY, table(name), "ALL")
