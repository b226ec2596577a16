"""Inputs of the services that speak AWS's query protocol: forms, flattened."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import Shape

from localaws.errors import AwsError

_Pairs = Mapping[str, str]


def parse_query(
    shape: Shape | None, body: bytes, protocol: str = "query"
) -> dict[str, Any]:
    """Read the input of an operation from a form.

    Args:
        shape: What the operation takes.
        body: Such as `Action=Publish&TopicArn=...&Version=2010-03-31`.
        protocol: `query`, or EC2's `ec2`.

    Raises:
        AwsError: A number or a blob is none.
    """
    if shape is None:
        return {}
    pairs = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return _structure(shape, pairs, "", protocol)


def _structure(
    shape: Shape, pairs: _Pairs, prefix: str, protocol: str
) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        path = f"{prefix}{_named(name, member, protocol)}"
        if path in pairs or any(key.startswith(f"{path}.") for key in pairs):
            found[name] = _value(member, pairs, path, protocol)
    return found


def _named(name: str, member: Shape, protocol: str) -> str:
    """Return what a member is called in the form."""
    wire = member.serialization.get("name", name)
    if protocol != "ec2":
        return str(wire)
    return str(member.serialization.get("queryName", wire[:1].upper() + wire[1:]))


def _value(shape: Shape, pairs: _Pairs, path: str, protocol: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, pairs, f"{path}.", protocol)
    if kind == "list":
        flat = protocol == "ec2" or shape.serialization.get("flattened")
        inner = "" if flat else ".member"
        return [
            _value(shape.member, pairs, f"{path}{inner}.{number}", protocol)
            for number in _numbers(pairs, f"{path}{inner}.")
        ]
    if kind == "map":
        inner = "" if shape.serialization.get("flattened") else ".entry"
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        return {
            pairs[f"{path}{inner}.{number}.{key}"]: _value(
                shape.value, pairs, f"{path}{inner}.{number}.{value}", protocol
            )
            for number in _numbers(pairs, f"{path}{inner}.")
            if f"{path}{inner}.{number}.{key}" in pairs
        }
    return _scalar(kind, pairs.get(path, ""), path)


def _numbers(pairs: _Pairs, prefix: str) -> list[int]:
    found = {
        key.removeprefix(prefix).partition(".")[0]
        for key in pairs
        if key.startswith(prefix)
    }
    return sorted(int(number) for number in found if number.isdigit())


def _scalar(kind: str, text: str, path: str) -> Any:
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "blob":
            return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise AwsError("MalformedQueryString", f"{path}: {error}") from error
    return text == "true" if kind == "boolean" else text
