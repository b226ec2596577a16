"""Rulesets: what a profile job validates of a data set."""

import re
from typing import Any

from localaws.brew.errors import BrewError
from localaws.brew.grammar import Aggregate, checks, column_of, parse
from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.databrew import documents
from localaws.services.databrew.documents import DATASET, JOB, RULESET
from localaws.services.databrew.operations import Members, conflict, page
from localaws.services.records import Records


def _check(rules: list[Members]) -> None:
    names = [one["Name"] for one in rules]
    if len(set(names)) < len(names):
        raise ValidationError("The names of the rules must be unique.")
    for rule in rules:
        try:
            _check_rule(rule)
        except (BrewError, re.error) as error:
            raise ValidationError(f"Rule {rule['Name']}: {error}") from error


def _check_rule(rule: Members) -> None:
    node = parse(rule["CheckExpression"], rule.get("SubstitutionMap", {}))
    found = list(checks(node))
    aggregates = [isinstance(one.left, Aggregate) for one in found]
    if any(aggregates) and not all(aggregates):
        raise BrewError(
            "aggregated conditions cannot be combined with non-aggregated conditions."
        )
    if any(aggregates) and rule.get("Threshold"):
        raise BrewError("a Threshold is for conditions that are not aggregated.")
    selectors = rule.get("ColumnSelectors", [])
    for one in selectors:
        if len(one) != 1:
            raise BrewError("a column selector has either a Name or a Regex.")
        re.compile(one.get("Regex", ""))
    for one in found:
        if isinstance(one.left, Aggregate):
            continue
        if selectors and one.left is not None:
            raise BrewError("with ColumnSelectors no check names its column.")
        if not selectors and column_of(one.left) is None:
            raise BrewError(
                "a check names its column, in backquotes, or ColumnSelectors do."
            )


def create(context: Context, given: Members) -> Members:
    """Answer CreateRuleset: the target is a data set that is there."""
    _check(given["Rules"])
    with context.part(Records).lock:
        known = documents.every(context, DATASET)
        if given["TargetArn"] not in [one["ResourceArn"] for one in known]:
            raise ValidationError(
                f"The TargetArn {given['TargetArn']} is not the ARN of a dataset."
            )
        members = {
            name: given[name]
            for name in ("Name", "Description", "TargetArn", "Rules", "Tags")
            if name in given
        }
        return documents.create(context, RULESET, members)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateRuleset."""
    _check(given["Rules"])
    members: dict[str, Any] = {"Rules": given["Rules"]}
    if "Description" in given:
        members["Description"] = given["Description"]
    return documents.update(context, RULESET, given["Name"], **members)


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeRuleset."""
    return documents.get(context, RULESET, given["Name"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListRulesets, of one data set if it is named."""
    target = given.get("TargetArn")
    found = [
        {**one, "RuleCount": len(one["Rules"])}
        for one in documents.every(context, RULESET)
        if target is None or one["TargetArn"] == target
    ]
    return page("Rulesets", found, given)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteRuleset: not of one that a job validates."""
    with context.part(Records).lock:
        known = documents.get(context, RULESET, given["Name"])
        for job in documents.every(context, JOB):
            used = [
                one["RulesetArn"] for one in job.get("ValidationConfigurations", [])
            ]
            if known["ResourceArn"] in used:
                raise conflict(
                    f"The ruleset {given['Name']} is used by the job {job['Name']}."
                )
        return documents.drop(context, RULESET, given["Name"])


OPERATIONS = {
    "CreateRuleset": create,
    "UpdateRuleset": update,
    "DescribeRuleset": describe,
    "ListRulesets": listed,
    "DeleteRuleset": delete,
}
