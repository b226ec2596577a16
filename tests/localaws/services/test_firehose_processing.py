"""Amazon Data Firehose: conversion, partitions, functions."""

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyarrow import orc, parquet

from localaws.daemon import Connection
from tests.localaws.services.firehose_face import Aws, hose, put, role, stored

COLUMNS = [
    {"Name": "Order_Id", "Type": "bigint"},
    {"Name": "price", "Type": "decimal(8,2)"},
    {"Name": "at", "Type": "timestamp"},
    {"Name": "tags", "Type": "array<string>"},
    {"Name": "item", "Type": "struct<sku:string,count:int>"},
]
GOOD = {
    "ORDER_ID": 7,
    "price": "3.5",
    "at": "2026-01-05 08:00:00",
    "tags": ["x"],
    "item": {"sku": "a", "Count": 2},
    "unknown": 1,
}


@pytest.fixture
def arn(aws: Aws) -> str:
    """ARN of a role that Firehose may assume."""
    return role(aws)


def later(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def catalog(aws: Aws, columns: list[dict[str, str]] = COLUMNS) -> None:
    glue = aws("glue")
    glue.create_database(DatabaseInput={"Name": "desk"})
    table = {"Name": "orders", "StorageDescriptor": {"Columns": columns}}
    glue.create_table(DatabaseName="desk", TableInput=table)


def conversion(arn: str, **serializer: Any) -> dict[str, Any]:
    schema = {"DatabaseName": "desk", "TableName": "orders", "RoleARN": arn}
    return {
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "ErrorOutputPrefix": "bad/!{firehose:error-output-type}/",
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "SchemaConfiguration": schema,
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {
                "Serializer": serializer or {"ParquetSerDe": {"Compression": "GZIP"}}
            },
        },
    }


def lines(*rows: Any) -> list[bytes]:
    return [json.dumps(row).encode() for row in rows]


def test_json_becomes_parquet_by_the_tables_schema(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    catalog(aws)
    put(hose(aws, bucket, arn, **conversion(arn)), *lines(GOOD, {"order_id": "8"}))
    later(endpoint, 60)
    ((key, body),) = stored(aws, bucket).items()
    assert key.endswith(".parquet")
    file = parquet.ParquetFile(io.BytesIO(body))
    assert file.metadata.row_group(0).column(0).compression == "GZIP"
    table = file.read().to_pydict()
    assert table["order_id"] == [7, 8]
    assert [str(price) for price in table["price"]] == ["3.50", "None"]
    assert table["at"][0].hour == 8
    assert table["item"] == [{"sku": "a", "count": 2}, None]


def test_json_becomes_orc(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    catalog(aws)
    config = conversion(arn, OrcSerDe={})
    put(hose(aws, bucket, arn, **config), *lines(GOOD))
    later(endpoint, 60)
    ((key, body),) = stored(aws, bucket).items()
    assert key.endswith(".orc")
    assert orc.read_table(io.BytesIO(body)).to_pydict()["order_id"] == [7]


def test_records_that_do_not_fit_go_to_the_error_prefix(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    catalog(aws)
    bad = [b"not json", *lines({"order_id": "seven"}, {"order_id": 2**63})]
    put(hose(aws, bucket, arn, **conversion(arn)), *lines(GOOD), *bad)
    later(endpoint, 60)
    objects = stored(aws, bucket)
    (failed,) = [key for key in objects if key.startswith("bad/")]
    assert failed.startswith("bad/format-conversion-failed/lines-1-")
    found = [json.loads(line) for line in objects[failed].splitlines()]
    assert [base64.b64decode(one["rawData"]) for one in found] == bad
    assert {one["ErrorCode"] for one in found} == {"DataFormatConversion.ParseError"}
    assert '"seven" is not of type bigint' in found[1]["ErrorMessage"]
    assert found[0]["dataCatalogTable"]["tableName"] == "orders"
    (kept,) = [body for key, body in objects.items() if key.endswith(".parquet")]
    assert parquet.read_table(io.BytesIO(kept)).num_rows == 1


def test_records_wait_for_a_table_that_is_missing(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    put(hose(aws, bucket, arn, **conversion(arn)), *lines(GOOD))
    later(endpoint, 90)
    assert stored(aws, bucket) == {}
    catalog(aws)
    later(endpoint, 60)
    assert len(stored(aws, bucket)) == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"CompressionFormat": "GZIP"}, "CompressionFormat must be UNCOMPRESSED"),
        ({"BufferingHints": {"SizeInMBs": 63, "IntervalInSeconds": 60}}, "at least 64"),
    ],
)
def test_conversion_has_its_own_rules(
    aws: Aws, bucket: str, arn: str, change: dict[str, Any], text: str
) -> None:
    with pytest.raises(ClientError, match=text):
        hose(aws, bucket, arn, **{**conversion(arn), **change})


