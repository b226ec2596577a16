"""Results in S3: written once a query ends, read by GetQueryResults."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws.lake.rendering import column, quoted
from localaws.services.athena.catalog import s3_failure
from localaws.services.athena.errors import invalid
from localaws.services.json_operations import Members
from localaws.services.permissions import Caller

_PIECE = 1 << 20
# One value: in quotes, or nothing for NULL; then a comma or the line's end.
_VALUE = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)')


def split(uri: str) -> dict[str, str]:
    """Return Bucket and Key of an S3 URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def check_bucket(caller: Caller, location: str) -> None:
    """Raise unless results can be written at a location."""
    bucket, prefix = split(location).values()
    try:
        caller.demand("s3:PutObject", f"arn:aws:s3:::{bucket}/{prefix}*")
        caller.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        raise invalid(f"Unable to verify/create output bucket {bucket}") from error


def put(caller: Caller, uri: str, body: bytes, kind: str) -> None:
    """Write one object.

    Raises:
        QueryError: S3 does not take it.
    """
    try:
        caller.client("s3").put_object(**split(uri), Body=body, ContentType=kind)
    except ClientError as error:
        raise s3_failure(error) from error


def put_rows(caller: Caller, uri: str, path: Path, columns: list[Members]) -> None:
    """Write a result and what is known of its columns."""
    put(caller, uri, path.read_bytes(), "application/octet-stream")
    metadata = json.dumps({"ColumnInfo": columns}).encode()
    put(caller, f"{uri}.metadata", metadata, "application/octet-stream")


def put_lines(caller: Caller, uri: str, names: list[str], lines: list[str]) -> None:
    """Write the answer of a statement that is not a query, a line of text a row."""
    body = "".join(f"{line}\n" for line in lines).encode()
    put(caller, uri, body, "text/plain")
    columns = [column(name, "VARCHAR") | {"Type": "string"} for name in names]
    metadata = json.dumps({"ColumnInfo": columns}).encode()
    put(caller, f"{uri}.metadata", metadata, "application/octet-stream")


def manifest(caller: Caller, uri: str, files: list[str]) -> None:
    """Write the list of the files that a statement has made."""
    body = "".join(f"{quoted([file])}\n" for file in files).replace('"', "")
    put(caller, uri, body.encode(), "text/csv")


def page(caller: Caller, uri: str, most: int, token: str | None) -> Members:
    """Return rows of a result, as GetQueryResults does.

    Args:
        caller: Reads the objects.
        uri: Where the result is.
        most: How many rows, the header among them.
        token: Where the last page ended.

    Raises:
        AwsError: The objects are gone or may not be read, or the token is not one
            that was given out.
    """
    if not caller.may("s3:GetObject", f"arn:aws:s3:::{uri.removeprefix('s3://')}"):
        raise invalid(f"Access denied when reading from location: {uri}")
    s3 = caller.client("s3")
    try:
        start = int(token or 0)
        found = s3.get_object(**split(f"{uri}.metadata"))["Body"].read()
        size = s3.head_object(**split(uri))["ContentLength"]
    except ValueError as error:
        raise invalid("NextToken is not one that was given out.") from error
    except ClientError as error:
        raise invalid("Could not find results", "INVALID_QUERY_RESULT") from error
    columns = json.loads(found)["ColumnInfo"]
    rows: list[list[str | None]] = []
    end = start
    plain = uri.endswith(".txt")
    for row, length in _rows(s3, uri, start, size, plain):
        if len(rows) == most:
            break
        rows.append(row)
        end += length
    answer: Members = {
        "UpdateCount": 0,
        "ResultSet": {
            "Rows": [{"Data": [_shown(value) for value in row]} for row in rows],
            "ResultSetMetadata": {"ColumnInfo": columns},
        },
    }
    return answer | ({"NextToken": str(end)} if end < size else {})


def _shown(value: str | None) -> Members:
    return {} if value is None else {"VarCharValue": value}


def _rows(
    s3: Any, uri: str, start: int, size: int, plain: bool
) -> Iterator[tuple[list[str | None], int]]:
    """Yield each row from a place on, with its length in bytes."""
    text, at = b"", start
    while True:
        if at < size:
            last = min(at + _PIECE, size) - 1
            given = s3.get_object(**split(uri), Range=f"bytes={at}-{last}")
            text += given["Body"].read()
            at = last + 1
        rest = 0
        for row, end in _parsed(text, plain):
            yield row, end - rest
            rest = end
        text = text[rest:]
        if at >= size:
            return


def _parsed(text: bytes, plain: bool) -> Iterator[tuple[list[str | None], int]]:
    """Yield the whole rows at the start of some text, and where each ends."""
    if plain:
        place = 0
        for line in text.split(b"\n")[:-1]:
            place += len(line) + 1
            yield [line.decode()], place
        return
    # every byte stays one character, so that places count bytes
    shown, row, place = text.decode("latin-1"), [], 0
    while found := _VALUE.match(shown, place):
        value = found[1]
        if value is not None:
            value = value.replace('""', '"').encode("latin-1").decode()
        row.append(value)
        place = found.end()
        if found[3] == "\n":
            yield row, place
            row = []
