"""Amazon Data Firehose: what becomes of records before they are stored."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from localaws.record_format import process
from localaws.services.context import Context
from localaws.services.firehose_streams import Item

Members = dict[str, Any]
_RETRIES = 3


class Undelivered(Exception):
    """A delivery that failed and is tried again.

    Args:
        code: AWS's error code, such as `S3.NoSuchBucket`.
        message: What was wrong.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Made:
    """One object to be stored.

    Attributes:
        keys: Values of partition keys, by namespace and name.
        items: The records in it.
        body: Its bytes.
    """

    keys: dict[str, str]
    items: list[Item]
    body: bytes


@dataclass(frozen=True)
class Failed:
    """A record that is stored apart.

    Attributes:
        item: The record.
        kind: Such as `format-conversion-failed`.
        members: What is told of the failure.
    """

    item: Item
    kind: str
    members: Members


@dataclass
class _Row:
    item: Item
    data: bytes
    keys: dict[str, str] = field(default_factory=dict)


def processors(config: Members) -> dict[str, dict[str, str]]:
    """Return the parameters of each processor that is enabled."""
    given = config.get("ProcessingConfiguration", {})
    return {
        one["Type"]: {
            p["ParameterName"]: p["ParameterValue"] for p in one.get("Parameters", ())
        }
        for one in (given.get("Processors", ()) if given.get("Enabled") else ())
    }


def conversion_of(config: Members) -> Members | None:
    """Return the configuration of the format conversion, if it is enabled."""
    found = config.get("DataFormatConversionConfiguration") or {}
    return found if found and found.get("Enabled", True) else None


def objects(
    context: Context, stream: Members, items: Iterable[Item]
) -> tuple[list[Made], list[Failed]]:
    """Transform, partition and convert records.

    Raises:
        Undelivered: They cannot be processed now.
    """
    config, named = stream["S3"], processors(stream["S3"])
    rows = [_Row(item, base64.b64decode(item.data)) for item in items]
    failed: list[Failed] = []
    if "Lambda" in named:
        rows, failed = _transform(context, stream, rows, named["Lambda"])
    query = named.get("MetadataExtraction", {}).get("MetadataExtractionQuery")
    separator = b""
    if "AppendDelimiterToRecord" in named:
        text = named["AppendDelimiterToRecord"].get("Delimiter", "\\n")
        separator = text.encode().decode("unicode_escape").encode("latin-1")
    conversion = conversion_of(config)
    made: list[Made] = []
    for keys, some in _by_keys(rows):
        if not query and not conversion:
            body = b"".join(row.data + separator for row in some)
            made.append(Made(keys, [row.item for row in some], body))
            continue
        table = _schema(context, conversion) if conversion else None
        how = _how(conversion, table) if conversion and table else None
        try:
            groups, wrong = process([r.data for r in some], query, how, separator)
        except OSError as error:
            raise Undelivered("InternalError", str(error)) from error
        for group in groups:
            found = {f"partitionKeyFromQuery:{n}": v for n, v in group.keys.items()}
            inside = [some[place].item for place in group.places]
            made.append(Made({**keys, **found}, inside, group.body))
        for failure in wrong:
            item = some[failure.place].item
            told = _told(failure.kind, failure.code, failure.message, conversion)
            failed.append(Failed(item, failure.kind, told))
    return made, failed


def _by_keys(rows: list[_Row]) -> list[tuple[dict[str, str], list[_Row]]]:
    found: dict[str, tuple[dict[str, str], list[_Row]]] = {}
    for row in rows:
        found.setdefault(json.dumps(row.keys), (row.keys, []))[1].append(row)
    return list(found.values())


def _told(kind: str, code: str, message: str, conversion: Members | None) -> Members:
    if kind != "format-conversion-failed" or not conversion:
        return {"errorCode": code, "errorMessage": message}
    schema = conversion["SchemaConfiguration"]
    return {
        "ErrorCode": code,
        "ErrorMessage": message,
        "sequenceNumber": None,
        "subSequenceNumber": None,
        "dataCatalogTable": {
            "catalogId": schema.get("CatalogId"),
            "databaseName": schema["DatabaseName"],
            "tableName": schema["TableName"],
            "region": schema.get("Region"),
            "versionId": schema.get("VersionId", "LATEST"),
            "catalogArn": None,
        },
    }


