"""What a kill of the endpoint leaves of clusters and applications, and no process."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from localaws import daemon
from tests.localaws.faults.killing import again, running
from tests.localaws.services import emr_serverless_face as serverless
from tests.localaws.services.emr_face import (
    BUCKET,
    ENDLESS,
    add,
    charged,
    ended,
    keys,
    log,
    make_roles,
    needs_spark,
    processes,
    put,
    ready,
    status,
    step,
    step_status,
    until,
)

pytestmark = needs_spark


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def test_what_ran_has_failed_and_the_rest_goes_on(home: Path) -> None:
    aws = boto3.client
    with running():
        aws("s3").create_bucket(Bucket=BUCKET)
        make_roles(aws)
        endless = put(aws, "endless.py", ENDLESS)
        key = ready(aws)
        application = serverless.create(aws)
        run = serverless.start(aws, application, endless)
        first, second = add(
            aws, key, step(endless), step(put(aws, "short.py", "print('short')\n"))
        )
        until(lambda: keys(aws, "begun"))
        until(lambda: serverless.state(aws, application, run)["state"] == "RUNNING")
        connection = again()
        until(lambda: serverless.state(aws, application, run)["state"] == "FAILED")
        found = step_status(aws, key, first)
        assert found["State"] == "FAILED"
        assert "restarted" in found["FailureDetails"]["Reason"]
        assert ended(aws, key, second)["State"] == "COMPLETED"
        assert log(aws, key, second, "stdout") == "short\n"
        assert "restarted" in serverless.state(aws, application, run)["stateDetails"]
        assert serverless.application(aws, application)["state"] == "STARTED"
        until(lambda: processes("emr-") == 0)
        aws("emr").terminate_job_flows(JobFlowIds=[key])
        aws("emr").get_waiter("cluster_terminated").wait(ClusterId=key)
        line = status(aws, key)["Timeline"]
        seconds = (line["EndDateTime"] - line["ReadyDateTime"]).total_seconds()
        (core, primary) = charged(connection, "Cluster on EC2").values()
        assert primary == pytest.approx((seconds + 90 - 150) / 3600, abs=1e-5)
        assert core == pytest.approx(2 * primary, abs=1e-5)
