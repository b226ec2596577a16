import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import boto3
import psutil
import pytest

from localaws import client, daemon
from localaws.home import ENDED, Home
from localaws.recovery import NOTHING


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALAWS_EPOCH", "2026-01-05T08:00:00Z")
    yield tmp_path / "home"
    daemon.stop()


def processes_of(home):
    """Return the live processes whose environment names this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and str(home) in str(process.environ()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_second_start_attaches(home):
    first = daemon.start()
    assert daemon.start() == first == daemon.find()
    assert first.note == ""
    assert psutil.Process(first.pid).cwd() == str(home)


def test_many_starts_have_one_winner(home):
    command = [sys.executable, "-m", "localaws", "start"]
    starters = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    answers = {starter.communicate()[0] for starter in starters}
    assert len(answers) == 1
    assert re.match(r"http://127\.0\.0\.1:\d+ · account 123456789012", answers.pop())
    assert [starter.returncode for starter in starters] == [0] * 6
    assert daemon.find() is not None


def test_planted_keys_do_not_reach_it(home, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHUSHHUSHHUSHHUSH")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    main = psutil.Process(daemon.start().pid)
    for process in [main, *main.children(recursive=True)]:
        assert "hush" not in str(process.environ()).lower()


def test_stop_leaves_no_process_and_no_file(home):
    pid = daemon.start().pid
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    assert daemon.stop()
    assert not alive(pid)
    until(lambda: not any(alive(process.pid) for process in family))
    assert {path.name for path in home.iterdir()} == {"daemon.lock", "daemon.log"}
    assert not daemon.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(home, number):
    os.kill(daemon.start().pid, number)
    until(lambda: not processes_of(home) and daemon.find() is None)
    assert daemon.start().note == ""


def test_after_a_crash_the_next_start_says_so(home):
    first = daemon.start()
    (home / "run" / "job-1").mkdir(parents=True, exist_ok=True)
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: not processes_of(home) and daemon.find() is None)
    second = daemon.start()
    assert second.note == NOTHING
    assert not (home / "run" / "job-1").exists()
    assert daemon.start().note == ""


def test_one_that_hangs_is_killed(home, monkeypatch):
    pid = daemon.start().pid
    monkeypatch.setattr(daemon, "_STEP_SECONDS", 0.3)
    os.kill(pid, signal.SIGSTOP)
    assert daemon.stop()
    assert not alive(pid)


def test_it_ends_when_nobody_uses_it(home, monkeypatch):
    monkeypatch.setenv("LOCALAWS_IDLE_SECONDS", "0.2")
    daemon.start()
    until(lambda: not processes_of(home))
    monkeypatch.delenv("LOCALAWS_IDLE_SECONDS")
    assert daemon.start().note == ""


def test_it_ends_when_its_home_is_deleted(home):
    daemon.start()
    shutil.rmtree(home)
    until(lambda: not processes_of(home))


def test_a_failed_start_shows_the_log(home, monkeypatch):
    monkeypatch.setenv("LOCALAWS_EPOCH", "yesterday")
    with pytest.raises(daemon.DaemonError, match=r"(?s)daemon\.log ends:.*yesterday"):
        daemon.start()
    assert not processes_of(home)


def test_another_version_is_replaced(home):
    old = daemon.start()
    text = (home / "daemon.json").read_text()
    (home / "daemon.json").write_text(text.replace(old.version, "0.0.0"))
    new = daemon.start()
    assert new.note == daemon.OUTDATED
    assert new.pid != old.pid
    assert not alive(old.pid)


def test_a_second_server_in_one_home_is_refused(home):
    daemon.start()
    with pytest.raises(daemon.DaemonError, match="already runs"):
        daemon.serve()


def test_control_wants_the_token(home):
    import dataclasses

    thief = dataclasses.replace(daemon.start(), token="guess")
    with pytest.raises(daemon.DaemonError, match="403"):
        thief.control("GET", "status")


def test_without_a_name_the_home_belongs_to_the_checkout(tmp_path, monkeypatch):
    monkeypatch.delenv("LOCALAWS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert daemon.home().parent == tmp_path / ".cache" / "localaws"
    assert daemon.home() == daemon.home()
    assert Home(daemon.home()).read() is None


KERNEL = """
import io, json, sys, tarfile, time
import boto3
from localaws import client, daemon

