"""Amazon DynamoDB: items that expire on the endpoint's clock."""

import datetime as dt
from typing import Any

from localaws.services.context import Context
from localaws.wire import Request, parse_json

_RECORD = "dynamodb-ttl"
_HOUR = dt.timedelta(hours=1)
_OLDEST = dt.timedelta(days=5 * 365)


class Expiries:
    """Which attribute of each table says when an item expires.

    Args:
        context: Where journal and clock are.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.found: dict[str, str] = {}
        self.due = _next(context.clock.now())

    def set(self, table: str, attribute: str | None) -> None:
        """Let a table's items expire by an attribute, or by none."""
        payload = {"table": table, "attribute": attribute}
        self._context.journal.record(_RECORD, payload)
        self.restore(payload)

    def restore(self, payload: dict[str, Any]) -> None:
        """Take a table's attribute as it was written down."""
        if payload["attribute"]:
            self.found[payload["table"]] = payload["attribute"]
        else:
            self.found.pop(payload["table"], None)


def _next(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + _HOUR


def _updated(context: Context, request: Request) -> None:
    given = parse_json(request.body)
    asked = given["TimeToLiveSpecification"]
    table = given["TableName"].rpartition("/")[2]
    attribute = asked["AttributeName"] if asked["Enabled"] else None
    context.part(Expiries).set(table, attribute)


def tick(context: Context) -> dt.datetime | None:
    """Delete what has expired, each hour; return when the next hour is."""
    expiries, now = context.part(Expiries), context.clock.now()
    if now >= expiries.due:
        expiries.due = _next(now)
        client = context.aws.client("dynamodb")
        for table, attribute in list(expiries.found.items()):
            try:
                _expire(client, table, attribute, now)
            except client.exceptions.ResourceNotFoundException:
                expiries.set(table, None)
    return expiries.due if expiries.found else None


def _expire(client: Any, table: str, attribute: str, now: dt.datetime) -> None:
    schema = client.describe_table(TableName=table)["Table"]["KeySchema"]
    names = [key["AttributeName"] for key in schema]
    pages = client.get_paginator("scan").paginate(TableName=table)
    # moto cannot compare values of two types, as a filter would
    expired = [
        item
        for page in pages
        for item in page["Items"]
        if _past(item.get(attribute, {}), now)
    ]
    for item in expired:
        try:
            client.delete_item(
                TableName=table,
                Key={name: item[name] for name in names},
                ConditionExpression="#at = :then",
                ExpressionAttributeNames={"#at": attribute},
                ExpressionAttributeValues={":then": item[attribute]},
            )
        except client.exceptions.ConditionalCheckFailedException:
            continue


def _past(value: dict[str, Any], now: dt.datetime) -> bool:
    """Whether a value is a time that has come, and not five years ago."""
    if "N" not in value:
        return False
    moment = float(value["N"])
    return (now - _OLDEST).timestamp() < moment <= now.timestamp()


FOLLOWERS = {("dynamodb", "UpdateTimeToLive"): _updated}
RESTORERS = {
    _RECORD: lambda context, payload, body: context.part(Expiries).restore(payload)
}
