"""An isolated endpoint sees nothing of the machine, and is gone at the end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from helpers.authoring import endpoint
from localaws import daemon

BUCKETS = """
import json
from helpers import cloud
cloud.start()
import boto3
s3 = boto3.client("s3")
s3.create_bucket(Bucket="on-time-desk")
listed = s3.list_buckets()["Buckets"]
print(json.dumps([[b["Name"], b["CreationDate"].isoformat()] for b in listed]))
"""


def buckets(environment):
    done = subprocess.run(
        [sys.executable, "-c", BUCKETS],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_two_endpoints_are_apart_and_answer_the_same():
    with endpoint.isolated() as first, endpoint.isolated() as second:
        assert first["LOCALAWS_HOME"] != second["LOCALAWS_HOME"]
        assert buckets(first) == buckets(second)
        assert buckets(second)[0][1].startswith("2026-01-05T08:00")


def test_nothing_is_left_at_the_end():
    with endpoint.isolated() as environment:
        home = Path(environment["LOCALAWS_HOME"])
        running = daemon.find(home)
        assert running is not None
    assert not home.exists()
    # Its starter is this process, which may not have reaped it yet.
    assert running.pid not in [
        each.pid for each in psutil.process_iter() if each.status() != "zombie"
    ]


def test_nothing_is_left_after_a_failure():
    with (
        pytest.raises(RuntimeError, match="broken"),
        endpoint.isolated() as environment,
    ):
        home = Path(environment["LOCALAWS_HOME"])
        raise RuntimeError("broken")
    assert not home.exists()


def test_it_starts_only_when_asked():
    with endpoint.isolated(start=False) as environment:
        assert daemon.find(Path(environment["LOCALAWS_HOME"])) is None


def test_keys_and_targets_of_the_machine_stay_outside(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("MLA_TARGET", "aws")
    with endpoint.isolated(start=False) as environment:
        assert not [name for name in environment if name.startswith("AWS_")]
        assert "MLA_TARGET" not in environment
        assert environment["LOCALAWS_EPOCH"] == endpoint.EPOCH


def test_stock_kernels_are_taken_on_request_and_elsewhere(monkeypatch):
    name = "JUPYTER_DEFAULT_PROVISIONER_NAME"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv(endpoint.STOCK, raising=False)
    assert endpoint.kernels() == {name: "mla-forked"}
    monkeypatch.setenv(endpoint.STOCK, "1")
    assert endpoint.kernels() == {}
    monkeypatch.delenv(endpoint.STOCK)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert endpoint.kernels() == {}


def test_an_environment_is_applied_for_a_while():
    before = dict(os.environ)
    with endpoint.applied({"PATH": "/bin", "ONLY": "this"}):
        assert dict(os.environ) == {"PATH": "/bin", "ONLY": "this"}
    assert dict(os.environ) == before
