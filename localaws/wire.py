"""Requests and answers as AWS puts them on the wire."""

import base64
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.model import Shape

from localaws.errors import AwsError, ValidationError

_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_SIGNED = re.compile(r"SignedHeaders=([^,\s]+)")
FORM = "application/x-www-form-urlencoded"


@dataclass
class Request:
    """One HTTP request with what its signature says of service and region.

    Attributes:
        target: Path and query as they were sent, still percent-encoded.
        headers: Names in lower case.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    environ: dict[str, Any] = field(repr=False)

    @classmethod
    def read(cls, environ: dict[str, Any]) -> "Request":
        """Read a WSGI environment, and leave the body readable for others."""
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                headers[name.replace("_", "-").lower()] = environ[name]
        length = environ.get("CONTENT_LENGTH")
        stream = environ["wsgi.input"]
        body = stream.read(int(length)) if length else b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = stream.read()
            environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        environ["RAW_URI"] = environ["REQUEST_URI"]
        return cls(
            environ["REQUEST_METHOD"], environ["REQUEST_URI"], headers, body, environ
        )

    @property
    def path(self) -> str:
        """The path, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """Return a header by the name that was signed, or the empty string.

        WSGI spells `x-amz-meta-my_key` with dashes only.
        """
        return self.headers.get(name.replace("_", "-").lower(), "")

    @property
    def signed_headers(self) -> list[str]:
        """Names of the signed headers, as they were sent."""
        found = _SIGNED.search(self.headers.get("authorization", ""))
        if found:
            return found[1].split(";")
        return parse_qs(self.query).get("X-Amz-SignedHeaders", [""])[0].split(";")

    @property
    def scope(self) -> tuple[str, str, str] | None:
        """Access key, region and signing name, as the signature names them."""
        text = self.headers.get("authorization", "")
        if not text:
            credential = parse_qs(self.query).get("X-Amz-Credential", [""])[0]
            text = f"Credential={credential}"
        match = _SCOPE.search(text)
        return (match[1], match[3], match[4]) if match else None

    @property
    def service(self) -> str:
        """Signing name of the service, or the empty string.

        DynamoDB's streams, which sign as DynamoDB does, are `dynamodbstreams`; the
        second API of Kinesis Analytics, Flink's, is `kinesisanalyticsv2`; Mechanical
        Turk, which signs as `mturk-requester`, is `mturk`.
        """
        target = self.headers.get("x-amz-target", "")
        if target.startswith("DynamoDBStreams_"):
            return "dynamodbstreams"
        if target.startswith("KinesisAnalytics_20180523."):
            return "kinesisanalyticsv2"
        if target.startswith("MTurkRequesterServiceV20170117."):
            return "mturk"
        return self.scope[2] if self.scope else ""


@dataclass
class Response:
    """An answer to be sent.

    Attributes:
        chunks: What is sent piece by piece instead of the body.
    """

    status: int
    headers: dict[str, str] | list[tuple[str, str]]
    body: bytes
    chunks: Iterable[bytes] | None = None

    def start(self) -> tuple[str, list[tuple[str, str]]]:
        """Return WSGI's status line and headers."""
        headers = self.headers
        pairs = [*headers.items()] if isinstance(headers, dict) else headers
        known = any(name.lower() == "content-length" for name, _ in pairs)
        if not known and self.chunks is None:
            pairs.append(("Content-Length", str(len(self.body))))
        return f"{self.status} {responses.get(self.status, 'Unknown')}", pairs


def json_response(
    value: Any, content_type: str = "application/x-amz-json-1.1"
) -> Response:
    """Answer with a JSON document."""
    return Response(200, {"Content-Type": content_type}, json.dumps(value).encode())


def parse_json(body: bytes) -> dict[str, Any]:
    """Read the JSON object that a JSON service was sent."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValidationError(f"expected a JSON object, found {type(value).__name__}")
    return value


def project(shape: Shape | None, value: Any) -> Any:
    """Keep what a shape declares, in JSON's types.

    Members that are None are left out, and so are empty structures that are not
    required: the SageMaker SDK rejects `"VpcConfig": {}`.
    """
    kind = shape.type_name if shape else None
    if kind == "structure" and isinstance(value, Mapping):
        members = {
            name: project(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
        return {
            name: item
            for name, item in members.items()
            if item != {}
            or shape.members[name].type_name == "map"
            or name in shape.required_members
        }
    if kind == "list" and isinstance(value, Iterable):
        return [project(shape.member, item) for item in value]
    if kind == "timestamp" and isinstance(value, dt.datetime):
        return value.timestamp()
    if kind == "blob" and isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def error_response(request: Request, error: AwsError) -> Response:
    """Put an error in the form that the caller's SDK reads for this service."""
    headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": "localaws"}
    if request.service == "s3":
        body = f"<Error><Code>{error.code}</Code>{_message(error)}</Error>"
        headers["Content-Type"] = "application/xml"
    elif request.headers.get("content-type", "").startswith(FORM):
        inner = f"<Error><Code>{error.code}</Code>{_message(error)}</Error>"
        ec2 = f"<Response><Errors>{inner}</Errors></Response>"
        query = f"<ErrorResponse>{inner}</ErrorResponse>"
        body = ec2 if request.service == "ec2" else query
        headers["Content-Type"] = "text/xml"
    else:
        members = {"message": error.message, "Message": error.message}
        body = json.dumps({"__type": error.code, **members, **error.members})
        headers["Content-Type"] = "application/x-amz-json-1.1"
    # a body after HEAD would be read as the next answer of the connection
    told = b"" if request.method == "HEAD" else body.encode()
    return Response(error.status, headers, told)


def _message(error: AwsError) -> str:
    return f"<Message>{escape(error.message)}</Message>"
