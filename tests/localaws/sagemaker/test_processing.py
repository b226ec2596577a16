"""Processing jobs, called as a learner calls them."""

import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.jobs import can_cut_network
from tests.localaws.sagemaker.conftest import SKLEARN, wait

Process = Callable[..., dict[str, Any]]
isolable = pytest.mark.skipif(
    not can_cut_network(), reason="this machine lets no user make network namespaces"
)
BASE = "/opt/ml/processing"
DOUBLES = f"""
import os, pathlib, sys
rows = pathlib.Path("{BASE}/input/data/a.csv").read_text().splitlines()
out = pathlib.Path("{BASE}/output/clean")
(out / "part").mkdir()
(out / "part" / "a.csv").write_text("\\n".join(rows * int(sys.argv[2])))
(out / "mode.txt").write_text(os.environ["MODE"])
pathlib.Path("/opt/ml/output/message").write_text(f"kept {{len(rows)}} rows")
print("read", len(rows), "from {BASE}/input")
"""


def source(bucket: str, prefix: str, path: str, **more: str) -> dict[str, Any]:
    """Return one input of a processing job."""
    place = {
        "S3Uri": f"s3://{bucket}/{prefix}",
        "LocalPath": f"{BASE}/input/{path}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        **more,
    }
    return {"InputName": path, "S3Input": place}


def result(bucket: str, name: str, mode: str = "EndOfJob") -> dict[str, Any]:
    """Return one output of a processing job."""
    place = {
        "S3Uri": f"s3://{bucket}/{name}",
        "LocalPath": f"{BASE}/output/{name}",
        "S3UploadMode": mode,
    }
    return {"OutputName": name, "S3Output": place}


@pytest.fixture
def start(aws: Callable[[str], Any], role: str, bucket: str) -> Process:
    """Start a processing job of one script and return its input."""
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="raw/a.csv", Body=b"1,2\n3,4\n")

    def begin(script: str, name: str = "job", **members: Any) -> dict[str, Any]:
        s3.put_object(Bucket=bucket, Key="scripts/clean.py", Body=script.encode())
        request = {
            "ProcessingJobName": name,
            "AppSpecification": {
                "ImageUri": SKLEARN,
                "ContainerEntrypoint": ["python3", f"{BASE}/input/code/clean.py"],
                "ContainerArguments": ["--times", "2"],
            },
            "Environment": {"MODE": "night"},
            "ProcessingInputs": [
                source(bucket, "raw/", "data"),
                source(bucket, "scripts/clean.py", "code"),
            ],
            "ProcessingOutputConfig": {"Outputs": [result(bucket, "clean")]},
            "ProcessingResources": instances(1),
            "RoleArn": role,
            **members,
        }
        aws("sagemaker").create_processing_job(**request)
        return request

    return begin


@pytest.fixture
def process(start: Process) -> Process:
    """Run a processing job of one script to its end and return its description."""

    def run(script: str, name: str = "job", **members: Any) -> dict[str, Any]:
        start(script, name, **members)
        return ended(name)

    return run


def instances(count: int) -> dict[str, Any]:
    """Return the resources of a job."""
    return {
        "ClusterConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": count,
            "VolumeSizeInGB": 1,
        }
    }


