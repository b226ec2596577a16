"""F9, F10, F13: jobs that crash, flood their log or their machine; what it costs."""

from collections.abc import Callable
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config

from localaws.home import Connection
from localaws.sagemaker.logs import FULL
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import ended

MIB = 2**20
GROUP = "/aws/sagemaker/TrainingJobs"
Start = Callable[..., dict[str, Any]]
CRASHES = {
    "exit 1": "exit(1)",
    "exception": "raise ValueError('last words')",
    "SIGSEGV": "import ctypes\nctypes.string_at(0)",
    "traceback of 10 MB": "raise ValueError('x' * 10_000_000)",
    "no UTF-8": "import sys\nsys.stderr.buffer.write(b'caf\\xe9\\n')\nsys.exit(3)",
    "failure of 10 MB": "open('/opt/ml/output/failure', 'w').write('why ' * 2_500_000)"
    "\nexit(3)",
    "failure is no UTF-8": "open('/opt/ml/output/failure', 'wb').write(b'\\xe9' * 9999)"
    "\nexit(3)",
}
FLOODS = {
    "2 GB": "for _ in range(20_000): print('x' * 100_000)",
    "short lines": "while True: print('y')",
    "a line of 200 MB": "import sys\n"
    "for _ in range(200): sys.stdout.write('x' * 2**20)\nprint()",
    "no text, no line": "import sys\n"
    "while True: sys.stdout.buffer.write(b'\\0\\xff' * 2**19)",
}


def resident(endpoint: Connection) -> int:
    """Return the memory of the endpoint's own process, in bytes."""
    return int(psutil.Process(endpoint.pid).memory_info().rss)


@pytest.mark.parametrize("script", CRASHES.values(), ids=CRASHES)
def test_a_crash_has_a_short_reason_with_the_exit_code(
    script: str, start: Start
) -> None:
    """F9: `Failed`, at most 1,024 characters, what was said in `failure` honoured."""
    start(script)
    job = ended("job")
    reason = job["FailureReason"]
    assert job["TrainingJobStatus"] == "Failed"
    assert len(reason) <= 1024
    assert "exit code: " in reason.lower()
    assert ("why why" in reason) == ("why" in script)
    assert ("last words" in reason) == ("last words" in script)


@pytest.mark.parametrize("script", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_capped(script: str, start: Start, endpoint: Connection) -> None:
    """F13: a marker ends the log, the endpoint grows by < 100 MB and answers."""
    quick = Config(read_timeout=30, retries={"total_max_attempts": 1})
    start("print('warm')", "warm")
    ended("warm")
    before = peak = resident(endpoint)
    start(script)
    impatient = boto3.client("sagemaker", config=quick)
    status = "InProgress"
    while status == "InProgress":
        job = impatient.describe_training_job(TrainingJobName="job")
        status = job["TrainingJobStatus"]
        peak = max(peak, resident(endpoint))
    assert status == "Failed"
    assert "16 MiB or 100,000 lines of log" in job["FailureReason"]
    assert peak - before < 100 * MIB
    logs = boto3.client("logs")
    (stream,) = logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix="job/"
    )["logStreams"]
    (event,) = logs.get_log_events(
        logGroupName=GROUP, logStreamName=stream["logStreamName"], limit=1
    )["events"]
    assert event["message"] == FULL


def test_a_container_that_floods_its_log_goes_on(
    endpoint: Connection, role: str, bucket: str
) -> None:
    """F13: what is past the cap is dropped, and the model still answers."""
    script = """
def model_fn(folder):
    return None
def transform_fn(model, data, content_type, accept):
    for number in range(150_000):
        print(number)
    return "answered", "text/csv"
"""
    hosted.make_model("m", role, bucket, script)
    hosted.deploy("e", hosted.variant("m"))
    before = resident(endpoint)
    assert hosted.ask("e") == "answered"
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    assert resident(endpoint) - before < 100 * MIB
    logs, group = boto3.client("logs"), "/aws/sagemaker/Endpoints/e"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    (event,) = logs.get_log_events(
        logGroupName=group, logStreamName=stream["logStreamName"], limit=1
    )["events"]
    assert event["message"] == FULL


def test_a_job_without_memory_costs_the_endpoint_none(
    start: Start, endpoint: Connection
) -> None:
    """F10: `Failed` for its memory; the endpoint grows by < 50 MB."""
    start("print('warm')", "warm")
    ended("warm")
    before = resident(endpoint)
    start(
        "import time\nkept = []\nfor _ in range(90):\n"
        "    kept.append(bytearray(b'x' * 64 * 2**20))\n    time.sleep(0.01)\n"
        "time.sleep(60)",
        ResourceConfig={
            "InstanceType": "ml.t3.medium",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
    )
    job = ended("job")
    assert job["TrainingJobStatus"] == "Failed"
    assert "OutOfMemory" in job["FailureReason"]
    assert resident(endpoint) - before < 50 * MIB
