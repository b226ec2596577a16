"""F7: the endpoint's disk is full, and has room again.

The names of the tests tell on which disk they have run, `SmallDisk` or `LimitedDisk`.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.faults.session import BUCKET, Session
from tests.localaws.faults.small_disk import LimitedDisk, SmallDisk, best
from tests.localaws.faults.view import job, seen
from tests.localaws.sagemaker import hosted, pipelining

MODEL = "arn:aws:sagemaker:us-east-1:123456789012:model/m"
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits another process"
)


@contextlib.contextmanager
def full(disk: SmallDisk | LimitedDisk, work: Session) -> Iterator[None]:
    """Let the disk be full, and use up what is left of the journal's last page."""
    with disk.full():
        with pytest.raises(ClientError, match=disk.reason):
            for _ in range(100):
                work.sagemaker.delete_tags(ResourceArn=MODEL, TagKeys=["none"])
        yield


@pytest.fixture
def work(disk: SmallDisk | LimitedDisk) -> Session:
    """A session that has made a bit of everything."""
    session = Session()
    for step in (
        session.identities,
        session.objects,
        session.messages,
        session.rules,
        session.metrics,
        session.features,
        session.packages,
        session.model,
        session.endpoint,
        session.tags,
    ):
        step()
        session.taken.append(step.__name__)
    return session


def changes(work: Session) -> dict[str, Callable[[], Any]]:
    """Return a change of each kind of state."""
    return {
        "object": lambda: work.s3.put_object(Bucket=BUCKET, Key="n", Body=b"n"),
        "bucket": lambda: work.s3.create_bucket(Bucket="another"),
        "deletion": lambda: work.s3.delete_object(Bucket=BUCKET, Key="copy"),
        "user": lambda: work.iam.create_user(UserName="ben"),
        "message": lambda: work.sqs.send_message(QueueUrl=work.queue, MessageBody="x"),
        "rule": lambda: work.events.disable_rule(Name="desk"),
        "group": lambda: work.sagemaker.create_model_package_group(
            ModelPackageGroupName="another"
        ),
        "config": lambda: hosted.configure("another", hosted.variant("m")),
        "removal": lambda: work.sagemaker.delete_endpoint_config(
            EndpointConfigName="m"
        ),
        "tag": lambda: work.sagemaker.add_tags(
            ResourceArn=MODEL, Tags=[{"Key": "new", "Value": "x"}]
        ),
        "untag": lambda: work.sagemaker.delete_tags(
            ResourceArn=MODEL, TagKeys=["team"]
        ),
        "approval": lambda: work.sagemaker.update_model_package(
            ModelPackageArn="arn:aws:sagemaker:us-east-1:123456789012"
            ":model-package/delays/1",
            ModelApprovalStatus="Rejected",
        ),
        "record": lambda: work.put_record("new"),
        "unrecord": lambda: work.records.delete_record(
            FeatureGroupName="flights",
            RecordIdentifierValueAsString="a",
            EventTime="2026-02-01T00:00:00Z",
        ),
        "artifact": lambda: work.sagemaker.create_artifact(
            Source={"SourceUri": "s3://x/y"}, ArtifactType="DataSet"
        ),
        "job": lambda: work._train("new", "print('auc=1')"),
        "pipeline": lambda: pipelining.create(
            pipelining.definition(pipelining.fail("F", "no")), work.role
        ),
        "endpoint": lambda: work.sagemaker.create_endpoint(
            EndpointName="new", EndpointConfigName="m"
        ),
        "update": lambda: work.sagemaker.update_endpoint(
            EndpointName="m", EndpointConfigName="m"
        ),
    }


@pytest.mark.skipif(os.environ.get("MLA_NIGHTLY") != "1", reason="may lack namespaces")
def test_a_nightly_run_has_a_disk_of_its_own() -> None:
    assert best() is SmallDisk


def test_every_change_is_refused_and_nothing_is_changed(
    work: Session, disk: SmallDisk | LimitedDisk
) -> None:
    before = seen(work)
    with full(disk, work):
        for name, change in changes(work).items():
            with pytest.raises(ClientError) as caught:
                change()
            answer = caught.value.response
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 507, name
            assert answer["Error"]["Code"] == "InsufficientStorage", name
            assert "free some space and try again" in answer["Error"]["Message"]
        assert seen(work) == before
        assert disk.connection.control("GET", "status")["ok"]
        assert disk.connection.control("GET", "bill")["lines"]
    disk.again()
    assert seen(work) == before


def test_with_room_again_work_goes_on_without_a_restart(
    work: Session, disk: SmallDisk | LimitedDisk
) -> None:
    with full(disk, work), pytest.raises(ClientError):
        work.sagemaker.create_model_package_group(ModelPackageGroupName="another")
    for name, change in changes(work).items():
        if name not in ("removal", "endpoint"):
            change()
    work._ended("new")
    hosted.settled("m")
    before = seen(work)
    disk.again()
    assert seen(work) == before


def test_a_job_that_ends_meanwhile_is_told_of_now_and_kept_later(
    work: Session, disk: SmallDisk | LimitedDisk, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    script = f"import pathlib, time\ngo = pathlib.Path({str(go)!r})\n"
    work._train("job", script + "while not go.exists(): time.sleep(0.05)\n")
    with full(disk, work):
        go.touch()
        found = work._ended("job")
        assert found["TrainingJobStatus"] in ("Failed", "Completed")
        assert job(work, "job") == found
    work.put_record("afterwards")
    disk.again()
    assert job(work, "job") == found


def test_what_an_answer_leaves_behind_does_not_stop_answers(
    work: Session, disk: SmallDisk | LimitedDisk
) -> None:
    with full(disk, work):
        for _ in range(3):
            assert hosted.ask("m") == "m"
            work.cloudwatch.list_metrics()
            work.logs.describe_log_groups()
    assert hosted.ask("m") == "m"


def test_a_killed_endpoint_comes_back_on_a_full_disk(
    work: Session, disk: SmallDisk | LimitedDisk
) -> None:
    if not isinstance(disk, SmallDisk):
        pytest.skip("the limit ends with the process")
    work.taken.remove("endpoint")
    before = seen(work)
    with full(disk, work):
        disk.again()
        assert seen(work) == before
        endpoint = hosted.settled("m")
    # its container is made anew, and has no room
    assert endpoint["EndpointStatus"] == "Failed"
    assert disk.reason in endpoint["FailureReason"]
    work.put_record("afterwards")
    hosted.deploy("again", hosted.variant("m"))
    assert hosted.ask("again") == "m"


def test_a_start_without_room_says_so(disk: SmallDisk | LimitedDisk) -> None:
    if not isinstance(disk, SmallDisk):
        pytest.skip("a limit on files leaves room for small ones")
    disk.end(signal.SIGTERM)
    for name in ("daemon.json", "daemon.log", "journal"):
        (disk.seen / name).unlink(missing_ok=True)
    with disk.full():
        done = disk.command("start")
        assert done.returncode == 1
        assert f"no space left for {disk.home}: free some" in done.stderr
    assert disk.command("start").returncode == 0
    assert disk.command("stop").returncode == 0
