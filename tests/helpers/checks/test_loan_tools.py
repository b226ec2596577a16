"""Lab 1.2, task 3: tables that are not the recipe's, and the tool that is cheapest."""

import copy
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks.loan_tools import GOOD, _table, summary
from helpers.loans import tools

CHECK = checks_of("lab_1_2")["same_recipe_three_tools"]
SEEDS = [13, 1, 2]
COST = {"databrew": 0.08, "glue": 0.022, "wrangler": 0.0205}


def evidence(seed: int, **tables: pd.DataFrame) -> dict[str, Any]:
    """Give what the probe would of three tables: the recipe's, or those given."""
    right = summary(tools.cooked(seed))
    made = {
        tool: summary(tools.ordered(tables[tool])) if tool in tables else right
        for tool in tools.TOOLS
    }
    return {
        "returned": "wrangler",
        "states": dict(GOOD),
        "tables": copy.deepcopy(made),
        "cost": dict(COST),
    }


def verdict(seed: int, found: dict[str, Any]) -> str:
    return CHECK.verdict(CHECK.inputs(seed), found)


@pytest.mark.parametrize("seed", SEEDS)
def test_three_equal_tables_pass(seed: int) -> None:
    said = verdict(seed, evidence(seed))
    assert "three equal tables of" in said
    assert "wrangler was charged least, 0.0205 USD" in said


def cooked_otherwise(change: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    return change(tools.cooked(13).copy())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            cooked_otherwise(lambda t: t.rename(columns={"debt": "debt_to_income"})),
            "too many: ['debt_to_income'], missing: ['debt']",
        ),
        (
            cooked_otherwise(lambda t: pd.concat([t, t.head(3)])),
            "copies of whole rows next",
        ),
        (
            cooked_otherwise(lambda t: t.assign(emp_length=t["emp_length"] + 0.5)),
            "others in ['emp_length']",
        ),
        (
            cooked_otherwise(lambda t: t.assign(loan_amount=t["loan_amount"] * 40_000)),
            "others in ['loan_amount']",
        ),
    ],
    ids=["not renamed", "copies", "another median", "not scaled"],
)
def test_another_table_is_named_by_its_tool(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(CheckFailed) as refused:
        verdict(13, evidence(13, databrew=table))
    assert "databrew" in str(refused.value)
    assert message in str(refused.value)


def test_a_run_that_failed_a_table_that_is_missing_and_a_dearer_tool() -> None:
    failed = evidence(13)
    failed["states"]["glue"] = "FAILED GlueArgumentError: --target"
    with pytest.raises(CheckFailed, match="glue: the latest run of the job SUCCEEDED"):
        verdict(13, failed)
    with pytest.raises(CheckFailed, match="found: FAILED GlueArgumentError: --target"):
        verdict(13, failed)
    missing = evidence(13)
    missing["tables"]["wrangler"] = {"problem": "no Parquet below s3://b/, but nothing"}
    with pytest.raises(CheckFailed, match="wrangler: one table of numbers in Parquet"):
        verdict(13, missing)
    with pytest.raises(CheckFailed, match="charged least"):
        verdict(13, evidence(13) | {"returned": "glue"})


def test_what_is_no_number_is_named_by_its_column() -> None:
    table = tools.cooked(13).assign(homeownership="RENT", rate="7")
    body = io.BytesIO()
    table.to_parquet(body)
    s3 = SimpleNamespace(
        list_objects_v2=lambda **_: {"Contents": [{"Key": "cooked/1", "Size": 1}]},
        get_object=lambda **_: {"Body": io.BytesIO(body.getvalue())},
    )
    problem = _table("s3://bucket/cooked/", s3)["problem"]
    assert problem.startswith("columns that are no numbers: homeownership (str)")


def test_the_raw_loans_have_what_the_recipe_mends() -> None:
    raw = tools.raw(13)
    assert raw.duplicated().sum() == tools.COPIES
    assert raw["debt_to_income"].isna().any()
    assert raw["emp_length"].isna().any()
    assert len(tools.cooked(13)) < tools.ROWS