def ended(name: str) -> dict[str, Any]:
    """Wait for a processing job's end and return its description."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_processing_job(ProcessingJobName=name),
        "ProcessingJobStatus",
        "InProgress",
        "Stopping",
    )


def keys(bucket: str, prefix: str) -> dict[str, bytes]:
    """Return the objects below a prefix."""
    s3 = boto3.client("s3")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return {
        item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        for item in found
    }


def messages(name: str, host: str = "algo-1") -> list[str]:
    """Return the log of one host."""
    logs, group = boto3.client("logs"), "/aws/sagemaker/ProcessingJobs"
    streams = logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix=f"{name}/{host}-"
    )["logStreams"]
    events = logs.get_log_events(
        logGroupName=group, logStreamName=streams[0]["logStreamName"]
    )["events"]
    return [event["message"] for event in events]


def test_a_script_turns_inputs_into_outputs(start: Process, bucket: str) -> None:
    request = start(DOUBLES, Tags=[{"Key": "lesson", "Value": "1.2a"}])
    job = ended("job")
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    for member in request.keys() - {"Tags"}:
        assert job[member] == request[member]
    assert job["ExitMessage"] == "kept 2 rows"
    assert job["ProcessingEndTime"] > job["ProcessingStartTime"] > job["CreationTime"]
    assert keys(bucket, "clean/") == {
        "clean/part/a.csv": b"1,2\n3,4\n1,2\n3,4",
        "clean/mode.txt": b"night",
    }
    said, modelled = messages("job")
    assert said == f"read 2 from {BASE}/input"
    assert "simulated" in modelled


def test_the_container_is_told_what_the_job_is(process: Process, bucket: str) -> None:
    script = (
        "import pathlib, shutil\n"
        f"out = '{BASE}/output/clean/'\n"
        "for path in pathlib.Path('/opt/ml/config').iterdir():\n"
        "    shutil.copy(path, out)\n"
    )
    job = process(script)
    assert job["ProcessingJobStatus"] == "Completed", messages("job")
    told = {name: json.loads(body) for name, body in keys(bucket, "clean/").items()}
    assert told["clean/resourceconfig.json"] == {
        "current_host": "algo-1",
        "hosts": ["algo-1"],
    }
    config = told["clean/processingjobconfig.json"]
    assert config["ProcessingJobArn"] == job["ProcessingJobArn"]
    assert config["ProcessingResources"] == job["ProcessingResources"]
    places = [given["S3Input"]["LocalPath"] for given in config["ProcessingInputs"]]
    assert [place[place.index("/input") :] for place in places] == [
        "/input/data",
        "/input/code",
    ]


def test_instances_share_the_objects_by_key(process: Process, bucket: str) -> None:
    for name in "abcd":
        boto3.client("s3").put_object(Bucket=bucket, Key=f"many/{name}", Body=b"1")
    script = (
        "import json, pathlib\n"
        "told = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        f"mine = sorted(p.name for p in pathlib.Path('{BASE}/input/data').iterdir())\n"
        "host = told['current_host']\n"
        f"pathlib.Path('{BASE}/output/clean', host).write_text(' '.join(mine))\n"
        "open('/opt/ml/output/message', 'w').write(host + ';')\n"
        "print(host, told['hosts'])\n"
    )
    job = process(
        script,
        ProcessingInputs=[
            source(bucket, "many/", "data", S3DataDistributionType="ShardedByS3Key"),
            source(
                bucket, "scripts/", "code", S3DataDistributionType="FullyReplicated"
            ),
        ],
        ProcessingResources=instances(2),
    )
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert keys(bucket, "clean/") == {"clean/algo-1": b"a c", "clean/algo-2": b"b d"}
    assert job["ExitMessage"] == "algo-1;algo-2;"
    assert messages("job", "algo-2")[0] == "algo-2 ['algo-1', 'algo-2']"


def test_one_failing_instance_fails_the_job(process: Process, bucket: str) -> None:
    job = process(
        "import json, sys, time\n"
        "told = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        "sys.exit(7) if told['current_host'] == 'algo-2' else time.sleep(60)",
        ProcessingResources=instances(2),
    )
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: , exit code: 7"


def test_an_exception_fails_the_job_and_the_log_tells_it(
    process: Process, bucket: str
) -> None:
    job = process(
        "open('/opt/ml/output/message', 'w').write('no rows')\n"
        f"open('{BASE}/output/clean/half.csv', 'w').write('1')\n"
        "raise ValueError('too few rows')"
    )
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert job["ExitMessage"] == "no rows"
    said = messages("job")
    assert "ValueError: too few rows" in said
    assert any(f'"{BASE}/input/code/clean.py", line 3' in line for line in said)
    assert not keys(bucket, "clean/")


def test_a_message_is_text_and_one_kilobyte_at_most(process: Process) -> None:
    job = process("open('/opt/ml/output/message', 'w').write('é' * 3000)")
    assert job["ExitMessage"] == "é" * 512
    job = process("open('/opt/ml/output/message', 'wb').write(b'\\xff\\xfe')", "bad")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: /opt/ml/output/message")


def test_continuous_outputs_arrive_while_the_job_runs(
    start: Process, bucket: str
) -> None:
    start(
        f"open('{BASE}/output/live/one.csv', 'w').write('1')\n"
        "import time\ntime.sleep(60)",
        ProcessingOutputConfig={
            "Outputs": [result(bucket, "live", "Continuous"), result(bucket, "clean")]
        },
    )
    wait(lambda: {"found": len(keys(bucket, "live/"))}, "found", 0)
    sagemaker = boto3.client("sagemaker")
    job = sagemaker.describe_processing_job(ProcessingJobName="job")
    assert job["ProcessingJobStatus"] == "InProgress"
    sagemaker.stop_processing_job(ProcessingJobName="job")
    assert ended("job")["ProcessingJobStatus"] == "Stopped"
    assert keys(bucket, "live/") == {"live/one.csv": b"1"}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"ProcessingInputs": [source("on-time-desk", "none/", "code")]},
            "ClientError: Data download failed",
        ),
        (
            {"ProcessingInputs": [source("no-such-bucket-here", "a/", "code")]},
            "NoSuchBucket",
        ),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [result("no-such-bucket-here", "clean")]
                }
            },
            "ClientError: Artifact upload failed",
        ),
        (
            {
                "AppSpecification": {
                    "ImageUri": SKLEARN,
                    "ContainerEntrypoint": ["python3", f"{BASE}/input/code/other.py"],
                }
            },
            "AlgorithmError: , exit code: 2",
        ),
    ],
)
def test_what_is_missing_fails_the_job(
    process: Process, members: dict[str, Any], reason: str
) -> None:
    job = process(f"open('{BASE}/output/clean/a', 'w').write('1')", **members)
    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_hanging_job_is_stopped_at_its_maximum(process: Process) -> None:
    job = process(
        "import time\ntime.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1}
    )
    assert job["ProcessingJobStatus"] == "Stopped"


def test_an_image_of_ones_own_runs_its_entrypoint(process: Process) -> None:
    job = process(
        "",
        AppSpecification={
            "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1",
            "ContainerEntrypoint": ["/bin/sh", "-c"],
            "ContainerArguments": [f"wc -l < {BASE}/input/data/a.csv"],
        },
    )
    assert job["ProcessingJobStatus"] == "Completed"
    assert messages("job")[0].strip() == "2"


@isolable
def test_an_isolated_job_reaches_no_network(process: Process, bucket: str) -> None:
    script = (
        "import os, socket\n"
        "port = int(os.environ['PORT'])\n"
        "try:\n    socket.create_connection(('127.0.0.1', port), 2)\n"
        "except OSError as error:\n    print('cut off:', error)\n"
        "print('AWS_ACCESS_KEY_ID' in os.environ)"
    )
    port = boto3.client("s3").meta.endpoint_url.rpartition(":")[2]
    open_ = process(script, Environment={"PORT": port})
    assert open_["ProcessingJobStatus"] == "Completed"
    assert messages("job")[0] == "True"
    closed = process(
        script,
        "closed",
        Environment={"PORT": port},
        NetworkConfig={"EnableNetworkIsolation": True},
    )
    assert closed["ProcessingJobStatus"] == "Completed", messages("closed")
    assert messages("closed")[0].startswith("cut off: ")
    assert messages("closed")[1] == "False"


def test_stop_and_delete_in_each_state(start: Process) -> None:
    sagemaker = boto3.client("sagemaker")
    start("import time\ntime.sleep(60)")
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.delete_processing_job(ProcessingJobName="job")
    sagemaker.stop_processing_job(ProcessingJobName="job")
    assert ended("job")["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(ClientError, match="processing job is in status Stopped"):
        sagemaker.stop_processing_job(ProcessingJobName="job")
    sagemaker.delete_processing_job(ProcessingJobName="job")
    with pytest.raises(ClientError, match="Could not find requested job") as caught:
        sagemaker.describe_processing_job(ProcessingJobName="job")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_one_name_is_given_once(start: Process) -> None:
    request = start("print()")
    outcomes: list[str] = []

    def create() -> None:
        try:
            boto3.session.Session().client("sagemaker").create_processing_job(
                **{**request, "ProcessingJobName": "race"}
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


def test_list_filters_and_sorts(process: Process) -> None:
    for name in ("b-one", "a-two"):
        process("print()", name)
    process("exit(1)", "b-bad")
    sagemaker = boto3.client("sagemaker")
    found = sagemaker.list_processing_jobs(NameContains="b-", StatusEquals="Completed")
    shown = found["ProcessingJobSummaries"]
    assert [job["ProcessingJobName"] for job in shown] == ["b-one"]
    assert sagemaker.list_processing_jobs(SortBy="Name", MaxResults=2)["NextToken"]


def test_a_role_must_trust_sagemaker(start: Process) -> None:
    arn = "arn:aws:iam::123456789012:role/nobody"
    with pytest.raises(ClientError, match=f"Could not assume role {arn}"):
        start("print()", RoleArn=arn)


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        (
            {"AppSpecification": {"ImageUri": SKLEARN}},
            "NotImplementedInLocalEndpoint",
            "no AppSpecification.ContainerEntrypoint",
        ),
        (
            {
                "NetworkConfig": {
                    "VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}
                }
            },
            "NotImplementedInLocalEndpoint",
            "VpcConfig",
        ),
        (
            {
                "NetworkConfig": {"EnableInterContainerTrafficEncryption": True},
                "ProcessingResources": instances(2),
            },
            "NotImplementedInLocalEndpoint",
            "EnableInterContainerTrafficEncryption",
        ),
        (
            {
                "NetworkConfig": {"EnableNetworkIsolation": True},
                "ProcessingResources": instances(2),
            },
            "NotImplementedInLocalEndpoint",
            "EnableNetworkIsolation",
        ),
        (
            {
                "ProcessingInputs": [
                    source("on-time-desk", "a/", "code", S3InputMode="Pipe")
                ]
            },
            "NotImplementedInLocalEndpoint",
            "S3InputMode='Pipe'",
        ),
        (
            {
                "ProcessingInputs": [
                    source("on-time-desk", "a/", "code", LocalPath="/opt/ml/data")
                ]
            },
            "ValidationException",
            "must begin with /opt/ml/processing/",
        ),
        (
            {
                "ProcessingInputs": [
                    source("on-time-desk", "a/", "code"),
                    source("on-time-desk", "b/", "code"),
                ]
            },
            "ValidationException",
            "InputName must be unique",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    start: Process, members: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        start("print()", **members)
    assert caught.value.response["Error"]["Code"] == code
    assert not boto3.client("sagemaker").list_processing_jobs()[
        "ProcessingJobSummaries"
    ]
