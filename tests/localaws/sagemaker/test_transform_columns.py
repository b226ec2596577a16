"""Batch Transform selects columns and members, and joins input and output."""

import json
from typing import Any

import boto3
import pytest

from tests.localaws.sagemaker.conftest import archive
from tests.localaws.sagemaker.desk import BUCKET
from tests.localaws.sagemaker.transformed import make_model, output, said, transform

pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def model(role: str, bucket: str) -> None:
    """A model whose script adds up."""
    make_model()


@pytest.mark.parametrize(
    ("processing", "kept"),
    [
        ({"InputFilter": "$[1:]"}, "2.0\n4.0"),
        ({"InputFilter": "$[1:]", "JoinSource": "Input"}, '"a,b",2,2.0\nc,4,4.0'),
        (
            {"InputFilter": "$[-1]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
            '"a,b",2.0\nc,4.0',
        ),
        (
            {"InputFilter": "$[1]", "JoinSource": "Input", "OutputFilter": "$[0,1:]"},
            '"a,b",2,2.0\nc,4,4.0',
        ),
        ({"InputFilter": "$[1:2]", "OutputFilter": "$[0]"}, "2.0\n4.0"),
    ],
)
def test_columns_of_csv_are_filtered_and_joined(
    processing: dict[str, str], kept: str
) -> None:
    job = transform({"a.csv": b'"a,b",2\nc,4\n'}, DataProcessing=processing)
    assert job["TransformJobStatus"] == "Completed", said("data-log")
    assert output() == {"a.csv.out": kept}


@pytest.mark.parametrize(
    ("processing", "kept"),
    [
        (
            {"InputFilter": "$.x", "JoinSource": "Input"},
            [{"id": 1, "x": [1, 2], "SageMakerOutput": {"size": 2}}],
        ),
        (
            {
                "InputFilter": "$['x']",
                "JoinSource": "Input",
                "OutputFilter": "$['id','SageMakerOutput']",
            },
            [{"id": 1, "SageMakerOutput": {"size": 2}}],
        ),
        ({"InputFilter": "$['id','x']", "OutputFilter": "$.size"}, [2]),
        ({"InputFilter": "$.x[0:1]", "OutputFilter": "$.*"}, [[1]]),
    ],
)
def test_members_of_json_lines_are_filtered_and_joined(
    processing: dict[str, str], kept: list[Any]
) -> None:
    job = transform(
        {"a.jsonl": b'{"id": 1, "x": [1, 2]}\n{"id": 1, "x": [1, 2]}\n'},
        Input={"ContentType": "application/jsonlines"},
        Output={"Accept": "application/jsonlines", "AssembleWith": "Line"},
        DataProcessing=processing,
    )
    assert job["TransformJobStatus"] == "Completed", said("data-log")
    lines = output()["a.jsonl.out"].splitlines()
    assert [json.loads(line) for line in lines] == kept * 2


def test_an_array_is_joined_below_a_key() -> None:
    job = transform(
        {"a.json": b"[1, 2, 3]"},
        Input={"ContentType": "application/json", "SplitType": "None"},
        Output={"Accept": "application/json"},
        DataProcessing={"JoinSource": "Input"},
    )
    assert job["TransformJobStatus"] == "Completed"
    joined = {"SageMakerInput": [1, 2, 3], "SageMakerOutput": {"size": 3}}
    assert json.loads(output()["a.json.out"]) == joined


@pytest.mark.parametrize(
    ("body", "members", "line"),
    [
        (b"1,2\n3,4", {"DataProcessing": {"InputFilter": "$[7]"}}, "selects nothing"),
        (
            b"1,2\n3,4",
            {
                "DataProcessing": {"JoinSource": "Input"},
                "Output": {"Accept": "application/json"},
            },
            "Failed to parse output from the algorithm as CSV",
        ),
        (
            b'{"a": 1}\n{"a": 2}\nnot json',
            {
                "Input": {"ContentType": "application/jsonlines"},
                "DataProcessing": {"InputFilter": "$.a"},
            },
            "Failed to parse the record as JSON",
        ),
    ],
)
def test_data_that_do_not_fit_fail_the_job(
    body: bytes, members: Any, line: str
) -> None:
    job = transform({"a": body}, **members)
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert line in "\n".join(said("data-log"))
    assert output() == {}


def test_an_answer_of_another_length_is_not_joined() -> None:
    code = archive(
        model_txt="",
        code__inference_py="def model_fn(d): return 1\n"
        "def transform_fn(m, data, kind, accept): return 'only one', accept\n",
    )
    boto3.client("s3").put_object(Bucket=BUCKET, Key="model.tar.gz", Body=code)
    transform({"a.csv": b"1,2\n3,4"}, DataProcessing={"JoinSource": "Input"})
    assert "mismatched line count between the input and the output" in "\n".join(
        said("data-log")
    )
