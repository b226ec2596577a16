"""Batch Transform through boto3: objects in, objects out, and its failures."""

import gzip
import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait

# Answers one line for each line, the sum of its numbers; says what it was asked.
ADDS = """
import json, os, time

def model_fn(model_dir):
    return os.environ.get("FACTOR", "1")

def transform_fn(model, data, content_type, accept):
    print("asked", repr(data), accept, flush=True)
    text = data if isinstance(data, str) else data.decode()
    if "slow" in text:
        time.sleep(60)
    if content_type.startswith("text/csv"):
        rows = [[float(v) for v in line.split(",")] for line in text.splitlines()]
        lines = [str(sum(row) * float(model)) for row in rows]
    else:
        values = [json.loads(one) for one in text.splitlines()]
        lines = [json.dumps({"size": len(value)}) for value in values]
    return "\\n".join(lines), accept
"""
GROUP = "/aws/sagemaker/TransformJobs"
Transform = Callable[..., dict[str, Any]]


def describe(name: str = "job") -> dict[str, Any]:
    return boto3.client("sagemaker").describe_transform_job(TransformJobName=name)


def ended(name: str = "job") -> dict[str, Any]:
    return wait(lambda: describe(name), "TransformJobStatus", "InProgress", "Stopping")


@pytest.fixture
def model(aws: Callable[[str], Any], role: str, bucket: str) -> str:
    """A model whose script adds up."""
    code = archive(model_txt="", code__inference_py=ADDS)
    aws("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=code)
    aws("sagemaker").create_model(
        ModelName="adds",
        PrimaryContainer={
            "Image": SKLEARN,
            "ModelDataUrl": f"s3://{bucket}/model.tar.gz",
        },
        ExecutionRoleArn=role,
    )
    return "adds"


@pytest.fixture
def begin(aws: Callable[[str], Any], bucket: str, model: str) -> Transform:
    """Start a job on objects: `begin({"a.csv": b"1,2"}, SplitType="Line")`."""

    def start(
        objects: dict[str, bytes], name: str = "job", **given: Any
    ) -> dict[str, Any]:
        for key, body in objects.items():
            aws("s3").put_object(Bucket=bucket, Key=f"in/{key}", Body=body)
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/in/"}
        request = {
            "TransformJobName": name,
            "ModelName": model,
            "TransformInput": {
                "DataSource": {"S3DataSource": source},
                "ContentType": "text/csv",
                "SplitType": "Line",
                **given.pop("Input", {}),
            },
            "TransformOutput": {
                "S3OutputPath": f"s3://{bucket}/out",
                "Accept": "text/csv",
                **given.pop("Output", {}),
            },
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **given,
        }
        aws("sagemaker").create_transform_job(**request)
        return request

    return start


@pytest.fixture
def transform(begin: Transform) -> Transform:
    """Run a job to its end."""

    def run(objects: dict[str, bytes], name: str = "job", **given: Any) -> Any:
        begin(objects, name, **given)
        return ended(name)

    return run


def output(bucket: str) -> dict[str, str]:
    """Return every object below the output path."""
    s3 = boto3.client("s3")
    found = s3.list_objects_v2(Bucket=bucket, Prefix="out/").get("Contents", ())
    return {
        item["Key"].removeprefix("out/"): s3.get_object(Bucket=bucket, Key=item["Key"])[
            "Body"
        ]
        .read()
        .decode()
        for item in found
    }


def said(suffix: str = "") -> list[str]:
    """Return what the streams of the job hold whose name ends so."""
    logs = boto3.client("logs")
    streams = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    names = [stream["logStreamName"] for stream in streams]
    return [
        event["message"]
        for name in names
        if name.endswith("data-log") == bool(suffix)
        for event in logs.get_log_events(logGroupName=GROUP, logStreamName=name)[
            "events"
        ]
    ]


def test_every_object_has_an_output(transform: Transform, bucket: str) -> None:
    job = transform(
        {"a.csv": b"1,2\n3,4\n", "deep/b.csv": b"5,6\n"},
        Output={"AssembleWith": "Line"},
        Environment={"FACTOR": "10"},
        Tags=[{"Key": "lesson", "Value": "3.1"}],
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert output(bucket) == {
        "a.csv.out": "30.0\n70.0\n",
        "deep/b.csv.out": "110.0\n",
    }
    assert job["TransformEndTime"] > job["TransformStartTime"] > job["CreationTime"]
    assert job["Environment"] == {"FACTOR": "10"}
    tags = boto3.client("sagemaker").list_tags(ResourceArn=job["TransformJobArn"])
    assert tags["Tags"] == [{"Key": "lesson", "Value": "3.1"}]


def test_records_are_batched_as_asked(transform: Transform, bucket: str) -> None:
    rows = {"a.csv": b"1,2\n3,4\n5,6"}
    transform(rows, "many", MaxConcurrentTransforms=2, BatchStrategy="MultiRecord")
    asked = [line for line in said() if "asked" in line]
    assert asked == ["asked '1,2\\n3,4\\n5,6' text/csv"]
    assert output(bucket) == {"a.csv.out": "3.0\n7.0\n11.0"}
    transform(rows, "one", BatchStrategy="SingleRecord")
    asked = [line for line in said() if "asked" in line][1:]
    assert asked == [f"asked '{row}' text/csv" for row in ("1,2", "3,4", "5,6")]
    assert output(bucket) == {"a.csv.out": "3.07.011.0"}
    transform(rows, "whole", Input={"SplitType": "None"})
    assert [line for line in said() if "asked" in line][4:] == asked_whole()
    assert "MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD" in "".join(said("data-log"))


def asked_whole() -> list[str]:
    return ["asked '1,2\\n3,4\\n5,6' text/csv"]


def test_a_payload_holds_as_much_as_it_may(transform: Transform, bucket: str) -> None:
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


def test_requests_run_side_by_side(transform: Transform, bucket: str) -> None:
    rows = b"\n".join(b"%d,1" % number for number in range(50))
    job = transform(
        {"a.csv": rows},
        MaxConcurrentTransforms=8,
        BatchStrategy="SingleRecord",
        Output={"AssembleWith": "Line"},
    )
    assert job["TransformJobStatus"] == "Completed"
    answers = output(bucket)["a.csv.out"].split()
    assert answers == [f"{number + 1}.0" for number in range(50)]


def test_instances_share_the_objects(transform: Transform, bucket: str) -> None:
    job = transform(
        {f"{name}.csv": b"1,2" for name in "abc"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
    )
    assert job["TransformJobStatus"] == "Completed"
    assert len(output(bucket)) == 3
    streams = boto3.client("logs").describe_log_streams(logGroupName=GROUP)
    assert len(streams["logStreams"]) == 4


def test_gzip_and_manifests_are_read(transform: Transform, bucket: str) -> None:
    listed = [{"prefix": f"s3://{bucket}/in/"}, "a.csv.gz"]
    boto3.client("s3").put_object(
        Bucket=bucket, Key="list.json", Body=json.dumps(listed).encode()
    )
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{bucket}/list.json"}
    given = {"DataSource": {"S3DataSource": source}, "CompressionType": "Gzip"}
    packed = gzip.compress(b"1,2\n3,4")
    job = transform({"a.csv.gz": packed, "b.csv": b"no"}, Input=given)
    assert job["TransformJobStatus"] == "Completed"
    assert output(bucket) == {"a.csv.gz.out": "3.0\n7.0"}
    job = transform({"a.csv.gz": b"1,2"}, "plain", Input=given)
    assert "ClientError" in job["FailureReason"]
    assert "Failed to decompress" in "\n".join(said("data-log"))


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
    transform: Transform, bucket: str, processing: dict[str, str], kept: str
) -> None:
    job = transform({"a.csv": b'"a,b",2\nc,4\n'}, DataProcessing=processing)
    assert job["TransformJobStatus"] == "Completed", said("data-log")
    assert output(bucket) == {"a.csv.out": kept}


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
    transform: Transform, bucket: str, processing: dict[str, str], kept: list[Any]
) -> None:
    job = transform(
        {"a.jsonl": b'{"id": 1, "x": [1, 2]}\n{"id": 1, "x": [1, 2]}\n'},
        Input={"ContentType": "application/jsonlines"},
        Output={"Accept": "application/jsonlines", "AssembleWith": "Line"},
        DataProcessing=processing,
    )
    assert job["TransformJobStatus"] == "Completed", said("data-log")
    lines = output(bucket)["a.jsonl.out"].splitlines()
    assert [json.loads(line) for line in lines] == kept * 2


def test_an_array_is_joined_below_a_key(transform: Transform, bucket: str) -> None:
    job = transform(
        {"a.json": b"[1, 2, 3]"},
        Input={"ContentType": "application/json", "SplitType": "None"},
        Output={"Accept": "application/json"},
        DataProcessing={"JoinSource": "Input"},
    )
    assert job["TransformJobStatus"] == "Completed"
    joined = {"SageMakerInput": [1, 2, 3], "SageMakerOutput": {"size": 3}}
    assert json.loads(output(bucket)["a.json.out"]) == joined


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
    transform: Transform, bucket: str, body: bytes, members: Any, line: str
) -> None:
    job = transform({"a": body}, **members)
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert line in "\n".join(said("data-log"))
    assert output(bucket) == {}


