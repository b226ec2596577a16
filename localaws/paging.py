"""Lists in pages: where a page ends is a place in the order, not a number.

So a caller who deletes what a page showed before asking for the next misses nothing,
and what comes in between is not shown twice.
"""

import base64
import datetime as dt
import json
import re
from typing import Any

from localaws.errors import ValidationError

Place = list[Any]


def place(value: Any, name: str) -> Place:
    """Return where an item stands in an order.

    Args:
        value: What the order is by: a string, a time, or nothing.
        name: Decides between equal values, its numbers by their size.
    """
    parts: Place = re.split(r"(\d+)", name)
    parts[1::2] = map(int, parts[1::2])
    moment = value.timestamp() if isinstance(value, dt.datetime) else value
    return [moment, parts, name]


def cut(
    items: list[tuple[Place, Any]], request: dict[str, Any], *, descending: bool
) -> tuple[list[Any], str | None]:
    """Sort items and return one page of them, and the token of the next.

    Args:
        items: Each with its place.
        request: Holds `MaxResults` (10 by default) and `NextToken`.
        descending: Whether the last place comes first.

    Raises:
        ValidationError: The token was not given out by this list.
    """
    items = sorted(items, key=lambda item: item[0], reverse=descending)
    if "NextToken" in request:
        try:
            last = json.loads(base64.urlsafe_b64decode(request["NextToken"]))
            items = [one for one in items if (one[0] > last) != descending]
            items = [one for one in items if one[0] != last]
        except (ValueError, TypeError) as error:
            raise ValidationError("NextToken is not one that was given out.") from error
    shown = items[: int(request.get("MaxResults", 10))]
    token = None
    if len(shown) < len(items):
        token = base64.urlsafe_b64encode(json.dumps(shown[-1][0]).encode()).decode()
    return [item for _, item in shown], token
