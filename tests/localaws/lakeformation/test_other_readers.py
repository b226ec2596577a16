"""Services that cannot filter leave a governed table alone."""

from collections.abc import Callable
from typing import Any

from tests.localaws.brew import kitchen
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import grant, table

Aws = Callable[[str], Any]
PLACE = {"DatabaseName": "desk", "TableName": "people"}


def test_databrew_does_not_read_beside_the_filters(aws: Aws) -> None:
    lake.make()
    lake.govern("people")
    kitchen.make_role(aws)
    grant(kitchen.ROLE, table(ColumnNames=["name", "country"]))
    aws("databrew").create_dataset(
        Name="flights", Input={"DataCatalogInputDefinition": PLACE}
    )
    steps = [kitchen.step("UPPER_CASE", sourceColumn="name")]
    kitchen.recipe_job(aws, steps)
    run = kitchen.ran(aws)
    assert run["State"] == "FAILED"
    assert "which Lake Formation governs does not act" in run["ErrorMessage"]