def _schema(context: Context, conversion: Members) -> Members:
    """Return the table whose columns the records must have."""
    schema = conversion["SchemaConfiguration"]
    glue = context.aws.client("glue")
    try:
        return glue.get_table(
            DatabaseName=schema["DatabaseName"], Name=schema["TableName"]
        )["Table"]
    except ClientError as error:
        raise Undelivered(
            "DataFormatConversion.InvalidSchema", f"The schema is invalid. {error}"
        ) from error


def _how(conversion: Members, table: Members) -> Members:
    reader = conversion["InputFormatConfiguration"]["Deserializer"]
    openx = reader.get("OpenXJsonSerDe") or {}
    writer = conversion["OutputFormatConfiguration"]["Serializer"]
    kind = "orc" if "OrcSerDe" in writer else "parquet"
    serde = writer.get("OrcSerDe") or writer.get("ParquetSerDe") or {}
    columns = table["StorageDescriptor"]["Columns"]
    return {
        "columns": [(column["Name"], column["Type"]) for column in columns],
        "format": kind,
        "compression": serde.get("Compression", "SNAPPY"),
        "dots": openx.get("ConvertDotsInJsonKeysToUnderscores", False),
        "exact": not openx.get("CaseInsensitive", True),
        "mappings": openx.get("ColumnToJsonKeyMappings", {}),
    }


def _transform(
    context: Context, stream: Members, rows: list[_Row], parameters: dict[str, str]
) -> tuple[list[_Row], list[Failed]]:
    """Let a function make other records of them."""
    arn = parameters["LambdaArn"]
    event = {
        "invocationId": f"{stream['DeliveryStreamName']}-{rows[0].item.number}",
        "deliveryStreamArn": stream["DeliveryStreamARN"],
        "region": context.aws.region,
        "records": [
            {
                "recordId": str(row.item.number),
                "approximateArrivalTimestamp": int(row.item.arrived.timestamp() * 1000),
                "data": row.item.data,
            }
            for row in rows
        ],
    }
    answers, code, message = _invoke(context, arn, event, parameters)
    kept: list[_Row] = []
    failed: list[Failed] = []
    for row in rows:
        answer = answers.get(str(row.item.number), {})
        result = answer.get("result")
        if result == "Dropped":
            continue
        if result == "Ok":
            found = (answer.get("metadata") or {}).get("partitionKeys") or {}
            keys = {f"partitionKeyFromLambda:{n}": str(v) for n, v in found.items()}
            data = base64.b64decode(answer.get("data", ""))
            kept.append(_Row(row.item, data, keys))
            continue
        if answers:
            code = (
                "Lambda.ProcessingFailedStatus" if result else "Lambda.MissingRecordId"
            )
            message = (
                "ProcessingFailed status set for record"
                if result
                else "One or more record Ids were not returned. Ensure that the Lambda "
                "function returns all received record Ids."
            )
        told = {"errorCode": code, "errorMessage": message, "lambdaArn": arn}
        failed.append(Failed(row.item, "processing-failed", told))
    return kept, failed


def _invoke(
    context: Context, arn: str, event: Members, parameters: dict[str, str]
) -> tuple[dict[str, Members], str, str]:
    """Return the function's answer for each record; else a code and what was wrong."""
    code = message = ""
    for _ in range(1 + int(parameters.get("NumberOfRetries", _RETRIES))):
        try:
            answer = context.aws.client("lambda").invoke(
                FunctionName=arn, Payload=json.dumps(event)
            )
            body = answer["Payload"].read()
            if not answer.get("FunctionError"):
                records = json.loads(body)["records"]
                return {record["recordId"]: record for record in records}, "", ""
            code, message = "Lambda.FunctionError", body.decode()
        except ClientError as error:
            code, message = "Lambda.InvokeAccessDenied", str(error)
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                code = "Lambda.FunctionNotFound"
        except (ValueError, KeyError, TypeError) as error:
            code = "Lambda.JsonProcessingException"
            message = f"There was an error parsing returned records: {error}"
    return {}, code, message
