"""F17 and F18: what an endpoint finds in its home is damaged, foreign or old."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import psutil
import pytest

from localaws import daemon, journal_file
from localaws.guard import Keys
from localaws.home import ENDED, DaemonError
from localaws.server import Server
from tests.localaws.faults.killing import kill, running

CHANGES = 12


def make_changes() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="desk")
    for number in range(CHANGES - 2):
        s3.put_object(Bucket="desk", Key=str(number), Body=b"x" * 100 * number)


def keys() -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket="desk")
    return [found["Key"] for found in listed["Contents"]]


@pytest.fixture
def left(home: Path) -> Path:
    """The home of an endpoint that was killed after some changes."""
    with running():
        make_changes()
        kill()
    return home


def test_damage_is_told_and_the_file_is_kept(left: Path) -> None:
    damaged = bytearray((left / "journal").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (left / "journal").write_bytes(damaged)
    note = daemon.start().note
    kept = left / "journal.corrupt-1"
    assert note.startswith("The endpoint's journal is damaged (the record at byte ")
    assert note.endswith(f"it starts empty, and the file is kept as {kept}.")
    assert "\n" not in note
    assert kept.read_bytes() == damaged
    assert "Traceback" not in (left / "daemon.log").read_text()
    with running():
        assert boto3.client("s3").list_buckets()["Buckets"] == []
        boto3.client("s3").create_bucket(Bucket="new")
        kill()
    with running() as connection:
        assert connection.note.startswith(ENDED)
        assert len(boto3.client("s3").list_buckets()["Buckets"]) == 1


def test_a_newer_schema_is_refused_and_left_alone(
    left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = journal_file.header()
    whole = (left / "journal").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(journal_file, "SCHEMA", 2)
        newer = journal_file.header() + whole.removeprefix(old)
    (left / "journal").write_bytes(newer)
    with pytest.raises(DaemonError, match=r"schema 2; .* schema 1\. Use the version"):
        daemon.start()
    command = [sys.executable, "-m", "localaws", "start"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "move the file away to start empty" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (left / "journal").read_bytes() == newer
    (left / "journal").write_bytes(whole)
    with running():
        assert keys() == [str(number) for number in range(CHANGES - 2)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """The journal of an endpoint that was killed after some changes."""
    home = tmp_path_factory.mktemp("whole")
    home.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALAWS_HOME", str(home))
        with running():
            make_changes()
            kill()
    yield (home / "journal").read_bytes()
    shutil.rmtree(home)


def mutated(whole: bytes, dice: random.Random) -> bytes:
    """Return a journal with some bits flipped, cut short, or with a piece moved."""
    data = bytearray(whole)
    kind = dice.choice(["flip", "flips", "cut", "hole", "insert", "swap", "header"])
    if kind in ("flip", "flips"):
        for _ in range(1 if kind == "flip" else dice.randrange(2, 40)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif kind == "cut":
        del data[dice.randrange(len(data)) :]
    elif kind == "hole":
        start = dice.randrange(len(data))
        data[start : start + 64] = bytes(len(data[start : start + 64]))
    elif kind == "insert":
        place = dice.randrange(len(data))
        data[place:place] = dice.randbytes(dice.randrange(1, 50))
    elif kind == "swap":
        one, two = (dice.randrange(len(data) - 64) for _ in range(2))
        data[one : one + 64] = data[two : two + 64]
    else:
        data[: dice.randrange(1, 40)] = dice.randbytes(dice.randrange(40))
    return bytes(data)


def test_200_mutations_end_in_a_prefix_or_in_a_clear_message(
    whole: bytes, tmp_path: Path
) -> None:
    """F18: each is either the state up to the cut, or kept aside."""
    path = tmp_path / "journal"
    path.write_bytes(whole)
    records = [*journal_file.read(path)]
    asides = 0
    for seed in range(200):
        dice = random.Random(seed)
        path.write_bytes(mutated(whole, dice))
        try:
            found = journal_file.check(path)
        except journal_file.Corrupt as error:
            assert "\n" not in str(error)
            assert journal_file.set_aside(path).exists()
            asides += 1
            continue
        read = [*journal_file.read(path)] if found else []
        assert read == records[: len(read)]
    assert 50 < asides < 200


@pytest.mark.parametrize("seed", range(3))
def test_a_server_starts_whatever_it_finds(
    whole: bytes, tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    """F18, through the start of a server, in this process."""
    for number in range(seed * 4, seed * 4 + 4):
        home = tmp_path / str(number)
        (home / "run").mkdir(parents=True)
        dice = random.Random(1000 + number)
        (home / "journal").write_bytes(mutated(whole, dice))
        server = Server(home / "run", Keys("AKIA" + "A" * 16, "s" * 40, "t"))
        try:
            aside = [*home.glob("journal.corrupt-1")]
            assert ("damaged" in server.restored) == bool(aside)
            assert "could not" not in server.restored
        finally:
            server.stop()
    assert "Traceback" not in caplog.text


def test_a_journal_that_is_a_folder_or_a_link_stops_nothing_but_the_start(
    home: Path, tmp_path: Path
) -> None:
    home.mkdir(mode=0o700)
    (tmp_path / "elsewhere").write_bytes(journal_file.header())
    (home / "journal").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DaemonError, match="journal"):
        daemon.start()
    (home / "journal").unlink()
    assert daemon.start().note == ""
    assert (tmp_path / "elsewhere").read_bytes() == journal_file.header()


def stranger() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def test_a_process_that_has_got_the_id_of_the_endpoint_is_left_alone(
    left: Path,
) -> None:
    """F17: the connection file of a killed endpoint names a process of somebody."""
    with stranger() as process:
        try:
            connection = json.loads((left / "daemon.json").read_text())
            connection["pid"] = process.pid
            (left / "daemon.json").write_text(json.dumps(connection))
            assert daemon.find() is None
            assert daemon.stop() is False
            with running() as found:
                assert found.pid != process.pid
                assert len(keys()) == CHANGES - 2
            assert process.poll() is None
        finally:
            process.kill()


def test_stop_kills_no_stranger_that_a_connection_file_names(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F17: the lock is held, and the connection file is of an earlier endpoint."""
    monkeypatch.setattr(daemon, "_STEP_SECONDS", 0.2)
    with stranger() as process:
        try:
            real = daemon.start()
            text = (home / "daemon.json").read_text()
            wrong = json.loads(text) | {"pid": process.pid, "token": "old"}
            (home / "daemon.json").write_text(json.dumps(wrong))
            with pytest.raises(DaemonError, match="does not end"):
                daemon.stop()
            assert process.poll() is None
            (home / "daemon.json").write_text(text)
            assert psutil.pid_exists(real.pid)
        finally:
            process.kill()


LATE = pytest.mark.nightly(reason="two texts here, six of their kinds in test_home.py")
TEXTS = ['{"pid": 1', '{"pid": 1}', "", "{", "[1]", "\0\0"]


@pytest.mark.parametrize(
    "text", [*TEXTS[:2], *(pytest.param(text, marks=LATE) for text in TEXTS[2:])]
)
def test_a_half_written_connection_file_is_no_obstacle(left: Path, text: str) -> None:
    """F17."""
    (left / "daemon.json").write_text(text)
    (left / "daemon.json.new").write_text(text)
    (left / "daemon.lock").write_text("12345\n")
    (left / "restoring").write_text("restored 1 of 2 changes")
    assert daemon.find() is None
    with running():
        assert len(keys()) == CHANGES - 2
    assert not (left / "restoring").exists()
    assert (left / "daemon.json").stat().st_mode & 0o777 == 0o600
