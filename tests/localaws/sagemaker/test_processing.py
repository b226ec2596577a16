"""Processing jobs, called as a learner calls them."""

import json

import boto3
import pytest

from localaws.jobs import can_cut_network
from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.desk import BUCKET
from tests.localaws.sagemaker.processed import (
    BASE,
    ended,
    instances,
    keys,
    messages,
    process,
    result,
    source,
    start,
)

pytestmark = pytest.mark.usefixtures("role", "bucket")
isolable = pytest.mark.skipif(
    not can_cut_network(), reason="this machine lets no user make network namespaces"
)
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


def test_a_script_turns_inputs_into_outputs() -> None:
    request = start(DOUBLES, Tags=[{"Key": "lesson", "Value": "1.2a"}])
    job = ended()
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    for member in request.keys() - {"Tags"}:
        assert job[member] == request[member]
    assert job["ExitMessage"] == "kept 2 rows"
    assert job["ProcessingEndTime"] > job["ProcessingStartTime"] > job["CreationTime"]
    assert keys("clean/") == {
        "clean/part/a.csv": b"1,2\n3,4\n1,2\n3,4",
        "clean/mode.txt": b"night",
    }
    said, modelled = messages("job")
    assert said == f"read 2 from {BASE}/input"
    assert "simulated" in modelled


def test_the_container_is_told_what_the_job_is() -> None:
    script = (
        "import pathlib, shutil\n"
        f"out = '{BASE}/output/clean/'\n"
        "for path in pathlib.Path('/opt/ml/config').iterdir():\n"
        "    shutil.copy(path, out)\n"
    )
    job = process(script)
    assert job["ProcessingJobStatus"] == "Completed", messages("job")
    told = {name: json.loads(body) for name, body in keys("clean/").items()}
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


def test_instances_share_the_objects_by_key() -> None:
    for name in "abcd":
        boto3.client("s3").put_object(Bucket=BUCKET, Key=f"many/{name}", Body=b"1")
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
            source("many/", "data", S3DataDistributionType="ShardedByS3Key"),
            source("scripts/", "code", S3DataDistributionType="FullyReplicated"),
        ],
        ProcessingResources=instances(2),
    )
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert keys("clean/") == {"clean/algo-1": b"a c", "clean/algo-2": b"b d"}
    assert job["ExitMessage"] == "algo-1;algo-2;"
    assert messages("job", "algo-2")[0] == "algo-2 ['algo-1', 'algo-2']"


def test_a_message_is_text_and_one_kilobyte_at_most() -> None:
    job = process("open('/opt/ml/output/message', 'w').write('é' * 3000)")
    assert job["ExitMessage"] == "é" * 512
    job = process("open('/opt/ml/output/message', 'wb').write(b'\\xff\\xfe')", "bad")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: /opt/ml/output/message")


def test_continuous_outputs_arrive_while_the_job_runs() -> None:
    start(
        f"open('{BASE}/output/live/one.csv', 'w').write('1')\n"
        "import time\ntime.sleep(60)",
        ProcessingOutputConfig={
            "Outputs": [result("live", "Continuous"), result("clean")]
        },
    )
    wait(lambda: {"found": len(keys("live/"))}, "found", 0)
    sagemaker = boto3.client("sagemaker")
    job = sagemaker.describe_processing_job(ProcessingJobName="job")
    assert job["ProcessingJobStatus"] == "InProgress"
    sagemaker.stop_processing_job(ProcessingJobName="job")
    assert ended()["ProcessingJobStatus"] == "Stopped"
    assert keys("live/") == {"live/one.csv": b"1"}


def test_an_image_of_ones_own_runs_its_entrypoint() -> None:
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
def test_an_isolated_job_reaches_no_network() -> None:
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
