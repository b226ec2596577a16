"""RecordIO-protobuf: the record format of Amazon's algorithms, read and written.

Each record is framed as MXNet's RecordIO frames it: a magic number, its length, its
bytes, zeros up to a multiple of four. Inside is the message `aialgs.data.Record` of
the SageMaker developer guide, "Common data formats for training".
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws.algorithms.errors import UserError
from localaws.algorithms.tables import Table, data_files

if TYPE_CHECKING:
    import numpy as np

MAGIC = 0xCED7230A
_HEAD = struct.Struct("<II")
_TENSORS = ("float32_tensor", "float64_tensor", "int32_tensor")


def frames(content: bytes, name: str) -> Iterator[bytes]:
    """Split RecordIO into the bytes of its records.

    Args:
        content: the file.
        name: how to call it in an error.

    Raises:
        UserError: it is not RecordIO, or it is cut off.
    """
    at = 0
    while at < len(content):
        if len(content) - at < _HEAD.size:
            raise UserError(f"File '{name}' is not RecordIO: it ends inside a record")
        magic, length = _HEAD.unpack_from(content, at)
        if magic != MAGIC:
            raise UserError(
                f"File '{name}' is not RecordIO: at byte {at} stands {magic:#010x},"
                f" not the magic number {MAGIC:#010x}"
            )
        at += _HEAD.size
        if at + length > len(content):
            raise UserError(f"File '{name}' is not RecordIO: it ends inside a record")
        yield content[at : at + length]
        at += (length + 3) // 4 * 4


def frame(record: bytes) -> bytes:
    """Frame the bytes of one record."""
    padding = -len(record) % 4
    return _HEAD.pack(MAGIC, len(record)) + record + bytes(padding)


def read(folder: Path) -> Table:
    """Read a channel; UserError if there are no records or one cannot be read."""
    content = b"".join(path.read_bytes() for path in data_files(folder))
    if not content:
        raise UserError(f"No data in {folder.name} channel path {folder}")
    return Table(*decode(content, folder.name))


def decode(content: bytes, name: str) -> "tuple[Any, np.ndarray | None]":
    """Read records that hold one vector each, under the key `values`.

    Args:
        content: the file or request.
        name: how to call it in an error.

    Returns:
        The features, a float32 matrix, CSR where the records have keys; the labels, or
        None where the records have none.

    Raises:
        UserError: it cannot be read, or the records differ in width.
    """
    import numpy as np
    from google.protobuf.message import DecodeError

    vectors, labels = [], []
    for number, raw in enumerate(frames(content, name), 1):
        record = _record_class()()
        try:
            record.ParseFromString(raw)
        except DecodeError as error:
            raise UserError(
                f"Record {number} of file '{name}' is not a protobuf Record"
            ) from error
        where = f"record {number} of file '{name}'"
        vectors.append(_tensor(record.features, where))
        if record.label:
            label = _tensor(record.label, f"the label of {where}").values
            if len(label) != 1:
                raise UserError(f"The label of {where} is not one number")
            labels.append(label[0])
    if not vectors:
        raise UserError(f"File '{name}' holds no records")
    if labels and len(labels) != len(vectors):
        raise UserError(f"Some records of file '{name}' have a label, some have none")
    features = _matrix(vectors, name)
    return features, np.array(labels, dtype=np.float32) if labels else None


def encode(features: Any, labels: "Sequence[float] | None" = None) -> bytes:
    """Write a matrix, dense or CSR, as float32 records, each with its label."""
    sparse = hasattr(features, "tocsr")
    matrix = features.tocsr() if sparse else features
    pieces = []
    for index in range(matrix.shape[0]):
        record = _record_class()()
        tensor = record.features["values"].float32_tensor
        if sparse:
            ends = slice(matrix.indptr[index], matrix.indptr[index + 1])
            tensor.values.extend(matrix.data[ends].tolist())
            tensor.keys.extend(matrix.indices[ends].tolist())
            tensor.shape.append(matrix.shape[1])
        else:
            tensor.values.extend(matrix[index].tolist())
        if labels is not None:
            record.label["values"].float32_tensor.values.append(float(labels[index]))
        pieces.append(frame(record.SerializeToString(deterministic=True)))
    return b"".join(pieces)


def encode_answers(answers: Iterable[Mapping[str, Any]]) -> bytes:
    """Write answers as records without features, each member a label."""
    pieces = []
    for answer in answers:
        record = _record_class()()
        for key, value in answer.items():
            members = value if isinstance(value, list) else [value]
            record.label[key].float32_tensor.values.extend(map(float, members))
        pieces.append(frame(record.SerializeToString(deterministic=True)))
    return b"".join(pieces)


def decode_answers(content: bytes) -> list[dict[str, list[float]]]:
    """Read what `encode_answers` wrote."""
    answers = []
    for raw in frames(content, "the answer"):
        record = _record_class().FromString(raw)
        answers.append(
            {
                key: list(value.float32_tensor.values)
                for key, value in record.label.items()
            }
        )
    return answers


def _tensor(members: Any, where: str) -> Any:
    if "values" not in members:
        raise UserError(
            f"{where.capitalize()} has no member 'values'; found {sorted(members)}"
        )
    kind = members["values"].WhichOneof("value")
    if kind not in _TENSORS:
        raise UserError(f"{where.capitalize()} holds no tensor of numbers")
    return getattr(members["values"], kind)


def _matrix(tensors: list[Any], name: str) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    sparse = [len(one.keys) > 0 or len(one.shape) > 0 for one in tensors]
    widths = {
        int(np.prod(one.shape)) if one.shape else len(one.values) for one in tensors
    }
    if len(widths) > 1:
        raise UserError(
            f"The records of file '{name}' have different numbers of features:"
            f" {sorted(widths)}"
        )
    width = widths.pop()
    if not any(sparse):
        return np.array([one.values for one in tensors], dtype=np.float32)
    columns = [
        np.array(one.keys if one.keys else range(len(one.values)), dtype=np.int64)
        for one in tensors
    ]
    for keys, one in zip(columns, tensors, strict=True):
        if len(keys) != len(one.values) or (len(keys) and keys.max() >= width):
            raise UserError(f"The keys of a record of file '{name}' do not fit it")
    ends = np.cumsum([0] + [len(keys) for keys in columns])
    values = np.concatenate([np.array(one.values, np.float32) for one in tensors])
    shape = (len(tensors), width)
    return csr_matrix((values, np.concatenate(columns), ends), shape=shape)


@cache
def _record_class() -> Any:
    """The message class, made from the published schema."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    field = descriptor_pb2.FieldDescriptorProto
    once, many = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    file = descriptor_pb2.FileDescriptorProto(
        name="record.proto", package="aialgs.data", syntax="proto2"
    )

    def add(message: Any, name: str, number: int, label: int, kind: Any) -> Any:
        one = message.field.add(name=name, number=number, label=label)
        if isinstance(kind, str):
            one.type, one.type_name = field.TYPE_MESSAGE, f".aialgs.data.{kind}"
        else:
            one.type = kind
        return one

    for name, kind in (
        ("Float32Tensor", field.TYPE_FLOAT),
        ("Float64Tensor", field.TYPE_DOUBLE),
        ("Int32Tensor", field.TYPE_INT32),
    ):
        tensor = file.message_type.add(name=name)
        add(tensor, "values", 1, many, kind).options.packed = True
        add(tensor, "keys", 2, many, field.TYPE_UINT64).options.packed = True
        add(tensor, "shape", 3, many, field.TYPE_UINT64).options.packed = True
    raw = file.message_type.add(name="Bytes")
    add(raw, "value", 1, many, field.TYPE_BYTES)
    add(raw, "content_type", 2, once, field.TYPE_STRING)
    value = file.message_type.add(name="Value")
    value.oneof_decl.add(name="value")
    for name, number, kind in (
        ("float32_tensor", 2, "Float32Tensor"),
        ("float64_tensor", 3, "Float64Tensor"),
        ("int32_tensor", 7, "Int32Tensor"),
        ("bytes", 9, "Bytes"),
    ):
        add(value, name, number, once, kind).oneof_index = 0
    record = file.message_type.add(name="Record")
    for name, number in (("features", 1), ("label", 2)):
        entry = record.nested_type.add(name=f"{name.capitalize()}Entry")
        entry.options.map_entry = True
        add(entry, "key", 1, once, field.TYPE_STRING)
        add(entry, "value", 2, once, "Value")
        add(record, name, number, many, f"Record.{entry.name}")
    for name, number in (("uid", 3), ("metadata", 4), ("configuration", 5)):
        add(record, name, number, once, field.TYPE_STRING)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("aialgs.data.Record")
    return message_factory.GetMessageClass(found)
