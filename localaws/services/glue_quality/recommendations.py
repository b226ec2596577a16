"""Recommendation runs: rules that a table as it is would pass."""

from typing import Any

from localaws.services.context import Context
from localaws.services.glue_quality.board import Board
from localaws.services.glue_quality.documents import (
    RECOMMENDATION,
    RULESET,
    invalid,
    new_id,
    once,
    remember,
)
from localaws.services.glue_quality.runs import (
    cancelled,
    checked,
    described,
    found_in,
    listing,
)
from localaws.services.glue_quality.sources import exists, table_of
from localaws.services.json_operations import Members
from localaws.services.records import Records

_START = "StartDataQualityRuleRecommendationRun"


def start(context: Context, given: Members) -> Members:
    """Answer StartDataQualityRuleRecommendationRun."""
    members, records = checked(context, given), context.part(Records)
    table = table_of(given["DataSource"])
    if not exists(context, table):
        where = f"{table['DatabaseName']}.{table['TableName']}"
        raise invalid(f"Table {where} not found.")
    with records.lock:
        known = once(context, _START, given)
        if known is not None:
            return {"RunId": known}
        run = {
            "RunId": new_id(context, "dqrun"),
            **members,
            "RecommendationMode": "BASIC",
        }
        name = given.get("CreatedRulesetName")
        if name is not None:
            if records.get(RULESET, name) is not None:
                raise invalid(f"A ruleset of the name {name} already exists.")
            run["CreatedRulesetName"] = name
        context.part(Board).start(RECOMMENDATION, run)
        remember(context, _START, given, run["RunId"])
    return {"RunId": run["RunId"]}


def get(context: Context, given: Members) -> Members:
    """Answer GetDataQualityRuleRecommendationRun."""
    return found_in(context, RECOMMENDATION, given["RunId"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListDataQualityRuleRecommendationRuns, newest first."""
    return listing(described(context, RECOMMENDATION, given), given)


def cancel(context: Context, given: Members) -> Members:
    """Answer CancelDataQualityRuleRecommendationRun."""
    return cancelled(context, RECOMMENDATION, given["RunId"])


OPERATIONS: dict[str, Any] = {
    _START: start,
    "GetDataQualityRuleRecommendationRun": get,
    "ListDataQualityRuleRecommendationRuns": listed,
    "CancelDataQualityRuleRecommendationRun": cancel,
}
