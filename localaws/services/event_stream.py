"""Answers that go on: `application/vnd.amazon.eventstream`."""

import struct
from binascii import crc32

_STRING = 7


def message(kind: str, payload: bytes, event: str = "event") -> bytes:
    """Return one message of an event stream.

    Args:
        kind: Name of the event, or of the exception.
        payload: Its body in JSON.
        event: `event` or `exception`.
    """
    headers = b"".join(
        struct.pack(">B", len(name))
        + name.encode()
        + struct.pack(">BH", _STRING, len(value))
        + value.encode()
        for name, value in (
            (f":{event}-type", kind),
            (":content-type", "application/x-amz-json-1.1"),
            (":message-type", event),
        )
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return head + struct.pack(">I", crc32(head))
