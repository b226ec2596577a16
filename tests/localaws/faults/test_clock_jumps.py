"""F15: the clock jumps, the machine sleeps, the time zone is another one.

Two clocks jump: the endpoint's own, by its control API, and the machine's, as the
endpoint's processes see it.
"""

import datetime as dt
import os
import signal
import sys
from pathlib import Path

import boto3
import pytest

from localaws import client, daemon
from localaws.home import Connection
from tests.conftest import work_role
from tests.localaws.faults.families import TRAINING, Families, machine
from tests.localaws.faults.killing import kill
from tests.localaws.faults.wall_clock import WallClock
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import ended, wait

DAY = 86_400


def begin(families: Families, go: Path, name: str = "job") -> None:
    """Start a job that ends when a file is there."""
    waits = "while [ ! -e $GO ]; do sleep 0.05; done; echo gone on"
    boto3.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={
            **TRAINING,
            "ContainerEntrypoint": ["/bin/sh", "-c"],
            "ContainerArguments": [waits],
        },
        **{
            **families.definition({"GO": str(go)}),
            "ResourceConfig": machine(1),
            "StoppingCondition": {"MaxRuntimeInSeconds": 120},
        },
    )
    sagemaker = boto3.client("sagemaker")
    wait(
        lambda: sagemaker.describe_training_job(TrainingJobName=name),
        "SecondaryStatus",
        "Starting",
        "Downloading",
    )


def check(name: str = "job") -> None:
    """Assert that a job completed, and that no duration is negative."""
    job = ended(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TrainingTimeInSeconds"] >= 1
    assert job["BillableTimeInSeconds"] >= 1
    steps = job["SecondaryStatusTransitions"]
    moments = [job["CreationTime"]]
    for step in steps:
        moments += [step["StartTime"], step["EndTime"]]
    assert moments == sorted(moments)


@pytest.fixture
def running(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint's clock runs with the machine's."""
    monkeypatch.delenv("LOCALAWS_EPOCH")


def test_a_jump_of_a_day_ends_no_job(
    running: None, own: Connection, own_families: Families, tmp_path: Path
) -> None:
    """F15: a job whose maximum is two minutes goes on, and so does an endpoint."""
    hosted.make_model("m", own_families.role, "desk")
    hosted.deploy("e", hosted.variant("m"))
    begin(own_families, tmp_path / "go")
    own.control("POST", "clock", {"seconds": DAY})
    assert hosted.ask("e") == "m"
    job = boto3.client("sagemaker").describe_training_job(TrainingJobName="job")
    assert job["TrainingJobStatus"] == "InProgress"
    (tmp_path / "go").touch()
    check()
    assert boto3.client("sts").get_caller_identity()["Account"] == own.account


@pytest.fixture
def wall(running: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """The machine's clock, for an endpoint that is started after it."""
    return WallClock(tmp_path, monkeypatch)


@pytest.mark.skipif(sys.platform != "linux", reason="needs LD_PRELOAD")
@pytest.mark.parametrize("days", [1, -1])
def test_a_jump_of_the_machines_clock_ends_no_job(
    days: int,
    wall: WallClock,
    own: Connection,
    own_families: Families,
    tmp_path: Path,
) -> None:
    """F15: set on or back and back again, while jobs run and an endpoint serves."""
    sagemaker = boto3.client("sagemaker")
    hosted.make_model("m", own_families.role, "desk")
    hosted.deploy("e", hosted.variant("m"))
    begin(own_families, tmp_path / "go", "one")
    clocks = [now(own)]
    with wall.jumped(days * DAY):
        clocks.append(now(own))
        if days > 0:
            assert clocks[1] - clocks[0] >= dt.timedelta(days=1)
        assert hosted.ask("e") == "m"
        begin(own_families, tmp_path / "go", "two")
        job = sagemaker.describe_training_job(TrainingJobName="one")
        assert job["TrainingJobStatus"] == "InProgress"
        (tmp_path / "go").touch()
        check("one")
        clocks.append(now(own))
    check("two")
    begin(own_families, tmp_path / "go", "three")
    check("three")
    assert hosted.ask("e") == "m"
    clocks.append(now(own))
    assert all(line["quantity"] >= 0 for line in own.control("GET", "bill")["lines"])
    listed = sagemaker.list_training_jobs(SortBy="CreationTime", SortOrder="Ascending")
    names = [one["TrainingJobName"] for one in listed["TrainingJobSummaries"]]
    assert names == ["one", "two", "three"]
    with wall.jumped(2 * DAY):
        clocks.append(now(own))
        boto3.client("s3").put_object(Bucket="desk", Key="late", Body=b"x")
        kill()
    # the machine's clock has gone back while there was no endpoint
    clocks.append(now(daemon.start()))
    assert clocks == sorted(clocks)


def now(endpoint: Connection) -> dt.datetime:
    """Return the endpoint's time."""
    return dt.datetime.fromisoformat(endpoint.control("GET", "status")["now"])


def test_the_clock_does_not_go_back(own: Connection) -> None:
    """F15: a jump of minus one day is refused, and changes nothing."""
    before = own.control("GET", "status")["now"]
    with pytest.raises(daemon.DaemonError, match="cannot go back"):
        own.control("POST", "clock", {"seconds": -DAY})
    assert own.control("GET", "status")["now"] == before


def test_a_suspended_endpoint_goes_on(
    running: None, own: Connection, own_families: Families, tmp_path: Path
) -> None:
    """F15: stopped and continued, as a lid that is closed does it; no job is lost."""
    begin(own_families, tmp_path / "go")
    os.kill(own.pid, signal.SIGSTOP)
    (tmp_path / "go").touch()
    wait(
        lambda: {"state": Path(f"/proc/{own.pid}/stat").read_text().split()[2]},
        "state",
        "R",
        "S",
        "D",
    )
    os.kill(own.pid, signal.SIGCONT)
    check()


# New York's clocks go on one hour at 07:00 UTC of 8 March 2026, and back one at 06:00
# UTC of 1 November.
MARCH, NOVEMBER = "2026-03-08T06:59:30Z", "2026-11-01T05:59:30Z"
LATE = pytest.mark.nightly(reason="New York's two changes by day")


@pytest.mark.parametrize(
    ("zone", "epoch"),
    [
        ("America/New_York", MARCH),
        ("America/New_York", NOVEMBER),
        pytest.param("Asia/Kathmandu", MARCH, marks=LATE),
        pytest.param("Asia/Kathmandu", NOVEMBER, marks=LATE),
        pytest.param("nonsense", MARCH, marks=LATE),
        pytest.param("nonsense", NOVEMBER, marks=LATE),
    ],
)
def test_time_zones_and_summer_time_change_nothing(
    zone: str,
    epoch: str,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F15: a job across the change has the times that it has in UTC."""
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("LOCALAWS_EPOCH", epoch)
    connection = daemon.start()
    client.install(connection)
    try:
        made = work_role(boto3.client("iam"))
        boto3.client("s3").create_bucket(Bucket="desk")
        (tmp_path / "go").touch()
        begin(Families(made, "desk"), tmp_path / "go")
        check()
        job = boto3.client("sagemaker").describe_training_job(TrainingJobName="job")
    finally:
        client.uninstall()
    start = dt.datetime.fromisoformat(epoch)
    # two calls make the role, one the bucket, one the job: a second each
    assert job["CreationTime"] - start == dt.timedelta(seconds=4)
    assert job["TrainingEndTime"] - job["CreationTime"] == dt.timedelta(seconds=140)
    assert job["TrainingTimeInSeconds"] == 80
