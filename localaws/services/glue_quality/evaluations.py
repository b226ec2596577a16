"""Evaluation runs: rulesets that are held against a table."""

from typing import Any

from localaws.quality.ruleset import Ruleset, calls
from localaws.services.context import Context
from localaws.services.glue_quality import rulesets
from localaws.services.glue_quality.board import Board
from localaws.services.glue_quality.documents import (
    EVALUATION,
    absent,
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

_START = "StartDataQualityRulesetEvaluationRun"


def start(context: Context, given: Members) -> Members:
    """Answer StartDataQualityRulesetEvaluationRun."""
    members = checked(context, given)
    sources = {"primary": given["DataSource"], **given.get("AdditionalDataSources", {})}
    for source in sources.values():
        table = table_of(source)
        if not exists(context, table):
            raise absent("Table", f"{table['DatabaseName']}.{table['TableName']}")
    with context.part(Records).lock:
        known = once(context, _START, given)
        if known is not None:
            return {"RunId": known}
        texts = [
            rulesets.find(context, name)["Ruleset"] for name in given["RulesetNames"]
        ]
        for text in texts:
            _check(rulesets.parsed(text))
        run = {
            "RunId": new_id(context, "dqrun"),
            **members,
            "RulesetNames": given["RulesetNames"],
            "texts": texts,
        }
        if "AdditionalDataSources" in given:
            run["AdditionalDataSources"] = given["AdditionalDataSources"]
        context.part(Board).start(EVALUATION, run)
        remember(context, _START, given, run["RunId"])
    return {"RunId": run["RunId"]}


def _check(ruleset: Ruleset) -> None:
    """Raise an error if a ruleset is for AWS Glue ETL alone."""
    what = None
    if ruleset.analyzers:
        what = "Analyzers are"
    elif any(node.labels for node in ruleset.rules):
        what = "Labels are"
    for rule in ruleset.every():
        for condition in (rule.condition, rule.threshold):
            operands = condition.operands if condition else ()
            if any(name != "now" for one in operands for name in calls(one)):
                what = "Dynamic rules are"
    if what:
        raise invalid(
            f"{what} only supported in AWS Glue ETL, not in the AWS Glue Data Catalog."
        )
    if not ruleset.rules:
        raise invalid("The ruleset has no rules.")


def get(context: Context, given: Members) -> Members:
    """Answer GetDataQualityRulesetEvaluationRun."""
    return found_in(context, EVALUATION, given["RunId"])


def batch(context: Context, given: Members) -> Members:
    """Answer BatchGetDataQualityRulesetEvaluationRun."""
    every = context.part(Records).all(EVALUATION)
    return {
        "Runs": [every[one] for one in given["RunIds"] if one in every],
        "RunsNotFound": [one for one in given["RunIds"] if one not in every],
    }


def listed(context: Context, given: Members) -> Members:
    """Answer ListDataQualityRulesetEvaluationRuns, newest first."""
    wanted = given.get("Filter", {}).get("RulesetName")
    runs = [
        run
        for run in described(context, EVALUATION, given)
        if wanted is None or wanted in run["RulesetNames"]
    ]
    return listing(runs, given)


def cancel(context: Context, given: Members) -> Members:
    """Answer CancelDataQualityRulesetEvaluationRun."""
    return cancelled(context, EVALUATION, given["RunId"])


OPERATIONS: dict[str, Any] = {
    _START: start,
    "GetDataQualityRulesetEvaluationRun": get,
    "BatchGetDataQualityRulesetEvaluationRun": batch,
    "ListDataQualityRulesetEvaluationRuns": listed,
    "CancelDataQualityRulesetEvaluationRun": cancel,
}
