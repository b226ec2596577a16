"""Crawlers: what they are told, what they did."""

import json
from typing import Any

from localaws import trust
from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.glue import classifiers
from localaws.services.glue.crawling import CRAWLS, TABLE, Crawling
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

PRINCIPAL = "glue.amazonaws.com"
_POLICY = {
    "UpdateBehavior": "UPDATE_IN_DATABASE",
    "DeleteBehavior": "DEPRECATE_IN_DATABASE",
}
# What the Configuration may hold, by path.
_CONFIGURED = {
    "Version": (1, 1.0, "1.0"),
    "Grouping.TableGroupingPolicy": ("CombineCompatibleSchemas",),
    "CrawlerOutput.Partitions.AddOrUpdateBehavior": ("InheritFromTable",),
}
_SETTINGS = (
    "Targets",
    "Classifiers",
    "TablePrefix",
    "SchemaChangePolicy",
    "RecrawlPolicy",
    "Configuration",
    "DatabaseName",
    "Description",
)


def find(context: Context, name: str) -> Members:
    """Return a crawler.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(TABLE, name)
    if found is None:
        raise AwsError(
            "EntityNotFoundException", f"Crawler entry with name {name} does not exist"
        )
    return found


def _settings(context: Context, given: Members) -> Members:
    """Return the settings of an input, checked."""
    found = {name: given[name] for name in _SETTINGS if name in given}
    targets = found.get("Targets", {}).get("S3Targets", [])
    if "Targets" in found and not targets:
        raise AwsError("InvalidInputException", "At least one target must be given.")
    for target in targets:
        if not target.get("Path", "").startswith("s3://"):
            raise AwsError(
                "InvalidInputException", f"{target.get('Path')} is not an S3 path."
            )
    for name in found.get("Classifiers", []):
        classifiers.find(context, name)
    if "SchemaChangePolicy" in found:
        found["SchemaChangePolicy"] = _POLICY | found["SchemaChangePolicy"]
    _check_recrawl(found)
    _check_configuration(found.get("Configuration") or "{}")
    if "Role" in given:
        found["Role"] = _role(context, given["Role"])
    return found


def _check_recrawl(found: Members) -> None:
    behavior = found.get("RecrawlPolicy", {}).get("RecrawlBehavior")
    policy = found.get("SchemaChangePolicy", _POLICY)
    if behavior == "CRAWL_NEW_FOLDERS_ONLY" and set(policy.values()) != {"LOG"}:
        raise AwsError(
            "InvalidInputException",
            "The SchemaChangePolicy for "
            "CRAWL_NEW_FOLDERS_ONLY must have UpdateBehavior and DeleteBehavior LOG.",
        )


def _check_configuration(text: str) -> None:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise AwsError(
            "InvalidInputException", f"Configuration is not JSON: {error}"
        ) from error
    for path, value in _leaves(given, ""):
        if value not in _CONFIGURED.get(path, ()):
            raise NotImplementedHere(
                f"glue:CreateCrawler Configuration {path}={value!r}",
                "changes how the crawler groups or updates tables",
            )


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(path, value)]
    return [
        leaf
        for name, item in value.items()
        for leaf in _leaves(item, f"{path}.{name}" if path else name)
    ]


def _role(context: Context, role: str) -> str:
    arn = role
    if not role.startswith("arn:"):
        arn = f"arn:aws:iam::123456789012:role/{role.removeprefix('/')}"
    if not trust.trusts(context.aws, arn, PRINCIPAL):
        raise AwsError(
            "InvalidInputException",
            "Service is unable to assume provided role. Please verify role's "
            "TrustPolicy",
        )
    return arn


def create(context: Context, given: Members) -> Members:
    """Answer CreateCrawler."""
    name, records = given["Name"], context.part(Records)
    settings = _settings(context, given)
    with records.lock:
        if records.get(TABLE, name):
            raise AwsError(
                "AlreadyExistsException",
                f"Crawler entry with name {name} already exists",
            )
        now = context.clock.now()
        records.put(
            TABLE,
            name,
            {
                "SchemaChangePolicy": _POLICY,
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
                "Classifiers": [],
                **settings,
                "Name": name,
                "State": "READY",
                "CrawlElapsedTime": 0,
                "CreationTime": now,
                "LastUpdated": now,
                "Version": 1,
            },
        )
    return {}


def update(context: Context, given: Members) -> Members:
    """Answer UpdateCrawler."""
    settings = _settings(context, given)
    records = context.part(Records)
    with records.lock:
        crawler = find(context, given["Name"])
        _check_ready(crawler)
        now, version = context.clock.now(), crawler["Version"] + 1
        changed = crawler | settings | {"LastUpdated": now, "Version": version}
        records.put(TABLE, given["Name"], changed)
    return {}


def _check_ready(crawler: Members) -> None:
    if crawler["State"] != "READY":
        raise AwsError(
            "CrawlerRunningException",
            f"Crawler with name {crawler['Name']} has already started",
        )


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteCrawler."""
    records = context.part(Records)
    with records.lock:
        _check_ready(find(context, given["Name"]))
        records.drop(TABLE, given["Name"])
    return {}


