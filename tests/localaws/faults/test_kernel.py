"""F3: the kernel is killed while its job runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import psutil
import pytest

from localaws import client, daemon
from tests.localaws.faults import children
from tests.localaws.sagemaker.conftest import ended, wait

KERNEL = """
import sys, time
import boto3
from localaws import client, daemon
from tests.conftest import work_role
from tests.localaws.faults.families import TRAINING, Families, machine

client.install(daemon.start())
role = work_role(boto3.client("iam"))
boto3.client("s3").create_bucket(Bucket="desk")
families = Families(role, "desk")
boto3.client("sagemaker").create_training_job(
    TrainingJobName="job",
    AlgorithmSpecification={
        **TRAINING,
        "ContainerEntrypoint": ["/bin/sh", "-c"],
        "ContainerArguments": ["while [ ! -e $GO ]; do sleep 0.05; done; echo gone on"],
    },
    **{**families.definition({"GO": sys.argv[1]}), "ResourceConfig": machine(1)},
)
print("started", flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs subreapers")
def test_a_job_outlives_its_kernel(home: Path, tmp_path: Path) -> None:
    """F3: the job goes on, another kernel finds it by name, a stop leaves nothing."""
    go = tmp_path / "go"
    command = [sys.executable, "-c", KERNEL, str(go)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == "started\n"
        kernel.send_signal(signal.SIGKILL)
    connection = daemon.find()
    assert connection is not None
    client.install(connection)
    try:
        sagemaker = boto3.client("sagemaker")
        job = wait(
            lambda: sagemaker.describe_training_job(TrainingJobName="job"),
            "SecondaryStatus",
            "Starting",
            "Downloading",
        )
        assert job["TrainingJobStatus"] == "InProgress"
        go.touch()
        assert ended("job")["TrainingJobStatus"] == "Completed"
    finally:
        client.uninstall()
    main = psutil.Process(connection.pid)
    everybody = [main.pid, *(child.pid for child in main.children(recursive=True))]
    os.kill(connection.pid, signal.SIGTERM)
    children.check_none_left(others=everybody)
