"""Two services by the aws command line: what it prints, and how it fails."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Cli


def answered(cli: Cli, *arguments: str) -> Any:
    """Run a command that succeeds, and return what it printed."""
    done = cli(*arguments)
    assert done.returncode == 0, done.stderr
    return (
        json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout
    )


def test_files_go_to_s3_and_come_back(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("1,2\n")
    (folder / "large.bin").write_bytes(b"x" * 9 * 2**20)
    assert "make_bucket: desk" in answered(cli, "s3", "mb", "s3://desk")
    answered(cli, "s3", "sync", str(folder), "s3://desk/in/")
    listed = answered(cli, "s3", "ls", "s3://desk/in/", "--summarize")
    assert "Total Objects: 2" in listed
    head = answered(cli, "s3api", "head-object", "--bucket=desk", "--key=in/large.bin")
    assert head["ContentLength"] == 9 * 2**20
    assert head["ETag"].endswith('-2"')  # the command line sends it in two parts
    back = tmp_path / "back"
    answered(cli, "s3", "cp", "--recursive", "s3://desk/in/", str(back))
    assert (back / "large.bin").read_bytes() == (folder / "large.bin").read_bytes()
    failed = cli("s3", "cp", "s3://desk/none", str(tmp_path / "none"))
    assert failed.returncode == 1
    assert "(404) when calling the HeadObject operation" in failed.stderr


def test_records_go_through_a_stream(cli: Cli) -> None:
    kinesis = ("kinesis",)
    name = "--stream-name=departures"
    answered(cli, *kinesis, "create-stream", name, "--shard-count=2")
    answered(cli, *kinesis, "wait", "stream-exists", name)
    put = answered(
        cli, *kinesis, "put-record", name, "--partition-key=JFK", "--data=UA1545"
    )
    shard = f"--shard-id={put['ShardId']}"
    start = answered(
        cli,
        *kinesis,
        "get-shard-iterator",
        name,
        shard,
        "--shard-iterator-type=TRIM_HORIZON",
    )
    found = answered(
        cli, *kinesis, "get-records", f"--shard-iterator={start['ShardIterator']}"
    )
    (record,) = found["Records"]
    assert base64.b64decode(record["Data"]) == b"UA1545"
    failed = cli(*kinesis, "describe-stream", "--stream-name=nobody")
    assert failed.returncode == 255
    assert "ResourceNotFoundException" in failed.stderr


def test_what_does_not_act_says_so(cli: Cli) -> None:
    failed = cli("textract", "list-adapters")
    assert failed.returncode == 255
    assert "NotImplementedInLocalEndpoint" in failed.stderr
    assert "On AWS it" in failed.stderr
