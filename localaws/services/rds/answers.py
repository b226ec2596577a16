"""moto's answers, with the status and the address of what really runs."""

import dataclasses
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Any

from localaws.wire import Response

NAMESPACE = "http://rds.amazonaws.com/doc/2014-10-31/"
_HOST = "127.0.0.1"
Known = Callable[[str, str], Mapping[str, Any] | None]
ET.register_namespace("", NAMESPACE)


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def amended(response: Response, known: Known, gone: bool = False) -> Response:
    """Return an answer with what is true of each instance, snapshot and export in it.

    Args:
        response: moto's.
        known: Tells of `DBInstance`, `DBSnapshot` or `ExportTask`, by id.
        gone: Whether the instance is on its way out.
    """
    if response.status != 200:
        return response
    root = ET.fromstring(response.body)
    for node in root.iter():
        tag = node.tag.partition("}")[2]
        if tag == "DBInstance" and (name := _text(node, "DBInstanceIdentifier")):
            _amend_instance(node, known("DBInstance", name), gone)
        elif tag in ("DBSnapshot", "DBSnapshotResult") and (
            name := _text(node, "DBSnapshotIdentifier")
        ):
            found = known("DBSnapshot", name)
            if found is not None:
                _set(node, "Status", found["status"])
                done = found["status"] == "available"
                _set(node, "PercentProgress", "100" if done else "0")
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = response.headers
    pairs = headers.items() if isinstance(headers, dict) else headers
    kept = [pair for pair in pairs if pair[0].lower() != "content-length"]
    return dataclasses.replace(response, headers=kept, body=body)


def _text(node: ET.Element, tag: str) -> str:
    return node.findtext(_name(tag)) or ""


def _set(node: ET.Element, tag: str, text: str) -> None:
    found = node.find(_name(tag))
    if found is None:
        found = ET.SubElement(node, _name(tag))
    found.text = text


def _amend_instance(
    node: ET.Element, known: Mapping[str, Any] | None, gone: bool
) -> None:
    if known is None:
        return
    _set(node, "DBInstanceStatus", "deleting" if gone else known["status"])
    endpoint = node.find(_name("Endpoint"))
    if endpoint is None:
        return
    if known["port"]:
        _set(endpoint, "Address", _HOST)
        _set(endpoint, "Port", str(known["port"]))
    else:
        # who waits for the instance reads no address before there is one
        node.remove(endpoint)


def document(operation: str, members: list[tuple[str, Any]]) -> Response:
    """Return an answer of our own.

    Args:
        operation: Such as `DownloadDBLogFilePortion`.
        members: Names and values; a list of lists of pairs is a list of structures.
    """
    root = ET.Element(_name(f"{operation}Response"))
    result = ET.SubElement(root, _name(f"{operation}Result"))
    _fill(result, members)
    meta = ET.SubElement(root, _name("ResponseMetadata"))
    ET.SubElement(meta, _name("RequestId")).text = "localaws"
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(200, {"Content-Type": "text/xml"}, body)


def _fill(node: ET.Element, members: list[tuple[str, Any]]) -> None:
    for name, value in members:
        below = ET.SubElement(node, _name(name))
        if isinstance(value, list):
            _fill(below, value)
        else:
            below.text = str(value)
