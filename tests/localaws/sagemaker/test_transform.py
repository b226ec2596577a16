"""Batch Transform through boto3: objects in, objects out."""

import gzip
import json

import boto3
import pytest

from tests.localaws.sagemaker.conftest import SKLEARN, archive
from tests.localaws.sagemaker.desk import BUCKET, ROLE
from tests.localaws.sagemaker.transformed import (
    GROUP,
    make_model,
    output,
    said,
    transform,
)

pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def model(role: str, bucket: str) -> None:
    """A model whose script adds up."""
    make_model()


def test_every_object_has_an_output() -> None:
    job = transform(
        {"a.csv": b"1,2\n3,4\n", "deep/b.csv": b"5,6\n"},
        Output={"AssembleWith": "Line"},
        Environment={"FACTOR": "10"},
        Tags=[{"Key": "lesson", "Value": "3.1"}],
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert output() == {
        "a.csv.out": "30.0\n70.0\n",
        "deep/b.csv.out": "110.0\n",
    }
    assert job["TransformEndTime"] > job["TransformStartTime"] > job["CreationTime"]
    assert job["Environment"] == {"FACTOR": "10"}
    tags = boto3.client("sagemaker").list_tags(ResourceArn=job["TransformJobArn"])
    assert tags["Tags"] == [{"Key": "lesson", "Value": "3.1"}]


def test_records_are_batched_as_asked() -> None:
    rows = {"a.csv": b"1,2\n3,4\n5,6"}
    transform(rows, "many", MaxConcurrentTransforms=2, BatchStrategy="MultiRecord")
    asked = [line for line in said() if "asked" in line]
    assert asked == ["asked '1,2\\n3,4\\n5,6' text/csv"]
    assert output() == {"a.csv.out": "3.0\n7.0\n11.0"}
    transform(rows, "one", BatchStrategy="SingleRecord")
    asked = [line for line in said() if "asked" in line][1:]
    assert asked == [f"asked '{row}' text/csv" for row in ("1,2", "3,4", "5,6")]
    assert output() == {"a.csv.out": "3.07.011.0"}
    transform(rows, "whole", Input={"SplitType": "None"})
    assert [line for line in said() if "asked" in line][4:] == asked_whole()
    assert "MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD" in "".join(said("data-log"))


def asked_whole() -> list[str]:
    return ["asked '1,2\\n3,4\\n5,6' text/csv"]


def test_a_payload_holds_as_much_as_it_may() -> None:
    row = b"1," * 200_000 + b"1\n"
    job = transform({"a.csv": row * 4}, MaxPayloadInMB=1)
    assert job["TransformJobStatus"] == "Completed"
    assert len([line for line in said() if "asked" in line]) == 2
    job = transform(
        {"a.csv": row * 3}, "whole", MaxPayloadInMB=1, Input={"SplitType": "None"}
    )
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert "on-time-desk/in/a.csv: Too much data for max payload size" in "\n".join(
        said("data-log")
    )


def test_requests_run_side_by_side() -> None:
    rows = b"\n".join(b"%d,1" % number for number in range(50))
    job = transform(
        {"a.csv": rows},
        MaxConcurrentTransforms=8,
        BatchStrategy="SingleRecord",
        Output={"AssembleWith": "Line"},
    )
    assert job["TransformJobStatus"] == "Completed"
    answers = output()["a.csv.out"].split()
    assert answers == [f"{number + 1}.0" for number in range(50)]


def test_instances_share_the_objects() -> None:
    job = transform(
        {f"{name}.csv": b"1,2" for name in "abc"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
    )
    assert job["TransformJobStatus"] == "Completed"
    assert len(output()) == 3
    streams = boto3.client("logs").describe_log_streams(logGroupName=GROUP)
    assert len(streams["logStreams"]) == 4


def test_gzip_and_manifests_are_read() -> None:
    listed = [{"prefix": f"s3://{BUCKET}/in/"}, "a.csv.gz"]
    boto3.client("s3").put_object(
        Bucket=BUCKET, Key="list.json", Body=json.dumps(listed).encode()
    )
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/list.json"}
    given = {"DataSource": {"S3DataSource": source}, "CompressionType": "Gzip"}
    packed = gzip.compress(b"1,2\n3,4")
    job = transform({"a.csv.gz": packed, "b.csv": b"no"}, Input=given)
    assert job["TransformJobStatus"] == "Completed"
    assert output() == {"a.csv.gz.out": "3.0\n7.0"}
    job = transform({"a.csv.gz": b"1,2"}, "plain", Input=given)
    assert "ClientError" in job["FailureReason"]
    assert "Failed to decompress" in "\n".join(said("data-log"))


def test_a_pipeline_of_containers_transforms() -> None:
    first = archive(
        model_txt="",
        code__inference_py="def model_fn(d): return 1\n"
        "def transform_fn(m, data, kind, accept): return data + ',10', 'text/csv'\n",
    )
    boto3.client("s3").put_object(Bucket=BUCKET, Key="first.tar.gz", Body=first)
    names = ("first", "model")
    boto3.client("sagemaker").create_model(
        ModelName="chain",
        Containers=[
            {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/{name}.tar.gz"}
            for name in names
        ],
        ExecutionRoleArn=ROLE,
    )
    job = transform(
        {"a.csv": b"1,2\n3,4"}, ModelName="chain", BatchStrategy="SingleRecord"
    )
    assert job["TransformJobStatus"] == "Completed", said("data-log")
    assert output() == {"a.csv.out": "13.017.0"}
