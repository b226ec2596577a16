"""Amazon DynamoDB: items that expire."""

import datetime as dt
from typing import Any

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import Aws
from tests.localaws.services.test_dynamodb import table

START = int(dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC).timestamp())
YEARS = 6 * 365 * 86400


def ids(dynamodb: Any) -> list[str]:
    items = dynamodb.scan(TableName="orders")["Items"]
    return sorted(item["id"]["S"] for item in items)


def expire(dynamodb: Any, *, enabled: bool = True) -> None:
    dynamodb.update_time_to_live(
        TableName="orders",
        TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "ttl"},
    )


def later(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def test_items_go_once_their_time_has_come(endpoint: Connection, aws: Aws) -> None:
    dynamodb = table(aws)
    times: dict[str, dict[str, str]] = {
        "soon": {"N": str(START + 1800)},
        "later": {"N": str(START + 86400)},
        "text": {"S": str(START)},
        "ancient": {"N": str(START - YEARS)},
    }
    for name, moment in times.items():
        item = {"id": {"S": name}, "ttl": moment}
        dynamodb.put_item(TableName="orders", Item=item)
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "never"}})
    expire(dynamodb)
    later(endpoint, 3000)
    assert len(ids(dynamodb)) == 5
    later(endpoint, 700)
    assert ids(dynamodb) == ["ancient", "later", "never", "text"]
    later(endpoint, 86400)
    assert ids(dynamodb) == ["ancient", "never", "text"]


def test_nothing_goes_while_it_is_off(endpoint: Connection, aws: Aws) -> None:
    dynamodb = table(aws)
    item = {"id": {"S": "a"}, "ttl": {"N": str(START)}}
    dynamodb.put_item(TableName="orders", Item=item)
    expire(dynamodb)
    expire(dynamodb, enabled=False)
    later(endpoint, 7200)
    assert ids(dynamodb) == ["a"]


def test_a_table_that_is_gone_stops_nothing(endpoint: Connection, aws: Aws) -> None:
    dynamodb = table(aws)
    expire(dynamodb)
    dynamodb.delete_table(TableName="orders")
    later(endpoint, 7200)
    assert dynamodb.list_tables()["TableNames"] == []