def partitioning(query: str, **more: Any) -> dict[str, Any]:
    parameters = {"MetadataExtractionQuery": query, "JsonParsingEngine": "JQ-1.6"}
    named = [{"ParameterName": n, "ParameterValue": v} for n, v in parameters.items()]
    return {
        "Prefix": "store=!{partitionKeyFromQuery:store}/",
        "ErrorOutputPrefix": "bad/!{firehose:error-output-type}/",
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "DynamicPartitioningConfiguration": {"Enabled": True},
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [
                {"Type": "MetadataExtraction", "Parameters": named},
                {"Type": "AppendDelimiterToRecord", "Parameters": []},
            ],
        },
    }


def test_a_query_decides_the_partition(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(aws, bucket, arn, **partitioning("{store: .shop.id}"))
    rows = lines(*({"shop": {"id": shop}} for shop in ("n", "s", "n")))
    put(firehose, *rows, b'{"shop": null}', b"broken")
    later(endpoint, 60)
    objects = stored(aws, bucket)
    found = {key.partition("/lines")[0]: body for key, body in objects.items()}
    assert found["store=n"] == rows[0] + b"\n" + rows[2] + b"\n"
    assert found["store=s"] == rows[1] + b"\n"
    failed = [json.loads(line) for line in found["bad/processing-failed"].splitlines()]
    assert [base64.b64decode(one["rawData"]) for one in failed] == [
        b'{"shop": null}',
        b"broken",
    ]
    assert {one["errorCode"] for one in failed} == {
        "DynamicPartitioning.MetadataExtractionFailed"
    }


CODE = """
import base64, json

def handler(event, context):
    records = []
    for record in event["records"]:
        row = json.loads(base64.b64decode(record["data"]))
        result = row.pop("result")
        data = base64.b64encode(json.dumps(row).encode()).decode()
        records.append({"recordId": record["recordId"], "result": result, "data": data})
    return {"records": records}
"""


def function(aws: Aws, code: str = CODE) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", code)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    made = aws("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=json.dumps(trust)
    )
    answer = aws("lambda").create_function(
        FunctionName="clean",
        Runtime="python3.12",
        Handler="main.handler",
        Role=made["Role"]["Arn"],
        Code={"ZipFile": buffer.getvalue()},
        Timeout=30,
    )
    aws("lambda").get_waiter("function_active_v2").wait(FunctionName="clean")
    return answer["FunctionArn"]


def transformed(arn: str) -> dict[str, Any]:
    parameter = {"ParameterName": "LambdaArn", "ParameterValue": arn}
    return {
        "Enabled": True,
        "Processors": [{"Type": "Lambda", "Parameters": [parameter]}],
    }


def test_a_function_transforms_the_records(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    config = transformed(function(aws))
    firehose = hose(aws, bucket, arn, ProcessingConfiguration=config)
    put(
        firehose,
        *lines(
            {"a": 1, "result": "Ok"},
            {"a": 2, "result": "Dropped"},
            {"a": 3, "result": "ProcessingFailed"},
        ),
    )
    later(endpoint, 60)
    objects = stored(aws, bucket)
    (failed,) = [body for key, body in objects.items() if "processing-failed" in key]
    error = json.loads(failed)
    assert json.loads(base64.b64decode(error["rawData"]))["a"] == 3
    assert error["errorCode"] == "Lambda.ProcessingFailedStatus"
    assert [body for body in objects.values() if body != failed] == [b'{"a": 1}']


def test_a_function_that_fails_fails_its_records(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    config = transformed(function(aws, "def handler(event, context): 1 / 0"))
    firehose = hose(aws, bucket, arn, ProcessingConfiguration=config)
    put(firehose, b"x")
    later(endpoint, 60)
    ((key, body),) = stored(aws, bucket).items()
    assert key.startswith("processing-failed/2026/01/05/08/")
    assert json.loads(body)["errorCode"] == "Lambda.FunctionError"
