"""Queries that Athena refuses, and those that fail."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.lake import (
    RESULTS,
    Aws,
    asked,
    failure,
    parquet_of,
    put,
    rows,
    started,
    table,
    two_flights,
)


@pytest.fixture
def flights(aws: Aws, bucket: str) -> None:
    """A table of two flights in CSV."""
    two_flights(aws)


def test_a_bad_value_of_opencsv_and_a_wrong_type_of_parquet_fail(
    aws: Aws, bucket: str
) -> None:
    put(aws, "bad/a.csv", "1\nabc\n")
    table(
        aws,
        "CREATE EXTERNAL TABLE bad (id int) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        "LOCATION 's3://on-time-desk/bad/'",
    )
    status = asked(aws, "SELECT id FROM bad")["Status"]
    assert status["StateChangeReason"] == (
        "HIVE_BAD_DATA: Error parsing field value 'abc' for field 0: For input string: "
        '"abc"'
    )
    assert status["AthenaError"]["ErrorCategory"] == 2
    assert rows(aws, "SELECT count(*) FROM bad")[1:] == [["2"]]
    put(aws, "p/a.parquet", parquet_of({"id": [1], "name": ["x"]}))
    table(
        aws,
        "CREATE EXTERNAL TABLE p (id string, name string) STORED AS PARQUET "
        "LOCATION 's3://on-time-desk/p/'",
    )
    assert "HIVE_BAD_DATA: Field id's type INT64" in failure(aws, "SELECT id FROM p")
    assert rows(aws, "SELECT name FROM p")[1:] == [["x"]]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "SELECT nothing FROM flights",
            "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved or "
            "requester is not authorized to access requested resources",
        ),
        (
            "SELECT * FROM boats",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.desk.boats' does not "
            "exist",
        ),
        (
            "SELECT * FROM sea.boats",
            "SCHEMA_NOT_FOUND: line 1:15: Schema 'sea' does not exist",
        ),
        ("SELECT 1/0", "DIVISION_BY_ZERO: Division by zero"),
        (
            "SELECT CAST('x' AS int)",
            "INVALID_CAST_ARGUMENT: Could not convert string 'x' to INT32",
        ),
    ],
)
def test_failures_say_why(aws: Aws, flights: None, sql: str, reason: str) -> None:
    assert failure(aws, sql) == reason


def test_a_malformed_statement_is_refused_at_once(aws: Aws, bucket: str) -> None:
    with pytest.raises(ClientError, match="mismatched input") as caught:
        started(aws, "SELECT a FORM flights")
    answer = caught.value.response
    assert answer["Error"]["Code"] == "InvalidRequestException"
    assert answer["AthenaErrorCode"] == "MALFORMED_QUERY"
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        started(aws, "DELETE FROM flights WHERE flight = 1")
    with pytest.raises(ClientError, match="Iceberg"):
        started(aws, "CREATE TABLE t (a int) LOCATION 's3://on-time-desk/t/'")


def test_a_result_needs_a_place(aws: Aws, bucket: str) -> None:
    with pytest.raises(ClientError, match="No output location provided"):
        aws("athena").start_query_execution(QueryString="SELECT 1")
    with pytest.raises(ClientError, match="output bucket nowhere-at-all"):
        where = {"OutputLocation": "s3://nowhere-at-all/x/"}
        started(aws, "SELECT 1", ResultConfiguration=where)
    with pytest.raises(ClientError, match="encrypts the results so"):
        where = {
            "OutputLocation": RESULTS,
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        }
        started(aws, "SELECT 1", ResultConfiguration=where)


def test_data_in_a_bucket_that_is_gone(aws: Aws, flights: None) -> None:
    table(
        aws,
        "CREATE EXTERNAL TABLE lost (a int) STORED AS PARQUET "
        "LOCATION 's3://nowhere-at-all/x/'",
    )
    status = asked(aws, "SELECT * FROM lost")["Status"]
    assert "Error Code: NoSuchBucket" in status["StateChangeReason"]
    assert status["AthenaError"]["ErrorType"] == 1306


def test_a_role_without_the_bucket_in_its_policy(
    aws: Aws, flights: None, role: str, endpoint: Connection
) -> None:
    allowed = {"Effect": "Allow", "Resource": "*"}
    policy: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {
                **allowed,
                "Action": ["s3:PutObject", "s3:ListBucket", "glue:*", "athena:*"],
            }
        ],
    }
    aws("iam").put_role_policy(
        RoleName="work", PolicyName="files", PolicyDocument=json.dumps(policy)
    )
    given = aws("sts").assume_role(RoleArn=role, RoleSessionName="desk")["Credentials"]
    session = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
    status = asked(session.client, "SELECT * FROM flights")["Status"]
    assert status["State"] == "FAILED"
    assert "not authorized to perform: s3:GetObject" in status["StateChangeReason"]
    assert status["AthenaError"]["ErrorType"] == 1501
    policy["Statement"][0]["Action"].append("s3:GetObject")
    aws("iam").put_role_policy(
        RoleName="work", PolicyName="files", PolicyDocument=json.dumps(policy)
    )
    assert len(rows(session.client, "SELECT * FROM flights")) == 3


def test_no_file_of_the_machine_is_read(aws: Aws, bucket: str) -> None:
    assert "not registered" in failure(aws, "SELECT * FROM read_text('/etc/passwd')")
    reason = failure(aws, 'SELECT * FROM "/etc/passwd"')
    assert reason.startswith(("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND"))