def get(context: Context, given: Members) -> Members:
    """Answer GetCrawler."""
    return {"Crawler": find(context, given["Name"])}


def listed(context: Context, given: Members) -> Members:
    """Answer GetCrawlers."""
    return page("Crawlers", [*context.part(Records).all(TABLE).values()], given, 100)


def names(context: Context, given: Members) -> Members:
    """Answer ListCrawlers."""
    return page("CrawlerNames", sorted(context.part(Records).all(TABLE)), given, 100)


def batch(context: Context, given: Members) -> Members:
    """Answer BatchGetCrawlers."""
    every, asked = context.part(Records).all(TABLE), given["CrawlerNames"]
    return {
        "Crawlers": [every[name] for name in asked if name in every],
        "CrawlersNotFound": [name for name in asked if name not in every],
    }


def start(context: Context, given: Members) -> Members:
    """Answer StartCrawler."""
    records = context.part(Records)
    with records.lock:
        crawler = find(context, given["Name"])
        _check_ready(crawler)
        if not crawler.get("DatabaseName"):
            raise AwsError("InvalidInputException", "The crawler has no database.")
        context.part(Crawling).start(given["Name"])
    return {}


def stop(context: Context, given: Members) -> Members:
    """Answer StopCrawler."""
    crawler = find(context, given["Name"])
    if crawler["State"] == "STOPPING":
        raise AwsError(
            "CrawlerStoppingException", f"Crawler {given['Name']} is stopping"
        )
    if crawler["State"] != "RUNNING":
        raise AwsError(
            "CrawlerNotRunningException", f"Crawler {given['Name']} is not running"
        )
    context.part(Crawling).stop(given["Name"])
    return {}


def metrics(context: Context, given: Members) -> Members:
    """Answer GetCrawlerMetrics."""
    every = context.part(Records).all(TABLE)
    crawls = context.part(Records).all(CRAWLS).values()
    found = []
    for name in given.get("CrawlerNameList") or sorted(every):
        crawler = find(context, name)
        own = [one for one in crawls if one["Name"] == name and "EndTime" in one]
        lengths = sorted(
            (one["EndTime"] - one["StartTime"]).total_seconds() for one in own
        )
        counts = own[-1]["counts"] if own else {}
        found.append(
            {
                "CrawlerName": name,
                "TimeLeftSeconds": 0.0,
                "StillEstimating": crawler["State"] == "RUNNING",
                "LastRuntimeSeconds": _last(own) if own else 0.0,
                "MedianRuntimeSeconds": lengths[len(lengths) // 2] if own else 0.0,
                "TablesCreated": counts.get("created", 0),
                "TablesUpdated": counts.get("updated", 0),
                "TablesDeleted": counts.get("deleted", 0),
            }
        )
    return page("CrawlerMetricsList", found, given, 100)


def _last(own: list[Members]) -> float:
    seconds: float = (own[-1]["EndTime"] - own[-1]["StartTime"]).total_seconds()
    return seconds


def crawls(context: Context, given: Members) -> Members:
    """Answer ListCrawls, newest first."""
    find(context, given["CrawlerName"])
    every = context.part(Records).all(CRAWLS).values()
    found = [one for one in every if one["Name"] == given["CrawlerName"]]
    return page("Crawls", found[::-1], given, 20)


OPERATIONS = {
    "CreateCrawler": create,
    "UpdateCrawler": update,
    "DeleteCrawler": delete,
    "GetCrawler": get,
    "GetCrawlers": listed,
    "ListCrawlers": names,
    "BatchGetCrawlers": batch,
    "StartCrawler": start,
    "StopCrawler": stop,
    "GetCrawlerMetrics": metrics,
    "ListCrawls": crawls,
}
