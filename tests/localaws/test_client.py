import inspect
import os
import subprocess
import sys
import time
from pathlib import Path

import boto3
import botocore.handlers
import botocore.session
import botocore.waiter
import pandas as pd
import pytest
import s3fs
from botocore.config import Config
from botocore.exceptions import ProfileNotFound
from botocore.httpsession import URLLib3Session

from localaws import client, daemon
from localaws.client import Offline

KEY = "AKIAHUSHHUSHHUSHHUSH"
REGIONAL = "https://{}.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    home = tmp_path_factory.mktemp("client") / "home"
    yield daemon.start(home)
    daemon.stop(home)


@pytest.fixture(autouse=True)
def bare():
    client.uninstall()


@pytest.fixture
def planted(bare, tmp_path, monkeypatch):
    """Real-looking keys where AWS SDKs look for them."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    text = f"aws_access_key_id = {KEY}\naws_secret_access_key = hush\n"
    (folder / "credentials").write_text(f"[default]\n{text}[work]\n{text}")
    (folder / "config").write_text("[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hush")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.eu-west-1.amazonaws.com")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.fixture
def installed(planted, connection):
    client.install(connection)
    yield connection
    client.uninstall()


@pytest.fixture
def bucket(installed):
    connection = installed
    connection.control("POST", "reset")
    boto3.client("s3").create_bucket(Bucket="flights")
    return "flights"


def state():
    return (
        dict(os.environ),
        list(botocore.handlers.BUILTIN_HANDLERS),
        time.sleep,
        URLLib3Session.send,
        sys.modules["aiobotocore.httpsession"].AIOHTTPSession.send,
    )


def test_uninstall_undoes_everything(planted, connection):
    before = state()
    client.install(connection)
    boto3.client("sts").get_caller_identity()
    assert not any(x == y for x, y in zip(before, state(), strict=True))
    client.install(connection)
    client.seal()
    client.uninstall()
    client.uninstall()
    assert state() == before
    assert boto3.DEFAULT_SESSION is None


def test_planted_settings_are_gone(installed):
    session = boto3.Session()
    assert session.region_name == "us-east-1"
    assert session.get_credentials().access_key == installed.access_key
    assert not {"AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} & set(os.environ)
    with pytest.raises(ProfileNotFound):
        boto3.Session(profile_name="work")


def test_without_the_environment_the_files_still_hold(installed, monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    sts = boto3.client("sts")
    assert sts.meta.endpoint_url == installed.url
    assert sts.get_caller_identity()["Account"] == installed.account


def test_ignored_endpoint_settings_are_turned_back(installed, monkeypatch):
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    sts = boto3.client("sts")
    assert "amazonaws.com" in sts.meta.endpoint_url
    assert sts.get_caller_identity()["Account"] == installed.account


def test_a_hard_coded_host_is_turned_to_the_endpoint(installed):
    sts = boto3.client("sts", endpoint_url=REGIONAL.format("sts"))
    assert sts.get_caller_identity()["Account"] == installed.account


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_hard_coded_s3_hosts_too(bucket, style):
    s3 = boto3.client(
        "s3",
        endpoint_url=REGIONAL.format("s3"),
        config=Config(s3={"addressing_style": style}),
    )
    s3.put_object(Bucket=bucket, Key="2013/a b+ö.csv", Body=b"carrier\nAA\n")
    assert s3.get_object(Bucket=bucket, Key="2013/a b+ö.csv")["Body"].read() == (
        b"carrier\nAA\n"
    )
    (listed,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert listed["Key"] == "2013/a b+ö.csv"


def test_a_presigned_url_names_the_endpoint(bucket, installed):
    s3 = boto3.client("s3", endpoint_url=REGIONAL.format("s3"))
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    assert url.startswith(f"{installed.url}/{bucket}/k?")


def test_another_host_is_refused(installed):
    s3 = boto3.client("s3", endpoint_url="https://minio.example:9000")
    with pytest.raises(Offline, match=r"minio\.example:9000 is not the local AWS"):
        s3.list_buckets()


def test_operations_with_a_host_prefix_stay_on_the_endpoint(installed):
    sfn = boto3.client("stepfunctions")
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:x"
    with pytest.raises(sfn.exceptions.ClientError):
        sfn.start_sync_execution(stateMachineArn=arn)


def test_a_proxy_of_the_learner_is_not_asked(planted, connection, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    client.install(connection)
    try:
        sts = boto3.client("sts")
        assert sts.get_caller_identity()["Account"] == connection.account
    finally:
        client.uninstall()


def test_a_client_made_before_is_refused(planted, connection):
    early = boto3.client("s3", endpoint_url="https://s3.eu-west-1.amazonaws.com")
    session = boto3.Session()
    assert session.get_credentials().access_key == KEY
    client.install(connection)
    try:
        with pytest.raises(Offline, match="before the last"):
            early.list_buckets()
        with pytest.raises(Offline, match="real keys"):
            session.client("s3").list_buckets()
    finally:
        client.uninstall()


def test_pandas_reads_and_writes_s3(bucket):
    flights = pd.DataFrame({"carrier": ["AA", "UA"], "delay": [3.5, -2.0]})
    flights.to_csv(f"s3://{bucket}/flights.csv", index=False)
    flights.to_parquet(f"s3://{bucket}/flights.parquet")
    pd.testing.assert_frame_equal(pd.read_csv(f"s3://{bucket}/flights.csv"), flights)
    pd.testing.assert_frame_equal(
        pd.read_parquet(f"s3://{bucket}/flights.parquet"), flights
    )


def test_s3fs_cannot_leave_either(bucket):
    files = s3fs.S3FileSystem(endpoint_url="https://minio.example:9000")
    with pytest.raises(Offline, match="minio"):
        files.ls("/")


def test_an_s3fs_made_before_is_refused(planted, connection):
    early = s3fs.S3FileSystem(client_kwargs={"endpoint_url": "https://127.0.0.2:9"})
    early.connect()
    client.install(connection)
    try:
        with pytest.raises(Offline, match="before the last"):
            early.ls("/")
        assert s3fs.S3FileSystem() is not early
    finally:
        client.uninstall()


def test_an_endpoint_that_is_gone_is_named(planted, tmp_path):
    gone = daemon.start(tmp_path / "home")
    client.install(gone)
    try:
        s3 = boto3.client("s3")
        daemon.stop(tmp_path / "home")
        with pytest.raises(Offline, match=r"does not answer: run cloud\.start\(\)"):
            s3.list_buckets()
        with pytest.raises(Offline, match=r"does not answer: run cloud\.start\(\)"):
            s3fs.S3FileSystem().ls("flights")
    finally:
        client.uninstall()


def test_sealed_nothing_is_sent(planted):
    client.seal()
    try:
        for url in (None, REGIONAL.format("s3")):
            with pytest.raises(Offline, match=r"not started.*cloud\.start\(\)"):
                boto3.client("s3", endpoint_url=url).list_buckets()
        assert boto3.Session().get_credentials().access_key != KEY
    finally:
        client.uninstall()


CHILD = """
import boto3
first = boto3.client("s3")
sts = boto3.client("sts", endpoint_url="https://sts.us-east-1.amazonaws.com")
print(sts.get_caller_identity()["Account"])
try:
    boto3.client("s3", endpoint_url="https://minio.example:9000").list_buckets()
