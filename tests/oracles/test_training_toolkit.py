"""Training jobs beside `sagemaker-training`, the toolkit of AWS's framework images."""

import copy
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from tests.oracles import trainer
from tests.oracles.trainer import End

HYPERPARAMETERS = {
    "max-depth": "3",
    "eta": "0.10",
    "name": "storm",
    "quoted": '"two words"',
    "shell": "a;b $HOME 'c'",
    "flag": "true",
    "off": "false",
    "nothing": "null",
    "empty": "",
    "layers": "[64, 32]",
    "map": '{"b": 2, "a": [1, null]}',
    "n": "5",
    "where": "/opt/ml/model",
    "unicode": "Zürich",
    "sagemaker_container_log_level": "10",
    "sagemaker_job_name": '"its-own-name"',
    "sagemaker_region": '"eu-west-1"',
    "sagemaker_mpi_enabled": "false",
    "sagemaker_own": "7",
    "_tuning_objective_metric": "validation:auc",
    "default_user_module_name": "x",
}
TOOLKITS = ("SM_", "SAGEMAKER_", "CURRENT_HOST", "TRAINING_JOB_")
# Variables that one of the two has alone, and why that is right.
ACCEPTED = {
    "TRAINING_JOB_ARN": "AWS sets it for the container, the toolkit does not",
    "SAGEMAKER_BASE_DIR": "moves the toolkit's tree, here",
    "SM_STUDIO_LOCAL_MODE": "keeps the toolkit from looking for hosts, here",
    "SAGEMAKER_USER_CONFIG_OVERRIDE": "the settings of this test's SDK",
    "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": "the settings of this test's SDK",
}
# The image that captures what a script prints. That of scikit-learn leaves ErrorMessage
# empty; the endpoint fills it for every image, since the learner wants to know. Nor
# does the endpoint say SM_FRAMEWORK_MODULE: it has none of those modules.
PYTORCH = {"SAGEMAKER_TRAINING_MODULE": "sagemaker_pytorch_container.training:main"}
Pair = Callable[..., tuple[End, End]]


@pytest.fixture
def pair(role: str, bucket: str, tmp_path: Path) -> Pair:
    """Run a source directory here and there: `pair(files, hyperparameters, **env)`."""

    def run(
        files: dict[str, str], given: dict[str, str] | None = None, **env: str
    ) -> tuple[End, End]:
        given = given or {}
        trainer.submit(role, files, given)
        ours = trainer.finish()
        config = copy.deepcopy(trainer.CONFIG)
        config["hyperparameters.json"] |= given
        return ours, trainer.toolkit(tmp_path / "opt", config, **env)

    return run


def test_a_script_sees_the_same(pair: Pair) -> None:
    ours, theirs = pair({"train_py": trainer.SEES}, HYPERPARAMETERS)
    assert theirs.code == 0, theirs.reason
    for what in ("argv", "cwd", "path", "name", "config"):
        assert ours.seen[what] == theirs.seen[what], what
    assert len(ours.seen["argv"]) == 2 * 14
    here, there = (
        {
            name: value
            for name, value in end.seen["env"].items()
            if name.startswith(TOOLKITS) and name not in ACCEPTED
        }
        for end in (ours, theirs)
    )
    assert len(here) >= 50
    assert json.loads(here["SM_TRAINING_ENV"]) == json.loads(there["SM_TRAINING_ENV"])
    assert here == there
    assert there["SM_HP_FLAG"] == "true"
    for end in (ours, theirs):
        assert "/opt/ml/code" in end.seen["env"]["PYTHONPATH"].split(os.pathsep)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("train.sh", {"train.sh": 'exec python see.py "$@"', "see_py": trainer.SEES}),
        ("bin/go.sh", {"bin__go.sh": 'python see.py "$@"', "see_py": trainer.SEES}),
        ("run", {"run": '#!/bin/sh\npython see.py "$@"', "see_py": trainer.SEES}),
        ("code/train.py", {"code__train_py": trainer.SEES}),
        ("train.py", {"train_py": trainer.SEES, "requirements.txt": "numpy>=1\n"}),
    ],
)
def test_every_kind_of_entry_point(
    pair: Pair, name: str, files: dict[str, str]
) -> None:
    given = {"sagemaker_program": name, "n": "1 2", "flag": "true", "quote": "it's"}
    ours, theirs = pair(files, given, PATH=trainer.binaries())
    assert theirs.code == 0, theirs.reason
    for what in ("argv", "cwd", "path", "name"):
        assert ours.seen[what] == theirs.seen[what], what
    assert ours.seen["argv"] == ["--flag", "True", "-n", "1 2", "--quote", "it's"]
    for variable in ("SM_USER_ENTRY_POINT", "SM_MODULE_NAME", "SM_MODULE_DIR"):
        assert ours.seen["env"][variable] == theirs.seen["env"][variable]


