"""What a kill of the endpoint leaves of data quality."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from localaws import daemon
from tests.localaws.faults.killing import again, running
from tests.localaws.quality.gate import ended, evaluated, make_desk, ruleset, start
from tests.localaws.quality.test_run_failures import ENDLESS, make_endless, ran


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def test_results_stay_and_what_ran_has_failed(home: Path) -> None:
    aws = boto3.client
    with running():
        make_desk(aws)
        result = evaluated(aws, "RowCount = 4", 'Completeness "amount" > 0.9')
        make_endless(aws)
        key = start(aws, "endless")
        while ran(aws, key) == "STARTING":
            continue
        again()
        run = ended(aws, key)
        assert (run["Status"], "restarted" in run["ErrorString"]) == ("FAILED", True)
        glue = aws("glue")
        result.pop("ResponseMetadata")
        found = glue.get_data_quality_result(ResultId=result["ResultId"])
        assert {name: found[name] for name in result} == result
        kept = glue.get_data_quality_ruleset(Name="endless")
        assert ENDLESS in kept["Ruleset"]
        ruleset(aws, "RowCount > 3", name="after")
        assert ended(aws, start(aws, "after"))["Status"] == "SUCCEEDED"
