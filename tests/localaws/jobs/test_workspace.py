"""The private /opt/ml and the spelling of its paths."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from localaws.jobs import ArchiveError, Channel, Resource, Workspace, pack


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "job")


def test_the_tree(workspace) -> None:
    opt = workspace.opt
    folders = {one.relative_to(opt).as_posix() for one in opt.rglob("*")}
    assert folders == {
        "checkpoints",
        "code",
        "input",
        "input/config",
        "input/data",
        "model",
        "output",
        "output/data",
    }
    assert workspace.channel("train") == opt / "input" / "data" / "train"
    assert workspace.channel("train").is_dir()


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("/opt/ml", "{}"),
        ("--model-dir=/opt/ml/model", "--model-dir={}/model"),
        ('{{"a": "/opt/ml/x", "b": "/opt/ml"}}', '{{"a": "{}/x", "b": "{}"}}'),
        ("file:///opt/ml/x", "file://{}/x"),
        ("/opt/ml:/opt/ml/code", "{}:{}/code"),
        ("see /opt/ml.", "see {}."),
        ("/opt/mlflow /opt/ml_x /opt/ml-x", "/opt/mlflow /opt/ml_x /opt/ml-x"),
        ("/data/opt/ml/x", "/data/opt/ml/x"),
    ],
)
def test_localise_and_publish(workspace, text, local) -> None:
    text, local = text.format(), local.format(*[workspace.opt] * 2)
    assert workspace.localise(text) == local
    assert workspace.localise(local) == local
    assert workspace.publish(local) == text


def test_a_root_that_holds_the_literal_itself(tmp_path) -> None:
    workspace = Workspace(tmp_path / "opt" / "ml" / "jobs")
    once = workspace.localise("/opt/ml/model")
    assert once == f"{workspace.opt}/model"
    assert workspace.localise(once) == once
    assert workspace.publish(once) == "/opt/ml/model"


def test_rewrite_of_a_tree(workspace) -> None:
    code = workspace.code
    (code / "train.py").write_bytes(b"x = '/opt/ml/model'\r\n# caf\xe9\n")
    (code / "train.py").chmod(0o755)
    (code / "model.bin").write_bytes(b"\0/opt/ml/model")
    (code / "other.txt").write_text("nothing here")
    (code / "link.py").symlink_to("train.py")
    inner = workspace.root / "inner"
    (inner / "src").mkdir(parents=True)
    (inner / "src" / "run.sh").write_text("ls /opt/ml/input\n")
    pack(inner, code / "sourcedir.tar.gz")
    workspace.rewrite(code)
    local = str(workspace.opt).encode()
    expected = b"x = '" + local + b"/model'\r\n# caf\xe9\n"
    assert (code / "train.py").read_bytes() == expected
    assert os.access(code / "train.py", os.X_OK)
    assert (code / "model.bin").read_bytes() == b"\0/opt/ml/model"
    with tarfile.open(code / "sourcedir.tar.gz") as tar:
        script = tar.extractfile("src/run.sh")
        assert script is not None
        assert script.read() == b"ls " + local + b"/input\n"


def test_rewrite_refuses_an_unsafe_archive(workspace) -> None:
    (workspace.code / "sourcedir.tar.gz").write_bytes(b"junk")
    with pytest.raises(ArchiveError):
        workspace.rewrite(workspace.code)


def test_configuration_files(workspace) -> None:
    workspace.write_config(
        {"depth": "3", "path": "/opt/ml/x"},
        {"train": Channel("text/csv"), "code": Channel()},
        Resource("ml.m5.xlarge"),
    )
    folder = workspace.opt / "input" / "config"
    read = {
        path.stem: json.loads(path.read_text()) for path in sorted(folder.iterdir())
    }
    assert read["hyperparameters"] == {"depth": "3", "path": f"{workspace.opt}/x"}
    assert read["inputdataconfig"] == {
        "train": {
            "ContentType": "text/csv",
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        },
        "code": {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        },
    }
    assert read["resourceconfig"]["current_instance_type"] == "ml.m5.xlarge"
    assert read["resourceconfig"]["hosts"] == ["algo-1"]


def test_failure(workspace) -> None:
    assert workspace.failure() is None
    (workspace.output / "failure").write_text(f"no file {workspace.opt}/x")
    assert workspace.failure() == "no file /opt/ml/x"
    (workspace.output / "failure").unlink()
    (workspace.output / "failure").symlink_to("/etc/passwd")
    assert workspace.failure() is None


def test_used_bytes_counts_a_file_once(workspace) -> None:
    before = workspace.used_bytes()
    (workspace.model / "a").write_bytes(os.urandom(100_000))
    os.link(workspace.model / "a", workspace.model / "b")
    assert 100_000 <= workspace.used_bytes() - before < 200_000


def test_remove_also_what_is_unreadable(workspace) -> None:
    locked = workspace.model / "locked"
    locked.mkdir()
    (locked / "file").touch()
    locked.chmod(0o000)
    workspace.remove()
    assert not workspace.root.exists()
    workspace.remove()
