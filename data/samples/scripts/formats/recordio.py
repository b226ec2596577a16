"""Write RecordIO-protobuf, the form that SageMaker's own algorithms stream."""

import struct

import numpy as np

MAGIC = 0xCED7230A


def field(number: int, body: bytes) -> bytes:
    """Encode one field of a protobuf message: its number, its length, its bytes."""
    length, size = [], len(body)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + body


def values(number: int, floats: int) -> bytes:
    """Encode what stands before the floats of a tensor in the message `Record`."""
    tensor = field(2, field(1, bytes(4 * floats)))
    entry = field(number, field(1, b"values") + field(2, tensor))
    return entry[: len(entry) - 4 * floats]


def write(features: np.ndarray, labels: np.ndarray) -> bytes:
    """Write one record a row.

    Args:
        features: shape (rows, columns); become float32.
        labels: shape (rows,); become float32.

    Returns:
        The file. Each record is a magic number, its length, and a message, padded
        to four bytes.
    """
    rows, columns = features.shape
    parts = [
        np.frombuffer(values(1, columns), np.uint8),
        np.ascontiguousarray(features, "<f4").view(np.uint8),
        np.frombuffer(values(2, 1), np.uint8),
        np.ascontiguousarray(labels, "<f4").reshape(-1, 1).view(np.uint8),
    ]
    size = sum(part.shape[-1] for part in parts)
    head = np.frombuffer(struct.pack("<II", MAGIC, size), np.uint8)
    tail = np.zeros(-size % 4, np.uint8)
    wide = [np.broadcast_to(p, (rows, p.shape[-1])) for p in (head, *parts, tail)]
    return np.hstack(wide).tobytes()
