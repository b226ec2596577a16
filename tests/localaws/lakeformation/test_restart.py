"""What was granted outlives a kill."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws import daemon
from tests.localaws.faults.killing import again, running
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import Analyst, cells, grant, principal, table
from tests.localaws.services.lake import rows


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def seen(arn: str) -> Any:
    """Return what Lake Formation says of a principal, its places and filters."""
    formation = boto3.client("lakeformation")
    return (
        formation.list_permissions(Principal=principal(arn))[
            "PrincipalResourcePermissions"
        ],
        formation.list_resources()["ResourceInfoList"],
        formation.list_data_cells_filter()["DataCellsFilters"],
        formation.list_lf_tags()["LFTags"],
        formation.get_resource_lf_tags(Resource=table())["LFTagsOnTable"],
        formation.get_data_lake_settings()["DataLakeSettings"],
    )


def test_permissions_outlive_a_kill(home: Path) -> None:
    with running():
        lake.make()
        lake.govern("people")
        desk = Analyst("desk")
        grant(desk.arn, cells("young", "age < 30", ColumnNames=["age", "country"]))
        formation = boto3.client("lakeformation")
        formation.create_lf_tag(TagKey="class", TagValues=["public"])
        formation.add_lf_tags_to_resource(
            Resource=table(), LFTags=[{"TagKey": "class", "TagValues": ["public"]}]
        )
        admins = {"DataLakeAdmins": [principal(lake.KEEPER)]}
        formation.put_data_lake_settings(DataLakeSettings=admins)
        before = seen(desk.arn)
        assert all(before)
        again()
        assert seen(desk.arn) == before
        asked = rows(desk, "SELECT * FROM people")
        assert asked == [["age", "country"], ["29", "GB"]]
