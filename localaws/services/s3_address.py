"""Amazon S3: what a request names, and the XML that it brings."""

from typing import Any
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

from localaws.errors import AwsError
from localaws.wire import Request, Response


def bucket_of(request: Request) -> str:
    """Return the bucket of a request with its path."""
    return unquote(request.path.lstrip("/").partition("/")[0])


def key_of(request: Request) -> str:
    """Return the key of a request with its path; empty for the bucket itself."""
    return unquote(request.path.lstrip("/").partition("/")[2])


def option(request: Request, name: str, default: str = "") -> str:
    """Return a parameter of the query."""
    return parse_qs(request.query, keep_blank_values=True).get(name, [default])[0]


def tree(body: bytes) -> ElementTree.Element:
    """Read an XML document, without its namespaces.

    Raises:
        AwsError: It is none.
    """
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise malformed() from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def malformed() -> AwsError:
    """Return the error of a document that does not fit."""
    return AwsError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our "
        "published schema",
    )


def number(element: ElementTree.Element | None, path: str) -> int | None:
    """Return the number at a path, or None.

    Raises:
        AwsError: It is no number.
    """
    text = element.findtext(path) if element is not None else None
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise malformed() from error


def xml_response(body: bytes, status: int = 200, **headers: Any) -> Response:
    """Answer with an XML document."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"Content-Type": "application/xml", **named}, body)
