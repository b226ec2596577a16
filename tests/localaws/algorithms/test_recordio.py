"""RecordIO-protobuf: framed, decoded, encoded."""

import io
import struct

import numpy as np
import pytest
from sagemaker.core.serializers import utils as sdk
from scipy.sparse import csr_matrix

from localaws.algorithms import UserError, recordio

# features {"values": {float32_tensor {values: [1.5, -2]}}}, written out by hand from
# the schema in the developer guide: key 1, then the map's entry of key and value
TENSOR = bytes([0x0A, 8]) + struct.pack("<2f", 1.5, -2)
VALUE = bytes([0x12, len(TENSOR)]) + TENSOR
ENTRY = bytes([0x0A, 6]) + b"values" + bytes([0x12, len(VALUE)]) + VALUE
RECORD = bytes([0x0A, len(ENTRY)]) + ENTRY


def test_the_bytes_of_a_record() -> None:
    assert recordio.encode(np.array([[1.5, -2]])) == recordio.frame(RECORD)
    features, labels = recordio.decode(recordio.frame(RECORD), "a")
    assert features.tolist() == [[1.5, -2]]
    assert features.dtype == np.float32
    assert labels is None


@pytest.mark.parametrize("length", range(6))
def test_the_frame_is_that_of_the_sdk(length) -> None:
    stream = io.BytesIO()
    sdk._write_recordio(stream, b"x" * length)
    assert recordio.frame(b"x" * length) == stream.getvalue()
    two = io.BytesIO(recordio.frame(b"x" * length) + recordio.frame(b"yz"))
    assert list(sdk.read_recordio(two)) == [b"x" * length, b"yz"]
    assert list(recordio.frames(two.getvalue(), "a")) == [b"x" * length, b"yz"]


def test_dense_rows_come_back() -> None:
    rows = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    features, labels = recordio.decode(recordio.encode(rows, range(7)), "a")
    assert np.array_equal(features, rows)
    assert labels.tolist() == list(range(7))


def test_sparse_rows_come_back() -> None:
    rows = csr_matrix(np.array([[0, 1.5, 0], [0, 0, 0], [2, 0, 3]], np.float32))
    features, labels = recordio.decode(recordio.encode(rows, [1, 0, 1]), "a")
    assert features.toarray().tolist() == rows.toarray().tolist()
    assert labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("kind", "values"), [("float64_tensor", [0.5, 2]), ("int32_tensor", [3, -4])]
)
def test_tensors_of_other_numbers(kind, values) -> None:
    record = recordio._record_class()()
    getattr(record.features["values"], kind).values.extend(values)
    content = recordio.frame(record.SerializeToString())
    assert recordio.decode(content, "a")[0].tolist() == [values]


def test_answers_come_back() -> None:
    answers = [{"score": [0.5, 0.25], "predicted_label": 0}, {"score": [1.0]}]
    found = recordio.decode_answers(recordio.encode_answers(answers))
    assert found == [{"score": [0.5, 0.25], "predicted_label": [0]}, {"score": [1]}]


def record(**labels: list[float]) -> bytes:
    one = recordio._record_class()()
    one.features["values"].float32_tensor.values.append(1)
    for key, values in labels.items():
        one.label[key].float32_tensor.values.extend(values)
    return recordio.frame(one.SerializeToString())


def sparse(keys: list[int], values: list[float], shape: list[int]) -> bytes:
    one = recordio._record_class()()
    tensor = one.features["values"].float32_tensor
    tensor.values.extend(values)
    tensor.keys.extend(keys)
    tensor.shape.extend(shape)
    return recordio.frame(one.SerializeToString())


WHOLE = recordio.encode(np.ones((1, 2)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "File 'a' holds no records"),
        (b"1,2,3,4\n", "not RecordIO: at byte 0 stands 0x.*, not the magic number"),
        (WHOLE[:-4], "it ends inside a record"),
        (WHOLE + b"\n", "it ends inside a record"),
        (recordio.frame(b"\xff\xff"), "Record 1 of file 'a' is not a protobuf Record"),
        (recordio.frame(b""), "Record 1 of file 'a' has no member 'values'; found"),
        (WHOLE + recordio.encode(np.ones((1, 3))), r"numbers of features: \[2, 3\]"),
        (record(values=[1]) + record(), "Some records .* have a label, some have none"),
        (record(values=[1, 2]), "The label of record 1 of file 'a' is not one number"),
        (record(score=[1]), "has no member 'values'; found .*score"),
        (sparse([5], [1], [3]), "The keys of a record of file 'a' do not fit it"),
        (sparse([1, 2], [1], [3]), "The keys of a record of file 'a' do not fit it"),
    ],
)
def test_what_cannot_be_read(content, message) -> None:
    with pytest.raises(UserError, match=message):
        recordio.decode(content, "a")
