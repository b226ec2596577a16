"""Requests and answers in the formats that AWS documents."""

import json

import numpy as np
import pytest

from localaws.algorithms import InferenceError, exchange, recordio
from localaws.algorithms.first_party import dense

KINDS = (exchange.CSV, exchange.JSON, exchange.LINES, exchange.RECORDIO)
ROWS = [[1.5, 0, -2], [0, 3, 0]]
SPARSE = {"data": {"features": {"keys": [0, 2], "shape": [3], "values": [1.5, -2]}}}
REQUESTS = {
    "csv": ("1.5,0,-2\n0,3,0\n", "text/csv"),
    "csv with labels": ("9,1.5,0,-2\n9,0,3,0", "text/csv;label_size=1"),
    "no type": ("1.5,0,-2\n0,3,0", ""),
    "features": (
        json.dumps({"instances": [{"features": row} for row in ROWS]}),
        "application/json",
    ),
    "data": (
        json.dumps(
            {"instances": [{"data": {"features": {"values": r}}} for r in ROWS]}
        ),
        "application/json; charset=utf-8",
    ),
    "sparse": (
        json.dumps({"instances": [SPARSE, {"features": ROWS[1]}]}),
        "application/json",
    ),
    "lines": (
        "\n".join([json.dumps(SPARSE), json.dumps({"features": ROWS[1]})]) + "\n",
        "application/jsonlines",
    ),
    "records": (recordio.encode(np.array(ROWS)), "application/x-recordio-protobuf"),
}


@pytest.mark.parametrize(("body", "kind"), REQUESTS.values(), ids=REQUESTS)
def test_documented_requests(body, kind) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    rows, _ = exchange.read(raw, kind, 3, KINDS)
    assert dense(rows).tolist() == ROWS


@pytest.mark.parametrize(
    ("body", "kind", "status", "message"),
    [
        ("", "text/csv", 204, "^$"),
        ("1,2,3", "image/png", 415, "Content-type image/png not supported"),
        ("1,2", "text/csv", 400, "has feature_dim 3, a row of the request has 2"),
        ("1,x,2", "text/csv", 400, "the body is not text/csv: .*like a header"),
        ("1,,2", "text/csv", 400, "a value is missing or infinite"),
        ("{", "application/json", 400, "the body is not application/json"),
        ("[]", "application/json", 400, "the body is not application/json"),
        ("{}", "application/json", 400, "no member 'instances'"),
        ('{"instances": []}', "application/json", 400, "there are no instances"),
        ('{"instances": [{"x": 1}]}', "application/json", 400, "no member 'features'"),
        (
            '{"instances": [{"features": [1, 2, 3]}, {"features": [1]}]}',
            "application/json",
            400,
            "the instances have different numbers of features",
        ),
        (
            '{"features": {"keys": [7], "values": [1], "shape": [3]}}',
            "application/jsonlines",
            400,
            "the keys of an instance do not fit",
        ),
        ("1,2,3", "application/x-recordio-protobuf", 400, "is not RecordIO"),
    ],
)
def test_requests_that_are_refused(body, kind, status, message) -> None:
    with pytest.raises(InferenceError, match=message) as caught:
        exchange.read(body.encode(), kind, 3, KINDS)
    assert caught.value.status == status


ANSWERS = [{"a": 1.0, "b": 0.5}, {"a": 2.0, "b": 0.25}]


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_json_is_the_default(accept) -> None:
    body, kind = exchange.write(ANSWERS, accept, KINDS, "scores")
    assert json.loads(body) == {"scores": ANSWERS}
    assert kind == "application/json"


def test_the_other_answers() -> None:
    lines, kind = exchange.write(ANSWERS, "application/jsonlines", KINDS)
    assert [json.loads(line) for line in lines.splitlines()] == ANSWERS
    assert kind == "application/jsonlines"
    assert exchange.write(ANSWERS, "text/csv", KINDS) == (
        b"1.0,0.5\n2.0,0.25\n",
        "text/csv",
    )
    records, _ = exchange.write(ANSWERS, "application/x-recordio-protobuf", KINDS)
    assert recordio.decode_answers(records)[1] == {"a": [2.0], "b": [0.25]}


def test_an_answer_that_nobody_writes() -> None:
    with pytest.raises(InferenceError, match="Accept type image/png") as caught:
        exchange.write(ANSWERS, "image/png", KINDS)
    assert caught.value.status == 406
