"""What the requests of Amazon DynamoDB cost: request units, or provisioned capacity.

A read unit is 4 KB, half of that cost if it is eventually consistent; a write unit is
1 KB of the larger of the item before and after. Transactions cost twice as much.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from werkzeug.exceptions import HTTPException

from localaws.loopback import ENGINE_KEY
from localaws.services import rentals
from localaws.services.context import Context
from localaws.wire import Request, Response, parse_json

_ACCOUNT = "123456789012"
_READ, _WRITE = 4096, 1024
# With one of these an answer does not show all that was read.
_PARTIAL = (
    *("FilterExpression", "QueryFilter", "ScanFilter"),
    *("ProjectionExpression", "AttributesToGet", "Select"),
)
Members = dict[str, Any]
Handler = Callable[[Context, Request], Response]


def _backend(context: Context) -> DynamoDBBackend:
    return dynamodb_backends[_ACCOUNT][context.aws.region]


def _size(item: Members) -> int:
    """Return the bytes of an item, as the wire has it."""
    return sum(
        len(name.encode()) + DynamoType(value).size() for name, value in item.items()
    )


def _held(context: Context, table: str, item: Members) -> int:
    """Return the bytes of the item with the key of this one; 0 if there is none."""
    backend = _backend(context)
    try:
        known = backend.get_table(table)
        names = [known.hash_key_attr, known.range_key_attr]
        key = {name: item[name] for name in names if name}
        found = backend.get_item(table, key)
    except (HTTPException, KeyError, TypeError, AttributeError):
        # what is wrong with the request is said by moto
        return 0
    return found.size() if isinstance(found, Item) else 0


def _units(size: int, unit: int) -> int:
    return max(1, math.ceil(size / unit))


def _charge(context: Context, kind: str, table: str, units: float) -> None:
    known = _backend(context).get_table(table)
    if known.billing_mode == "PAY_PER_REQUEST" and units:
        name = table.rpartition("/")[2]
        context.meter.add(f"dynamodb-{kind}", units, resource=name)


def _answered(
    count: Callable[[Context, Members, Members], None],
    before: Callable[[Context, Members], list[tuple[str, Members]]] | None = None,
) -> Handler:
    """Let moto answer, and count what was used if it did."""

    def answer(context: Context, request: Request) -> Response:
        if request.scope is None or request.scope[0] == ENGINE_KEY:
            return context.moto(request)
        given = parse_json(request.body)
        named = before(context, given) if before else []
        held = [_held(context, table, item) for table, item in named]
        response = context.moto(request)
        if response.status == 200:
            count(context, {**given, "held": held}, parse_json(response.body))
        return response

    return answer


def _written(context: Context, given: Members, factor: int) -> None:
    """Count writes, each by the larger of what was there before and after."""
    for (table, item), before in zip(_targets(given), given["held"], strict=True):
        after = _held(context, table, item)
        units = _units(max(before, after), _WRITE) * factor
        _charge(context, "writes", table, units)


def _targets(given: Members) -> list[tuple[str, Members]]:
    """Return the table, and the item or its key, of each write of a request."""
    if "TransactItems" in given:
        rows = [row for item in given["TransactItems"] for row in item.values()]
        return [(row["TableName"], row.get("Item") or row["Key"]) for row in rows]
    if "RequestItems" in given:
        return [
            (table, row["Item"] if kind == "PutRequest" else row["Key"])
            for table, rows in given["RequestItems"].items()
            for each in rows
            for kind, row in each.items()
        ]
    return [(given["TableName"], given.get("Item") or given.get("Key", {}))]


def _read(context: Context, table: str, sizes: Iterable[int], factor: float) -> None:
    units = sum(_units(size, _READ) for size in sizes) * factor
    _charge(context, "reads", table, units)


def _got(context: Context, given: Members, answer: Members) -> None:
    factor = 1 if given.get("ConsistentRead") else 0.5
    size = _held(context, given["TableName"], given["Key"])
    _read(context, given["TableName"], [size], factor)


def _got_many(context: Context, given: Members, answer: Members) -> None:
    for table, asked in given["RequestItems"].items():
        factor = 1 if asked.get("ConsistentRead") else 0.5
        sizes = [_held(context, table, key) for key in asked["Keys"]]
        _read(context, table, sizes, factor)


def _got_together(context: Context, given: Members, answer: Members) -> None:
    for row in given["TransactItems"]:
        table = row["Get"]["TableName"]
        _read(context, table, [_held(context, table, row["Get"]["Key"])], 2)


def _searched(context: Context, given: Members, answer: Members) -> None:
    table, count = given["TableName"], answer.get("ScannedCount", 0)
    if any(name in given for name in _PARTIAL):
        items = list(_backend(context).get_table(table).all_items())
        mean = sum(item.size() for item in items) / max(1, len(items))
        size = round(mean * count)
    else:
        size = sum(map(_size, answer.get("Items", [])))
    factor = 1 if given.get("ConsistentRead") else 0.5
    _read(context, table, [size], factor)


def _provisioned(context: Context, given: Members, answer: Members) -> None:
    name = given["TableName"].rpartition("/")[2]
    known = _backend(context).tables.get(name)
    if known is None or known.billing_mode == "PAY_PER_REQUEST":
        rentals.end(context, f"table/{name}")
        return
    capacity = known.throughput
    costs = {
        "dynamodb-read-capacity": (None, float(capacity["ReadCapacityUnits"])),
        "dynamodb-write-capacity": (None, float(capacity["WriteCapacityUnits"])),
    }
    rentals.rent(context, f"table/{name}", costs)


def _wrote(context: Context, given: Members, answer: Members) -> None:
    _written(context, given, 1)


def _wrote_together(context: Context, given: Members, answer: Members) -> None:
    _written(context, given, 2)


def _before(context: Context, given: Members) -> list[tuple[str, Members]]:
    try:
        return _targets(given)
    except (KeyError, AttributeError, TypeError):
        # what is wrong with the request is said by moto
        return []


HANDLERS: dict[tuple[str, str], Handler] = {
    ("dynamodb", name): _answered(count, before)
    for name, count, before in (
        ("CreateTable", _provisioned, None),
        ("UpdateTable", _provisioned, None),
        ("DeleteTable", _provisioned, None),
        ("PutItem", _wrote, _before),
        ("UpdateItem", _wrote, _before),
        ("DeleteItem", _wrote, _before),
        ("BatchWriteItem", _wrote, _before),
        ("TransactWriteItems", _wrote_together, _before),
        ("GetItem", _got, None),
        ("BatchGetItem", _got_many, None),
        ("TransactGetItems", _got_together, None),
        ("Query", _searched, None),
        ("Scan", _searched, None),
    )
}