client.install(daemon.start())
script = b"import os\\nwith open(os.environ['SM_MODEL_DIR'] + '/m', 'w') as f:\\n"
script += b"    while True:\\n        f.write('x' * 99)\\n        f.flush()\\n"
code = io.BytesIO()
with tarfile.open(fileobj=code, mode="w:gz") as tar:
    member = tarfile.TarInfo("train.py")
    member.size = len(script)
    tar.addfile(member, io.BytesIO(script))
trust = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "sagemaker.amazonaws.com"}}]})
role = boto3.client("iam").create_role(RoleName="work", AssumeRolePolicyDocument=trust)
files = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
boto3.client("iam").put_role_policy(
    RoleName="work", PolicyName="files", PolicyDocument=files)
s3 = boto3.client("s3")
s3.create_bucket(Bucket="desk")
s3.put_object(Bucket="desk", Key="code.tar.gz", Body=code.getvalue())
boto3.client("sagemaker").create_training_job(
    TrainingJobName="endless",
    AlgorithmSpecification={
        "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/"
        "sagemaker-scikit-learn:1.4-2-cpu-py3",
        "TrainingInputMode": "File",
    },
    HyperParameters={
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": "s3://desk/code.tar.gz",
    },
    RoleArn=role["Role"]["Arn"],
    OutputDataConfig={"S3OutputPath": "s3://desk/models"},
    ResourceConfig={
        "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1
    },
    StoppingCondition={"MaxRuntimeInSeconds": 600},
)
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def kernel(home):
    """A process that has just started an endless training job."""
    command = [sys.executable, "-c", KERNEL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "started\n"
        yield process
        process.kill()


def of_job(home, pid, dice):
    """Return a process of the job, once it writes: the job or its supervisor."""
    until(lambda: [*(home / "run").rglob("m")])
    _keeper, *family = psutil.Process(pid).children(recursive=True)
    return dice.choice(family).pid


# the first of them kills a job, the next the endpoint twice, the last the kernel
BY_DAY = (0, 1, 2, 5)
LATE = pytest.mark.nightly(reason="four seeds by day, with each of the victims")


@pytest.mark.parametrize(
    "seed",
    [*BY_DAY, *(pytest.param(n, marks=LATE) for n in range(20) if n not in BY_DAY)],
)
def test_a_kill_leaves_no_process_and_no_half_file(home, kernel, seed):
    dice = random.Random(seed)
    victim = dice.choice(["daemon", "daemon", "kernel", "job"])
    pid = daemon.find().pid
    time.sleep(dice.random())
    pids = {"daemon": lambda: pid, "kernel": lambda: kernel.pid}
    os.kill(pids.get(victim, lambda: of_job(home, pid, dice))(), signal.SIGKILL)
    if victim == "daemon":
        until(lambda: not [p for p in processes_of(home) if p.pid != kernel.pid])
        until(lambda: daemon.find() is None)
        assert re.fullmatch(f"{ENDED}: \\d+ changes are restored.", daemon.start().note)
        assert not list((home / "run").rglob("m"))
    else:
        client.install(daemon.find())
        try:
            sagemaker = boto3.client("sagemaker")
            if victim == "kernel":
                sagemaker.stop_training_job(TrainingJobName="endless")
            until(lambda: status(sagemaker) in ("Failed", "Stopped"))
            job = sagemaker.describe_training_job(TrainingJobName="endless")
        finally:
            client.uninstall()
        assert (victim == "job") == bool(job.get("FailureReason"))
        assert not list((home / "run").rglob("m"))
    for path in home.rglob("*.json"):
        json.loads(path.read_text())
    kernel.kill()
    assert daemon.stop()
    until(lambda: not processes_of(home))
    assert {path.name for path in home.iterdir()} == {"daemon.lock", "daemon.log"}


def status(sagemaker):
    job = sagemaker.describe_training_job(TrainingJobName="endless")
    return job["TrainingJobStatus"]
