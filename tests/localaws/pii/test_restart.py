"""What outlives a kill: jobs, findings, identifiers. What ran ends, or runs again."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from localaws import daemon
from tests.localaws.comprehend.conftest import role
from tests.localaws.comprehend.test_jobs import ended
from tests.localaws.comprehend.test_jobs import put as put_document
from tests.localaws.comprehend.test_jobs import start as start_job
from tests.localaws.faults.killing import again, running
from tests.localaws.macie.conftest import BUCKET, counts, create, findings, put, waited

LINE = "Ada Lovelace of 12 Oak Street, Boston, MA 02110.\n"
COUNT = 300


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield
    daemon.stop()


def test_a_kill_loses_nothing_of_macie_and_comprehend(home: None) -> None:
    with running():
        s3, macie = boto3.client("s3"), boto3.client("macie2")
        comprehend = boto3.client("comprehend")
        for name in (BUCKET, "complaints"):
            s3.create_bucket(Bucket=name)
        role("reader", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
        macie.enable_macie()
        key = macie.create_custom_data_identifier(name="x", regex="X[0-9]+")
        put("short/a.txt", "ssn 123-45-6789")
        put("long/a.txt", LINE * COUNT)
        put_document("long.txt", LINE * COUNT)
        short = create("short", "short/")
        waited(short)
        before = findings(short)
        assert counts(before[0]) == {"USA_SOCIAL_SECURITY_NUMBER": 1}
        long = create("long", "long/")
        job = start_job(comprehend, "long.txt")
        again()
        assert findings(short) == before
        found = macie.get_custom_data_identifier(id=key["customDataIdentifierId"])
        assert found["regex"] == "X[0-9]+"
        lost = ended(comprehend, job)
        assert lost["JobStatus"] == "FAILED"
        assert "restarted" in lost["Message"]
        waited(long)
        assert counts(findings(long)[0]) == {"ADDRESS": COUNT, "NAME": COUNT}
