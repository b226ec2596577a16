"""The server's log, as RDS hands it out."""

from typing import Any

from localaws.errors import AwsError
from localaws.query import parse_query
from localaws.services.context import Context
from localaws.services.rds.answers import document
from localaws.services.rds.instances import Instances
from localaws.store import model
from localaws.wire import Request, Response

_NAME = "error/postgresql.log"
_LINES = 10_000


def _given(operation: str, request: Request) -> dict[str, Any]:
    shape = model("rds").operation_model(operation).input_shape
    return parse_query(shape, request.body)


def _text(context: Context, name: str) -> str:
    instances = context.part(Instances)
    if instances.status(name) is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    path = instances.server(name).log
    return path.read_text() if path.exists() else ""


def files(context: Context, request: Request) -> Response:
    """Answer DescribeDBLogFiles."""
    given = _given("DescribeDBLogFiles", request)
    text = _text(context, given["DBInstanceIdentifier"].lower())
    written = int(context.clock.now().timestamp() * 1000)
    details = [
        ("LogFileName", _NAME),
        ("LastWritten", written),
        ("Size", len(text.encode())),
    ]
    listed: list[tuple[str, Any]] = [("DescribeDBLogFilesDetails", details)]
    return document("DescribeDBLogFiles", [("DescribeDBLogFiles", listed)])


def portion(context: Context, request: Request) -> Response:
    """Answer DownloadDBLogFilePortion; a Marker is a number of lines."""
    given = _given("DownloadDBLogFilePortion", request)
    if given["LogFileName"] != _NAME:
        raise AwsError(
            "DBLogFileNotFoundFault",
            f"DBLog File: {given['LogFileName']}, is not found on the DB instance",
            404,
        )
    lines = _text(context, given["DBInstanceIdentifier"].lower()).splitlines()
    try:
        count = int(given.get("NumberOfLines", _LINES))
        start = int(given["Marker"]) if "Marker" in given else len(lines) - count
    except ValueError as error:
        raise AwsError("InvalidParameterValue", "Marker is not a number.") from error
    start = max(0, start)
    shown = lines[start : start + count]
    end = start + len(shown)
    data = "\n".join(shown)
    return document(
        "DownloadDBLogFilePortion",
        [
            ("LogFileData", data),
            ("Marker", end),
            ("AdditionalDataPending", "true" if end < len(lines) else "false"),
        ],
    )


HANDLERS: dict[tuple[str, str], Any] = {
    ("rds", "DescribeDBLogFiles"): files,
    ("rds", "DownloadDBLogFilePortion"): portion,
}