def test_an_answer_of_another_length_is_not_joined(
    transform: Transform, bucket: str, role: str
) -> None:
    code = archive(
        model_txt="",
        code__inference_py="def model_fn(d): return 1\n"
        "def transform_fn(m, data, kind, accept): return 'only one', accept\n",
    )
    boto3.client("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=code)
    transform({"a.csv": b"1,2\n3,4"}, DataProcessing={"JoinSource": "Input"})
    assert "mismatched line count between the input and the output" in "\n".join(
        said("data-log")
    )


def test_a_bad_record_fails_its_object_alone(transform: Transform, bucket: str) -> None:
    job = transform(
        {"bad.csv": b"1,2\nx,y\n5,6", "good.csv": b"1,2"},
        BatchStrategy="SingleRecord",
        ModelClientConfig={"InvocationsMaxRetries": 1},
    )
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert output(bucket) == {"good.csv.out": "3.0"}
    lines = "\n".join(said("data-log"))
    assert "in/bad.csv: Bad HTTP status received from algorithm: 500" in lines
    assert "could not convert string to float" in lines
    assert sum("'x,y'" in line and "asked" in line for line in said()) == 2


def test_a_model_that_does_not_load_fails_the_job(
    transform: Transform, bucket: str
) -> None:
    code = archive(model_txt="", code__inference_py="raise ValueError('no model')")
    boto3.client("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=code)
    job = transform({"a.csv": b"1,2"})
    assert job["TransformJobStatus"] == "Failed"
    assert "ping health check" in job["FailureReason"]
    assert "no model" in job["FailureReason"]


def test_a_prefix_without_objects_fails_the_job(
    transform: Transform, bucket: str
) -> None:
    job = transform({})
    assert "ClientError: Data download failed:No S3 objects" in job["FailureReason"]
    assert "TransformStartTime" not in job
    job = transform(
        {"a.csv": b"1,2"}, "there", Output={"S3OutputPath": "s3://no-such-bucket-x/"}
    )
    assert "upload failed" in job["FailureReason"]


def test_a_slow_answer_is_given_up(transform: Transform, bucket: str) -> None:
    job = transform(
        {"a.csv": b"slow"},
        ModelClientConfig={
            "InvocationsTimeoutInSeconds": 1,
            "InvocationsMaxRetries": 0,
        },
    )
    assert job["TransformJobStatus"] == "Failed"
    assert "Unable to get response from algorithm" in "\n".join(said("data-log"))


def test_stop_ends_the_job_without_output(begin: Transform, bucket: str) -> None:
    sagemaker = boto3.client("sagemaker")
    begin({"a.csv": b"1,2\nslow"}, BatchStrategy="SingleRecord")
    wait(lambda: {"loaded": bool(loaded())}, "loaded", False)
    sagemaker.stop_transform_job(TransformJobName="job")
    assert ended()["TransformJobStatus"] == "Stopped"
    assert output(bucket) == {}
    with pytest.raises(ClientError, match="in status Stopped"):
        sagemaker.stop_transform_job(TransformJobName="job")


def loaded() -> list[str]:
    """Return the data log; it is empty until the containers have loaded."""
    groups = boto3.client("logs").describe_log_groups(logGroupNamePrefix=GROUP)
    return said("data-log") if groups["logGroups"] else []


def test_stop_ends_a_job_that_has_not_begun(begin: Transform) -> None:
    begin({"a.csv": b"slow"})
    boto3.client("sagemaker").stop_transform_job(TransformJobName="job")
    assert ended()["TransformJobStatus"] == "Stopped"


def test_one_name_is_given_once(begin: Transform) -> None:
    request = begin({"a.csv": b"1,2"})
    outcomes: list[str] = []

    def create() -> None:
        try:
            boto3.session.Session().client("sagemaker").create_transform_job(
                **{**request, "TransformJobName": "race"}
            )
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ResourceInUse"] * 5 + ["won"]
    ended("race")


def test_jobs_are_listed(transform: Transform) -> None:
    for name in ("b-one", "a-two"):
        transform({"a.csv": b"1,2"}, name)
    sagemaker = boto3.client("sagemaker")
    found = sagemaker.list_transform_jobs(SortBy="Name", SortOrder="Ascending")
    names = [job["TransformJobName"] for job in found["TransformJobSummaries"]]
    assert names == ["a-two", "b-one"]
    found = sagemaker.list_transform_jobs(NameContains="one", StatusEquals="Completed")
    assert len(found["TransformJobSummaries"]) == 1
    with pytest.raises(ClientError, match="Could not find requested job with name: c"):
        describe("c")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelName": "none"}, "Could not find model"),
        ({"MaxPayloadInMB": 101}, "cannot be greater than 100"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "cannot exceed 100 MB"),
        ({"DataProcessing": {"InputFilter": "[1:]"}}, "not a supported JSONPath"),
        (
            {"DataProcessing": {"OutputFilter": "$.a[?(@.b)]"}},
            "not a supported JSONPath",
        ),
        (
            {
                "DataProcessing": {"InputFilter": "$[1:]"},
                "Input": {"ContentType": "image/png"},
            },
            "text/csv, application/json or",
        ),
        ({"Output": {"S3OutputPath": "https://x/y"}}, "pattern|not of the form"),
    ],
)
def test_wrong_input_is_refused(begin: Transform, members: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin({"a.csv": b"1,2"}, **members)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not boto3.client("sagemaker").list_transform_jobs()["TransformJobSummaries"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Input": {"SplitType": "RecordIO"}}, "SplitType='RecordIO'"),
        ({"Input": {"SplitType": "TFRecord"}}, "SplitType='TFRecord'"),
        ({"MaxPayloadInMB": 0}, "MaxPayloadInMB=0"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a/b"}}, "DataCaptureConfig"),
    ],
)
def test_what_does_not_act_is_refused_by_name(
    begin: Transform, members: Any, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin({"a.csv": b"1,2"}, **members)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"


def test_a_pipeline_of_containers_transforms(
    transform: Transform, bucket: str, role: str
) -> None:
    first = archive(
        model_txt="",
        code__inference_py="def model_fn(d): return 1\n"
        "def transform_fn(m, data, kind, accept): return data + ',10', 'text/csv'\n",
    )
    boto3.client("s3").put_object(Bucket=bucket, Key="first.tar.gz", Body=first)
    names = ("first", "model")
    boto3.client("sagemaker").create_model(
        ModelName="chain",
        Containers=[
            {"Image": SKLEARN, "ModelDataUrl": f"s3://{bucket}/{name}.tar.gz"}
            for name in names
        ],
        ExecutionRoleArn=role,
    )
    job = transform(
        {"a.csv": b"1,2\n3,4"}, ModelName="chain", BatchStrategy="SingleRecord"
    )
    assert job["TransformJobStatus"] == "Completed", said("data-log")
    assert output(bucket) == {"a.csv.out": "13.017.0"}
