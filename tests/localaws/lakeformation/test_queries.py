"""What Athena shows to whom Lake Formation shows a part."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import User, allow, deny, refused
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import Analyst, cells, grant, revoke, table
from tests.localaws.services.lake import RESULTS, done, failure, rows

Aws = Callable[[str], Any]
EXCEPT = {"ColumnWildcard": {"ExcludedColumnNames": ["phone"]}}


@pytest.fixture
def desk(aws: Aws) -> Analyst:
    """A governed lake, and an analyst to whom nothing is granted."""
    lake.make()
    lake.govern("people", "bags")
    return Analyst("desk")


def test_columns_and_rows_without_a_right_to_the_objects(desk: Analyst) -> None:
    lacks = failure(desk, "SELECT name FROM people")
    assert lacks == (
        "Insufficient Lake Formation permission(s): Required Describe on people "
        "(Service: AmazonDataCatalog; Status Code: 400; Error Code: "
        "AccessDeniedException)"
    )
    grant(desk.arn, table(), "DESCRIBE")
    assert failure(desk, "SELECT name FROM people") == (
        "COLUMN_NOT_FOUND: line 1:18: Relation contains no accessible columns"
    )
    grant(desk.arn, table(**EXCEPT))
    found = rows(desk, "SELECT * FROM people ORDER BY name")
    assert found[0] == ["name", "age", "tier", "country"]
    assert len(found) == 6
    assert failure(desk, "SELECT name, phone FROM people") == (
        "COLUMN_NOT_FOUND: line 1:14: Column 'phone' cannot be resolved or requester "
        "is not authorized to access requested resources"
    )
    key = "lake/people/country=US/a.csv"
    refused(lambda: desk("s3").get_object(Bucket=lake.BUCKET, Key=key))
    revoke(desk.arn, table(**EXCEPT))
    grant(desk.arn, cells("young", "age < 50 AND country = 'US'", ColumnNames=["age"]))
    assert rows(desk, "SELECT * FROM people") == [["age"], ["34"]]
    assert rows(desk, "SELECT count(*) AS n FROM people") == [["n"], ["1"]]


def test_filters_are_united_cell_by_cell(desk: Analyst) -> None:
    grant(desk.arn, cells("us", "country = 'US'", ColumnNames=["name", "country"]))
    grant(desk.arn, cells("gb", "country = 'GB'", ColumnNames=["name", "phone"]))
    sql = "SELECT * FROM people ORDER BY name"
    assert rows(desk, sql) == [
        ["name", "phone", "country"],
        ["Ada Pine", None, "US"],
        ["Bob Reed", None, "US"],
        ["Cy Vane", "555-0201", None],
        ["Di Moor", "555-0202", None],
    ]
    grant(desk.arn, table())
    assert len(rows(desk, sql)) == 6


def test_parquet_is_joined_and_inserted_by_the_place_s_role(desk: Analyst) -> None:
    grant(desk.arn, table("bags", ColumnNames=["owner"]))
    grant(desk.arn, cells("few", "kilos BETWEEN 1 AND 50.5", on="bags"))
    grant(desk.arn, table())
    sql = "SELECT owner, kilos, age FROM bags JOIN people ON owner = name ORDER BY 1"
    assert rows(desk, sql)[1:] == [
        ["Ada Pine", "11.5", "34"],
        ["Secret Kim", None, "40"],
    ]
    insert = "INSERT INTO bags VALUES ('Cy Vane', 7.5)"
    assert "Required Insert on bags" in failure(desk, insert)
    grant(desk.arn, table("bags"), "INSERT")
    assert "not authorized to perform: s3:PutObject" in failure(desk, insert)
    boto3.client("iam").put_role_policy(
        RoleName="keeper",
        PolicyName="more",
        PolicyDocument=lake.document(lake.allow("s3:*", on=f"{lake.REGISTERED}/*")),
    )
    done(desk, insert)
    assert rows(boto3.client, "SELECT count(*) FROM bags")[1] == ["3"]


def test_what_iam_still_decides(desk: Analyst) -> None:
    grant(desk.arn, table())
    strict = Analyst("strict", deny("lakeformation:GetDataAccess"))
    grant(strict.arn, table())
    assert "not authorized to perform: lakeformation:GetDataAccess" in failure(
        strict, "SELECT name FROM people"
    )
    lake.make_people("open")
    assert "s3:GetObject" in failure(desk, "SELECT name FROM open")
    boto3.client("iam").update_assume_role_policy(
        RoleName="keeper", PolicyDocument=lake.trust({"Service": "glue.amazonaws.com"})
    )
    assert "Lake Formation cannot assume the role" in failure(
        desk, "SELECT name FROM people"
    )
    formation, place = boto3.client("lakeformation"), {"ResourceArn": lake.REGISTERED}
    formation.deregister_resource(**place)
    assert "s3:GetObject" in failure(desk, "SELECT name FROM people")
    formation.register_resource(**place, UseServiceLinkedRole=True)
    assert len(rows(desk, "SELECT name FROM people")) == 6


def test_a_user_reads_neither_objects_nor_the_results_of_others(desk: Analyst) -> None:
    own = f"arn:aws:s3:::{lake.BUCKET}/results/ann/*"
    athena = allow("athena:*", "glue:Get*", "lakeformation:*", "s3:ListBucket")
    ann = User("ann", athena, allow("s3:GetObject", "s3:PutObject", on=own))
    grant(ann.arn, cells("gb", "country = 'GB'", ColumnNames=["name"]))
    place = {"ResultConfiguration": {"OutputLocation": f"{RESULTS}ann/"}}
    sql = "SELECT * FROM people ORDER BY 1"
    assert rows(ann.client, sql, **place) == [["name"], ["Cy Vane"], ["Di Moor"]]
    key = done(boto3.client, sql)["QueryExecutionId"]
    with pytest.raises(ClientError, match="Access denied when reading"):
        ann.client("athena").get_query_results(QueryExecutionId=key)
    whole = {"Bucket": lake.BUCKET, "Key": "lake/people/country=GB/a.csv"}
    refused(lambda: ann.client("s3").get_object(**whole))


def test_the_place_s_role_needs_the_key(desk: Analyst) -> None:
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    boto3.client("s3").put_object(
        Bucket=lake.BUCKET,
        Key="lake/people/country=US/a.csv",
        Body="Ada Pine,555-0101,34,gold\n",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    grant(desk.arn, cells("us", "country = 'US'", ColumnNames=["name"]))
    sql = "SELECT * FROM people"
    assert "perform: kms:Decrypt" in failure(desk, sql)
    boto3.client("iam").put_role_policy(
        RoleName="keeper",
        PolicyName="key",
        PolicyDocument=lake.document(allow("kms:Decrypt", on=key)),
    )
    assert rows(desk, sql) == [["name"], ["Ada Pine"]]


def test_views_and_definitions_want_permissions(desk: Analyst) -> None:
    done(boto3.client, "CREATE VIEW names AS SELECT name FROM people")
    revoke(lake.EVERYBODY, table("names"), "ALL")
    grant(desk.arn, table())
    assert "Required Describe on names" in failure(desk, "SELECT * FROM names")
    grant(desk.arn, table("names"))
    assert len(rows(desk, "SELECT * FROM names")) == 6
    assert rows(desk, "SHOW TABLES") == [["names"], ["people"]]
    assert "Required Drop on people" in failure(desk, "DROP TABLE people")
    alter = "ALTER TABLE people DROP PARTITION (country = 'US')"
    assert "Required Alter on people" in failure(desk, alter)
    grant(desk.arn, table(), "ALTER")
    done(desk, alter)
    bags = f"s3://{lake.BUCKET}/lake/bags/"
    borrow = f"ALTER TABLE people ADD PARTITION (country = 'X') LOCATION '{bags}'"
    assert f"permission(s) on {bags}" in failure(desk, borrow)
    assert len(rows(desk, "SELECT name FROM people")) == 4
