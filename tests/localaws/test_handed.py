"""A connection that is handed to a process: it uses the endpoint, and owns nothing."""

import dataclasses
import json
import os

import boto3
import pytest

from helpers import cloud
from localaws import client, daemon
from localaws.handed import VARIABLE


@pytest.fixture
def given(endpoint, tmp_path, monkeypatch):
    """Hand the suite's endpoint over, as one whose process is out of sight."""
    home = tmp_path / "far" / "home"
    connection = dataclasses.replace(endpoint, pid=0, home=str(home), note="")
    path = tmp_path / "connection.json"
    path.write_text(json.dumps(dataclasses.asdict(connection)))
    monkeypatch.setenv(VARIABLE, str(path))
    monkeypatch.delenv("LOCALAWS_HOME")
    yield connection
    client.uninstall()


def test_it_is_found_and_started_and_not_stopped(given):
    assert daemon.find() == daemon.start() == given
    assert daemon.stop() is False
    assert given.control("GET", "status")["ok"]


def test_a_notebook_starts_stops_and_starts_again(given, capsys):
    cloud.start()
    assert "nothing leaves this machine" in capsys.readouterr().out
    account = boto3.client("sts").get_caller_identity()["Account"]
    cloud.stop()
    with pytest.raises(client.Offline):
        boto3.client("sts").get_caller_identity()
    cloud.start()
    assert boto3.client("sts").get_caller_identity()["Account"] == account
    assert cloud.clock.now().isoformat().startswith("2026-")
    assert os.environ["AWS_CONFIG_FILE"].startswith(given.home)


def test_a_home_that_is_named_is_looked_at_nevertheless(given, tmp_path):
    place = tmp_path / "own"
    assert daemon.find(place) is None
    assert daemon.stop(place) is False


def test_a_file_that_holds_none_is_an_error(monkeypatch, tmp_path):
    path = tmp_path / "connection.json"
    path.write_text("{}")
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(daemon.DaemonError, match=f"{path} names no connection"):
        daemon.start()