def test_a_package_runs_as_a_module(pair: Pair, tmp_path: Path) -> None:
    # the toolkit would install it into the environment of these tests
    pip = tmp_path / "pip" / "pip"
    pip.mkdir(parents=True)
    (pip / "__main__.py").touch()
    files = {
        "setup_py": "from setuptools import setup\nsetup(name='desk', packages=[])",
        "train_py": "import desk\n" + trainer.SEES,
        "desk_py": "",
    }
    path = os.pathsep.join((str(pip.parent), trainer.toolkits.path()))
    ours, theirs = pair(files, PYTHONPATH=path)
    assert theirs.code == 0, theirs.reason
    for what in ("argv", "cwd", "name"):
        assert ours.seen[what] == theirs.seen[what], what


@pytest.mark.parametrize(
    "script",
    [
        "raise ValueError('too few rows')",
        "print('KeyError is no error yet')\nprint('twice')\nprint('twice')\nexit(3)",
        "import sys\nsys.exit('nothing that looks like an error')",
        "import os\nos.kill(os.getpid(), 9)",
        "exit(137)",
        "import no_such_module",
        "open('/opt/ml/output/failure', 'w').write('label is missing')\nexit(3)",
        f"raise ValueError('Zürich {'long ' * 400}')",
    ],
)
def test_a_script_fails_for_the_same_reason(pair: Pair, script: str) -> None:
    given = {"eta": "0.1", "name": "two words"}
    # the toolkit's tree is not at /opt/ml, so it gets a path that it can write
    base = "import os\nopt = os.environ['SM_MODEL_DIR'][:-6]\n"
    files = {"train_py": base + script.replace("'/opt/ml/", "opt + '/")}
    ours, theirs = pair(files, given, **PYTORCH)
    assert theirs.code == 1
    prefix, suffix = "AlgorithmError: ", f", exit code: {theirs.code}"
    room = 1024 - len(prefix) - len(suffix)
    assert ours.reason == f"{prefix}{theirs.reason[:room]}{suffix}"


def test_a_requirement_that_is_not_met(pair: Pair) -> None:
    files = {"train_py": "print()", "requirements.txt": "no-such-thing-at-all==1\n"}
    ours, theirs = pair(files, PIP_NO_INDEX="1", **PYTORCH)
    assert theirs.reason.startswith("InstallRequirementsError:\nExitCode 1\n")
    assert ours.reason == f"AlgorithmError: {theirs.reason}, exit code: {theirs.code}"


def test_a_signal_reaches_the_script(role: str, bucket: str, tmp_path: Path) -> None:
    """SIGTERM to a container's processes runs the script's handler, here and there.

    The toolkit itself does not pass the signal on; AWS documents that the algorithm
    gets it, so here the script does.
    """
    script = (
        "import boto3, os, pathlib, signal, sys, time\n"
        "def save(number, frame):\n"
        "    model = pathlib.Path(os.environ['SM_MODEL_DIR'])\n"
        "    (model / 'caught').write_text(str(number))\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        f"boto3.client('s3').put_object(Bucket={bucket!r}, Key='ready')\n"
        "time.sleep(200)\n"
    )
    sagemaker = boto3.client("sagemaker")
    trainer.submit(role, {"train_py": script}, {})
    _ready()
    sagemaker.stop_training_job(TrainingJobName="job")
    assert trainer.finish() == End("", None, {})
    found = sagemaker.describe_training_job(TrainingJobName="job")
    assert found["TrainingJobStatus"] == "Stopped"
    assert trainer.model(found) == {"caught": b"15"}
    process = trainer.start(tmp_path / "opt", trainer.CONFIG)
    try:
        _ready()
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert (tmp_path / "opt" / "model" / "caught").read_text() == "15"


def _ready() -> None:
    """Wait until a script has said that it is ready, and take that back."""
    s3 = boto3.client("s3")
    end = time.monotonic() + 120
    while "Contents" not in s3.list_objects_v2(Bucket=trainer.BUCKET, Prefix="ready"):
        assert time.monotonic() < end
        time.sleep(0.02)
    s3.delete_object(Bucket=trainer.BUCKET, Key="ready")
