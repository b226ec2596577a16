"""Rulesets: made, changed, listed."""

from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.quality.errors import Refused, RulesetError
from localaws.quality.grammar import parse
from localaws.quality.ruleset import Ruleset
from localaws.services.context import Context
from localaws.services.glue_quality.documents import (
    PAGE,
    RULESET,
    absent,
    invalid,
    once,
    remember,
    within,
)
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

_CREATE = "CreateDataQualityRuleset"


def find(context: Context, name: str) -> Members:
    """Return a ruleset.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(RULESET, name)
    if found is None:
        raise absent("Data quality ruleset", name)
    return found


def parsed(text: str) -> Ruleset:
    """Read a ruleset's DQDL.

    Raises:
        AwsError: It is not DQDL.
        NotImplementedHere: It holds a rule that does not act here.
    """
    try:
        return parse(text)
    except RulesetError as error:
        raise invalid(str(error)) from error
    except Refused as error:
        raise NotImplementedHere(f"glue: {error.what}", error.does) from error


def create(context: Context, given: Members) -> Members:
    """Answer CreateDataQualityRuleset: the DQDL is checked at once."""
    name, records = given["Name"], context.part(Records)
    found = parsed(given["Ruleset"])
    with records.lock:
        if once(context, _CREATE, given) == name:
            return {"Name": name}
        keep(context, name, given, len(found.rules))
        remember(context, _CREATE, given, name)
    return {"Name": name}


def keep(context: Context, name: str, given: Members, rules: int) -> None:
    """Keep a new ruleset.

    Args:
        context: Where.
        name: Its name.
        given: Its other members.
        rules: How many rules it has.

    Raises:
        AwsError: The name is taken.
    """
    records = context.part(Records)
    with records.lock:
        if records.get(RULESET, name) is not None:
            raise AwsError(
                "AlreadyExistsException",
                f"Another ruleset with the same name already exists: {name}",
            )
        now = context.clock.now()
        kept = ("Description", "Ruleset", "TargetTable", "RecommendationRunId", "Tags")
        members = {one: given[one] for one in kept if one in given}
        dates = {"CreatedOn": now, "LastModifiedOn": now}
        made = {"Name": name, **members, **dates, "RuleCount": rules}
        records.put(RULESET, name, made)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateDataQualityRuleset: what is not given stays."""
    name, records = given["Name"], context.part(Records)
    changed = {one: given[one] for one in ("Description", "Ruleset") if one in given}
    count = len(parsed(given["Ruleset"]).rules) if "Ruleset" in given else None
    with records.lock:
        known = find(context, name)
        changed["LastModifiedOn"] = context.clock.now()
        changed["RuleCount"] = known["RuleCount"] if count is None else count
        return records.change(RULESET, name, **changed)


def get(context: Context, given: Members) -> Members:
    """Answer GetDataQualityRuleset."""
    return find(context, given["Name"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListDataQualityRulesets."""
    asked, tags = given.get("Filter", {}), given.get("Tags", {})
    every = context.part(Records).all(RULESET)
    found = [
        one
        for _, one in sorted(every.items())
        if _fits(one, asked) and tags.items() <= one.get("Tags", {}).items()
    ]
    return page("Rulesets", found, given, PAGE)


def _fits(ruleset: Members, asked: Members) -> bool:
    same = ("Name", "Description")
    if any(one in asked and ruleset.get(one) != asked[one] for one in same):
        return False
    target = asked.get("TargetTable", {})
    if not target.items() <= ruleset.get("TargetTable", {}).items():
        return False
    return within(
        asked, ruleset, "CreatedBefore", "CreatedAfter", "CreatedOn"
    ) and within(
        asked, ruleset, "LastModifiedBefore", "LastModifiedAfter", "LastModifiedOn"
    )


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteDataQualityRuleset."""
    records = context.part(Records)
    with records.lock:
        find(context, given["Name"])
        records.drop(RULESET, given["Name"])
    return {}


OPERATIONS: dict[str, Any] = {
    _CREATE: create,
    "UpdateDataQualityRuleset": update,
    "GetDataQualityRuleset": get,
    "ListDataQualityRulesets": listed,
    "DeleteDataQualityRuleset": delete,
}
