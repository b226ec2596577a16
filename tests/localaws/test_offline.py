"""With the network cut and real-looking keys planted, all works and none is used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from localaws import daemon

KEY = "AKIAHUSHHUSHHUSHHUSH"
SECRET = "hush/hush/hush/hush/hush/hush/hush/hush0"
ROOT = Path(__file__).resolve().parents[2]

# Loaded by every Python process of the run, the daemon and its jobs included.
WATCH = """
import json, os, sys

def write(kind, what):
    line = json.dumps([kind, what, os.getpid()]) + "\\n"
    os.write(LOG, line.encode())

def hook(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        if arguments[1] is not None:
            write(event, repr(arguments[1]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        write(event, repr(arguments[0]))
    elif event == "http.client.send":
        data = arguments[1]
        if isinstance(data, (bytes, bytearray)) and b"HTTP/1.1" in data:
            write(event, bytes(data[:4000]).decode("latin-1"))

LOG = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
sys.addaudithook(hook)
"""

# What a learner does, by every way in: boto3, s3fs, the SDK, a plain child process,
# and the first lesson whole: a training job, an endpoint, requests to it.
LESSON = """
import fcntl, socket, struct, subprocess, sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as up:
    fcntl.ioctl(up, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))

import os
from helpers import cloud

cloud.start()

import aiohttp
import boto3
import pandas as pd

asked = aiohttp.ClientSession._request

async def watched(self, method, url, **options):
    sys.audit("socket.getaddrinfo", str(url))
    sys.audit("http.client.send", self, f"HTTP/1.1 {options['headers']}".encode())
    return await asked(self, method, url, **options)

aiohttp.ClientSession._request = watched

s3 = boto3.client("s3")
s3.create_bucket(Bucket="flights")
pd.DataFrame({"delay": [1, 2]}).to_csv("s3://flights/flights.csv", index=False)
assert pd.read_csv("s3://flights/flights.csv")["delay"].sum() == 3

from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import TrainingJob
from sagemaker.train import ModelTrainer

assert Session().default_bucket() == "sagemaker-us-east-1-123456789012"
assert list(TrainingJob.get_all()) == []

boto3.client("logs").create_log_group(logGroupName="desk")
boto3.client("sts", endpoint_url="https://sts.us-east-1.amazonaws.com")
subprocess.run(
    [
        sys.executable,
        "-c",
        "import boto3; url = 'https://sts.us-east-1.amazonaws.com';"
        "print(boto3.client('sts', endpoint_url=url).get_caller_identity()['Arn'])",
    ],
    check=True,
)

import json, pathlib

page = json.loads(pathlib.Path(os.environ["LESSON"]).read_text())
cells = [cell for cell in page["cells"] if cell["cell_type"] == "code"]
for cell in cells:
    if "raises-exception" not in cell["metadata"].get("tags", ()):
        exec("".join(cell["source"]))
assert job["TrainingJobStatus"] == "Completed" and len(february["risk"]) > 20_000
cloud.stop()
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The lesson's outcome, and what every process of it did on the network."""
    folder = tmp_path_factory.mktemp("offline")
    (folder / "sitecustomize.py").write_text(WATCH)
    (folder / "lesson.py").write_text(LESSON)
    aws = folder / ".aws"
    aws.mkdir()
    keys = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    (aws / "credentials").write_text(f"[default]\n{keys}")
    (aws / "config").write_text(
        f"[default]\nregion = eu-west-1\n[profile work]\n{keys}"
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "COV_", "LOCALAWS_"))
    } | {
        "HOME": str(folder),
        "LOCALAWS_HOME": str(folder / "home"),
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "LESSON": str(ROOT / "notebooks" / "0_0_start_here.ipynb"),
        "WATCH_LOG": str(folder / "watch.log"),
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_BEARER_TOKEN_BEDROCK": SECRET,
    }
    cut = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        missing = "the network cannot be cut: `unshare --net` is not allowed here"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    done = subprocess.run(
        [*cut, sys.executable, str(folder / "lesson.py")],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    daemon.stop(folder / "home")
    lines = (folder / "watch.log").read_text().splitlines()
    return done, [json.loads(line) for line in lines]


def test_the_lesson_works(run):
    done, _ = run
    assert done.returncode == 0, done.stderr
    assert "arn:aws:iam::123456789012:user/learner" in done.stdout


def test_nobody_tried_to_leave_the_machine(run):
    _, seen = run
    assert seen
    away = [
        (kind, what)
        for kind, what, _ in seen
        if kind != "http.client.send" and "127.0.0.1" not in what
    ]
    assert away == []


def test_no_planted_key_was_sent(run):
    _, seen = run
    requests = [what for kind, what, _ in seen if kind == "http.client.send"]
    signed = [what for what in requests if "AWS4-HMAC-SHA256" in what]
    assert not [what for what in requests if KEY in what or SECRET in what]
    assert len(signed) > 8


def test_the_endpoint_and_the_children_were_watched(run):
    _, seen = run
    assert len({pid for _, _, pid in seen}) >= 3
