"""EC2's answers: read, completed and made."""

import dataclasses
import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

from localaws.limits import limit, limits
from localaws.wire import Response

_SPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
ET.register_namespace("", _SPACE)


def items(answer: Response) -> list[dict[str, str]]:
    """Return the simple members of an answer, or of each of its items."""
    root = ET.fromstring(answer.body)
    found = [one for one in root.iter() if _name(one) == "item" and len(one)]
    return [
        {_name(child): child.text or "" for child in one} for one in found or [root]
    ]


def first(answer: Response, name: str) -> str:
    """Return the text of the first member of a name."""
    root = ET.fromstring(answer.body)
    return next(one.text or "" for one in root.iter() if _name(one) == name)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def with_iops(answer: Response, *, creating: bool = False) -> Response:
    """Return an answer about volumes with the IOPS that gp2 has by its size.

    Args:
        answer: moto's.
        creating: Whether the volume is only being made.
    """
    if answer.status != 200:
        return answer
    root = ET.fromstring(answer.body)
    for parent in root.iter():
        found = {_name(child): child for child in parent}
        if {"volumeId", "volumeType", "size"} <= found.keys():
            if found["volumeType"].text == "gp2" and "iops" not in found:
                tag = found["size"].tag.replace("size", "iops")
                iops = baseline(int(found["size"].text or 0))
                ET.SubElement(parent, tag).text = str(iops)
            if creating and "status" in found:
                found["status"].text = "creating"
    return _replaced(answer, root)


def baseline(size: int) -> int:
    """Return the IOPS that a gp2 volume of a size always has."""
    least, most = limits("ebs", "gp2_iops")
    wanted = int(limit("ebs", "gp2_iops_per_gib")) * size
    return int(min(max(wanted, least), most))


def _replaced(answer: Response, root: ET.Element) -> Response:
    headers = answer.headers
    pairs = headers.items() if isinstance(headers, dict) else headers
    kept = [pair for pair in pairs if pair[0].lower() != "content-length"]
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return dataclasses.replace(answer, headers=kept, body=body)


def response(operation: str, members: dict[str, Any]) -> Response:
    """Return an answer of our own.

    Args:
        operation: Such as `ModifyVolume`.
        members: As they are named on the wire; a list is a set of items.
    """
    root = ET.Element(f"{{{_SPACE}}}{operation}Response")
    _fill(root, {"requestId": "localaws", **members})
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(200, {"Content-Type": "text/xml"}, body)


def _fill(parent: ET.Element, members: dict[str, Any]) -> None:
    for name, value in members.items():
        child = ET.SubElement(parent, f"{{{_SPACE}}}{name}")
        if isinstance(value, dict):
            _fill(child, value)
        elif isinstance(value, list):
            for one in value:
                _fill(ET.SubElement(child, f"{{{_SPACE}}}item"), one)
        elif isinstance(value, dt.datetime):
            child.text = f"{value:%Y-%m-%dT%H:%M:%S.000Z}"
        else:
            child.text = str(value)
