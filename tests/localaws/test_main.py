import subprocess
import sys

import boto3
import pytest

from localaws import daemon
from localaws.__main__ import main


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("main") / "home"
    yield folder
    daemon.stop(folder)


@pytest.fixture(autouse=True)
def learner(home, monkeypatch):
    monkeypatch.setenv("LOCALAWS_HOME", str(home))


def test_a_life(capsys):
    for words, status, said in (
        ("status", 3, "no endpoint runs"),
        ("start", 0, "http://127.0.0.1:"),
        ("status", 0, "jobs 0 · endpoints 0"),
        ("reset", 0, "empty"),
        ("stop", 0, "stopped"),
        ("stop", 0, "no endpoint runs"),
    ):
        assert main([words]) == status
        assert said in capsys.readouterr().out


def test_errors_are_one_line_on_stderr(capsys):
    assert main(["reset"]) == 1
    assert capsys.readouterr().err == (
        "localaws: no endpoint runs; do `python -m localaws start`\n"
    )


def test_home_may_stand_before_or_after_the_command(tmp_path, capsys):
    for words in (["--home", str(tmp_path), "status"],) * 2:
        assert main(words) == main([words[2], *words[:2]]) == 3


def test_env_leads_a_plain_script_to_the_endpoint(monkeypatch, capsys):
    monkeypatch.setenv("AWS_PROFILE", "work")
    session = boto3.DEFAULT_SESSION
    daemon.start()
    assert main(["env"]) == 0
    script = (
        f"{capsys.readouterr().out}\n"
        f"exec {sys.executable} -c 'import boto3, os; "
        'sts = boto3.client("sts", '
        'endpoint_url="https://sts.us-east-1.amazonaws.com"); '
        'print(sts.get_caller_identity()["Account"], os.environ.get("AWS_PROFILE"))\''
    )
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["123456789012", "None"]
    assert boto3.DEFAULT_SESSION is session


def test_fidelity_prints_the_table(capsys):
    assert main(["fidelity"]) == 0
    assert "CreateTrainingJob" in capsys.readouterr().out


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    shown = capsys.readouterr().out
    for word in ("start", "status", "stop", "reset", "serve", "env", "fidelity"):
        assert f"\n    {word} " in shown
    assert "--lock" not in shown
