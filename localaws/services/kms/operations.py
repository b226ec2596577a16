"""AWS KMS: operations as functions of who asks and of the input."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from localaws.errors import AwsError
from localaws.services import json_operations
from localaws.services.context import Context
from localaws.services.kms.access import Caller
from localaws.services.kms.documents import Members
from localaws.store import model
from localaws.wire import Request

Operation = Callable[[Caller, Members], Members | None]
_PAGE = 100
REQUEST = "kms-request"


def handlers(operations: Mapping[str, Operation]) -> dict[tuple[str, str], Any]:
    """Return the handlers of operations.

    Args:
        operations: Each takes who asks and the input, whose blobs are bytes.
    """
    return json_operations.handlers(
        "kms", {name: _asking(name, each) for name, each in operations.items()}
    )


def _asking(name: str, operation: Operation) -> Callable[..., Members | None]:
    def answer(context: Context, given: Members, request: Request) -> Members | None:
        caller = Caller.of(context, request)
        return operation(caller, _read(name, given))

    return answer


def _read(name: str, given: Members) -> Members:
    """Return an input with its blobs as bytes."""
    shape = model("kms").operation_model(name).input_shape
    read = dict(given)
    for member, kind in shape.members.items():
        if kind.type_name == "blob" and member in given:
            try:
                read[member] = base64.b64decode(given[member], validate=True)
            except (binascii.Error, TypeError) as error:
                raise AwsError("SerializationException", f"{member}: {error}") from None
    return read


def charge(caller: Caller, key: Members, kind: str = "") -> None:
    """Meter one request that uses a key.

    Args:
        caller: Who asks.
        key: The key.
        kind: Of the request; by default that of the key.
    """
    plain = key["spec"] in ("SYMMETRIC_DEFAULT", "RSA_2048")
    plain = plain or key["spec"].startswith("HMAC_")
    kind = kind or ("symmetric" if plain else "asymmetric")
    caller.context.meter.add(REQUEST, 1, instance=kind, resource=key["id"])


def page(member: str, found: list[Any], given: Members) -> Members:
    """Return one page of a list, as KMS marks it."""
    marker = given.get("Marker", "0")
    if not marker.isdigit():
        raise AwsError("InvalidMarkerException", "")
    start = int(marker)
    end = start + given.get("Limit", _PAGE)
    more = end < len(found)
    answer: Members = {member: found[start:end], "Truncated": more}
    return answer | ({"NextMarker": str(end)} if more else {})