except Exception as error:
    print(type(error).__name__)
"""


def test_a_child_process_is_guarded(installed):
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [installed.account, "Offline"]


def sleeper(module, num_attempts=0):
    """Return a function of the named module that sleeps."""
    scope = {"__name__": module, "time": time}
    code = "def wait(seconds, num_attempts):\n    time.sleep(seconds)\n"
    exec(code, scope)  # the cap looks at the caller's module
    return lambda seconds: scope["wait"](seconds, num_attempts)


@pytest.fixture
def slept(planted, connection, monkeypatch):
    naps = []
    monkeypatch.setattr(time, "sleep", naps.append)
    client.install(connection)
    yield naps
    client.uninstall()


def test_polls_of_the_sdk_are_short(slept):
    sleeper("sagemaker.core.resources")(30)
    sleeper("sagemaker.core.resources")(0.05)
    sleeper("sagemaker_of_mine")(30)
    sleeper("notebook")(3)
    assert slept == [0.1, 0.05, 30, 3]


def test_a_waiter_still_covers_a_long_job(slept):
    for polls in range(1, 61):
        sleeper("botocore.waiter", polls)(30)
    assert slept[:2] == pytest.approx([0.11, 0.121])
    assert max(slept) == 30
    assert sum(slept) > 300


def test_botocore_names_what_the_cap_reads():
    assert botocore.waiter.time is time
    wait = inspect.unwrap(botocore.waiter.Waiter.wait)
    assert "num_attempts" in wait.__code__.co_varnames


def test_settings_files_are_private(installed):
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        path = Path(os.environ[name])
        assert path.is_relative_to(installed.home)
        assert path.stat().st_mode & 0o077 == 0
