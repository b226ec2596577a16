import datetime as dt
import os
import time

import boto3
import pytest

from helpers import cloud
from localaws import client, daemon
from localaws.home import ENDED

BANNER = (
    "Local AWS endpoint · account 123456789012 · us-east-1 "
    "· nothing leaves this machine\n"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cloud") / "home"
    yield folder
    daemon.stop(folder)


@pytest.fixture(autouse=True)
def learner(home, monkeypatch):
    monkeypatch.setenv("LOCALAWS_HOME", str(home))
    monkeypatch.setenv("LOCALAWS_EPOCH", "2026-01-05T08:00:00+00:00")
    monkeypatch.delenv("MLA_TARGET", raising=False)
    yield
    client.uninstall()


@pytest.fixture
def started(capsys):
    cloud.start()
    cloud.reset()
    capsys.readouterr()


def test_the_banner_is_the_same_every_time(capsys):
    cloud.start()
    cloud.start()
    assert capsys.readouterr().out == BANNER * 2


def test_after_a_crash_the_banner_has_a_line_before_it(capsys):
    cloud.start()
    os.kill(daemon.find().pid, 9)
    capsys.readouterr()
    while daemon.find():
        time.sleep(0.01)
    cloud.start()
    note, banner = capsys.readouterr().out.split("\n", 1)
    assert note.startswith(ENDED)
    assert banner == BANNER


def test_plain_boto3_reaches_the_endpoint(started):
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_reset_empties_it(started):
    boto3.client("s3").create_bucket(Bucket="flights")
    cloud.reset()
    assert boto3.client("s3").list_buckets()["Buckets"] == []
    assert list(cloud.bill()["service"]) == ["Amazon S3", "Total"]


def test_status(started):
    assert cloud.status() == {
        "target": "local",
        "running": True,
        "jobs": 0,
        "endpoints": 0,
        "now": "2026-01-05T08:00:00+00:00",
    }


def test_the_clock_advances(started):
    before = cloud.clock.now()
    after = cloud.clock.advance(days=1, hours=2, minutes=3)
    assert after - before == dt.timedelta(days=1, hours=2, minutes=3)
    assert cloud.clock.now() == after


def test_a_wait_moves_the_clock(started):
    before = cloud.clock.now()
    cloud.clock.sleep(90)
    assert cloud.clock.now() - before == dt.timedelta(seconds=90)


@pytest.mark.parametrize("step", [{}, {"hours": -1}])
def test_the_clock_does_not_go_back(started, step):
    with pytest.raises(ValueError, match="only goes forward"):
        cloud.clock.advance(**step)


def test_the_bill_has_a_total(started):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="flights")
    for number in range(9):
        s3.put_object(Bucket="flights", Key=str(number), Body=b"")
    bill = cloud.bill()
    assert list(bill["service"]) == ["Amazon S3", "Total"]
    assert bill["cost"].iloc[-1] == pytest.approx(bill["cost"].iloc[0]) == 5e-05
    assert bill["note"].iloc[0].startswith("unverified")
    assert bill["quantity"].iloc[0] == 0.01


def test_an_unknown_price_is_missing_not_zero(started, monkeypatch):
    from localaws.meter import line

    lines = [
        line("training", 60, instance="ml.zz9.plural", resource="job"),
        line("training", 3600, instance="ml.m5.large", resource="job"),
    ]
    monkeypatch.setattr("localaws.home.Connection.control", lambda *_: {"lines": lines})
    bill = cloud.bill()
    assert bill["cost"].isna().tolist() == [True, False, False]
    assert bill["cost"].iloc[-1] == 0.115
    assert bill["note"].iloc[-1] == "1 without a price"


def test_the_role_is_made_once(started):
    first = cloud.role()
    assert first == "arn:aws:iam::123456789012:role/mla-workbook-sagemaker"
    assert cloud.role() == first
    attached = boto3.client("iam").list_attached_role_policies(RoleName=cloud.ROLE)
    assert len(attached["AttachedPolicies"]) == 3


def test_stop_closes_the_way_out(started):
    cloud.stop()
    assert cloud.status() == {"target": "local", "running": False}
    with pytest.raises(client.Offline, match=r"cloud\.start\(\)"):
        boto3.client("s3").list_buckets()
    with pytest.raises(RuntimeError, match=r"cloud\.start\(\)"):
        cloud.bill()


def test_a_failed_start_closes_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    with pytest.raises(RuntimeError, match="chmod"):
        cloud.start()
    with pytest.raises(client.Offline, match=r"cloud\.start\(\)"):
        boto3.client("s3").list_buckets()


def test_another_target_is_refused(monkeypatch):
    monkeypatch.setenv("MLA_TARGET", "prod")
    with pytest.raises(RuntimeError, match="'local' or 'aws', found 'prod'"):
        cloud.start()


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """A machine whose environment leads to an AWS account."""
    monkeypatch.setenv("MLA_TARGET", "aws")
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "unused"))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    class Session:
        region_name = "eu-west-1"

        def client(self, name):
            assert name == "sts"
            return self

        def get_caller_identity(self):
            arn = "arn:aws:iam::111122223333:user/ada"
            return {"Account": "111122223333", "Arn": arn}

    monkeypatch.setattr(boto3, "Session", Session)
    return tmp_path / "unused"


def test_on_aws_identity_and_warning_come_first(aws, capsys):
    cloud.start()
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        "AWS account 111122223333 · arn:aws:iam::111122223333:user/ada · eu-west-1"
    )
    assert "billed until you delete it" in second


def test_on_aws_no_endpoint_is_started(aws):
    cloud.start()
    cloud.stop()
    assert cloud.status() == {"target": "aws"}
    assert cloud.clock.now().tzinfo is dt.UTC
    assert cloud.bill()["note"].tolist() == ["see Billing and Cost Management"]
    assert not aws.exists()


def test_on_aws_a_wait_is_a_wait(aws, monkeypatch):
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    cloud.clock.sleep(90)
    assert waited == [90]


def test_on_aws_nothing_local_is_pretended(aws):
    with pytest.raises(RuntimeError, match="delete what you made"):
        cloud.reset()
    with pytest.raises(RuntimeError, match="local endpoint only"):
        cloud.clock.advance(hours=1)


def test_on_aws_a_turned_endpoint_is_refused(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    with pytest.raises(RuntimeError, match="found AWS_ENDPOINT_URL"):
        cloud.start()
