"""F7: the endpoint's disk is full, and has room again.

The endpoint's process may write no file longer than its journal is at that moment; the
system's answer to it is that of a full disk.
"""

import contextlib
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.home import Connection
from tests.localaws.faults.killing import again, running
from tests.localaws.faults.session import BUCKET, Session
from tests.localaws.faults.view import job, seen
from tests.localaws.sagemaker import hosted, pipelining

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits another process"
)


@contextlib.contextmanager
def full(connection: Connection, home: Path) -> Iterator[None]:
    """Let the endpoint's disk be full: nothing can be added to its journal."""
    size = (home / "journal").stat().st_size
    kind = resource.RLIMIT_FSIZE
    before = resource.prlimit(connection.pid, kind)
    resource.prlimit(connection.pid, kind, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(connection.pid, kind, before)


@pytest.fixture
def endpoint_of_its_own(home: Path) -> Iterator[Connection]:
    with running() as connection:
        yield connection


@pytest.fixture
def work(endpoint_of_its_own: Connection) -> Session:
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
    model = "arn:aws:sagemaker:us-east-1:123456789012:model/m"
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
            ResourceArn=model, Tags=[{"Key": "new", "Value": "x"}]
        ),
        "untag": lambda: work.sagemaker.delete_tags(
            ResourceArn=model, TagKeys=["team"]
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


def test_every_change_is_refused_and_nothing_is_changed(
    work: Session, endpoint_of_its_own: Connection, home: Path
) -> None:
    before = seen(work)
    with full(endpoint_of_its_own, home):
        for name, change in changes(work).items():
            with pytest.raises(ClientError) as caught:
                change()
            answer = caught.value.response
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 507, name
            assert answer["Error"]["Code"] == "InsufficientStorage", name
            assert "free some space and try again" in answer["Error"]["Message"]
        assert seen(work) == before
        assert endpoint_of_its_own.control("GET", "status")["ok"]
        assert endpoint_of_its_own.control("GET", "bill")["lines"]
    again()
    assert seen(work) == before


def test_with_room_again_work_goes_on_without_a_restart(
    work: Session, endpoint_of_its_own: Connection, home: Path
) -> None:
    with full(endpoint_of_its_own, home), pytest.raises(ClientError):
        work.sagemaker.create_model_package_group(ModelPackageGroupName="another")
    for name, change in changes(work).items():
        if name not in ("removal", "endpoint"):
            change()
    work._ended("new")
    hosted.settled("m")
    before = seen(work)
    again()
    assert seen(work) == before


def test_a_job_that_ends_meanwhile_is_told_of_now_and_kept_later(
    work: Session, endpoint_of_its_own: Connection, home: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    script = f"import pathlib, time\ngo = pathlib.Path({str(go)!r})\n"
    work._train("job", script + "while not go.exists(): time.sleep(0.05)\n")
    with full(endpoint_of_its_own, home):
        go.touch()
        found = work._ended("job")
        assert found["TrainingJobStatus"] in ("Failed", "Completed")
        assert job(work, "job") == found
    work.put_record("afterwards")
    again()
    assert job(work, "job") == found


def test_what_an_answer_leaves_behind_does_not_stop_answers(
    work: Session, endpoint_of_its_own: Connection, home: Path
) -> None:
    with full(endpoint_of_its_own, home):
        for _ in range(3):
            assert hosted.ask("m") == "m"
            work.cloudwatch.list_metrics()
            work.logs.describe_log_groups()
    assert hosted.ask("m") == "m"


def test_a_container_that_finds_no_room_fails_with_the_reason(
    work: Session, endpoint_of_its_own: Connection, home: Path
) -> None:
    """The model's archive does not fit into the folder of the endpoint's containers."""
    words = "x" * 4_000_000
    hosted.make_model("large", work.role, BUCKET, script=f"WORDS = '''{words}'''\n")
    kind, pid = resource.RLIMIT_FSIZE, endpoint_of_its_own.pid
    before = resource.prlimit(pid, kind)
    size = (home / "journal").stat().st_size
    assert size < 2**20
    resource.prlimit(pid, kind, (2**21, before[1]))
    try:
        found = hosted.deploy("large", hosted.variant("large"))
    finally:
        resource.prlimit(pid, kind, before)
    assert found["EndpointStatus"] == "Failed"
    assert "File too large" in found["FailureReason"]
    work.sagemaker.delete_endpoint(EndpointName="large")
    hosted.deploy("again", hosted.variant("m"))
    assert hosted.ask("again") == "m"
