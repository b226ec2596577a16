"""A container that is closed while it starts, by another thread."""

import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws.home import Connection
from localaws.jobs import ModelLoadError, WarmParent
from localaws.sagemaker import containers
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import SKLEARN, wait


def status(name: str) -> dict[str, Any]:
    return boto3.client("sagemaker").describe_transform_job(TransformJobName=name)


def test_a_stop_while_containers_start_leaves_no_file(
    endpoint: Connection, role: str, bucket: str
) -> None:
    s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    heavy = f"# {os.urandom(4 * 2**20).hex()}\n"
    hosted.make_model("m", role, bucket, heavy + hosted.SAYS.format(word="m"))
    s3.put_object(Bucket=bucket, Key="in/a", Body=b"sleep 60")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/in/"}
    dice = random.Random(0)
    for number in range(8):
        name = f"job-{number}"
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName="m",
            TransformInput={"DataSource": {"S3DataSource": source}},
            TransformOutput={"S3OutputPath": f"s3://{bucket}/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
        )
        time.sleep(dice.random() / 3)
        sagemaker.stop_transform_job(TransformJobName=name)
        job = wait(
            lambda n=name: status(n), "TransformJobStatus", "InProgress", "Stopping"
        )
        assert job["TransformJobStatus"] == "Stopped", job
    assert list((Path(endpoint.home) / "run" / "jobs").iterdir()) == []


class Engine:
    """The part of an engine that a container needs."""

    aws = None

    def __init__(self, home: Path, warm: WarmParent) -> None:
        self.home, self.warm = home, warm

    def folder(self, name: str) -> Path:
        return self.home / name

    def environment(self, root: Path, session: Any) -> dict[str, str]:
        return {"PATH": os.environ["PATH"]}


class Log:
    """A log that nobody reads."""

    def write(self, line: str) -> None:
        """Forget a line."""

    def flush(self) -> None:
        """Send nothing."""


def test_a_close_waits_for_a_fetch_under_way_and_removes_what_it_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching, go_on = threading.Event(), threading.Event()

    def fetch(s3: Any, uri: str, folder: Path) -> None:
        fetching.set()
        assert go_on.wait(60)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "inference.py").write_text(hosted.SAYS.format(word="late"))

    class Clients:
        def client(self, *_: Any) -> None:
            return None

    warm = WarmParent(preload=())
    engine = Engine(tmp_path, warm)
    engine.aws = Clients()
    monkeypatch.setattr(containers, "assume", lambda *_: None)
    monkeypatch.setattr(containers, "download", fetch)
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": "s3://b/m/",
        "CompressionType": "None",
    }
    definition = {"Image": SKLEARN, "ModelDataSource": {"S3DataSource": source}}
    container = containers.Container(engine, "c", definition, "role", Log())
    failures: list[Exception] = []

    def start() -> None:
        with pytest.raises(ModelLoadError, match="closed") as caught:
            container.start()
        failures.append(caught.value)

    starting = threading.Thread(target=start)
    starting.start()
    assert fetching.wait(60)
    closing = threading.Thread(target=container.close)
    closing.start()
    go_on.set()
    closing.join(60)
    starting.join(60)
    assert not closing.is_alive()
    assert len(failures) == 1
    assert not (tmp_path / "c").exists()
    with pytest.raises(ModelLoadError, match="closed"):
        container.start()
    container.close()
    warm.close()
