"""The order lines of a food court at noon: one stall takes most of them.

Each line has a number of its own. A few are sent twice, as their terminals were not
sure; some come late, as their terminals had no network.
"""

from datetime import datetime, timedelta
from typing import Any

from helpers.payments.naming import dice

Line = dict[str, Any]

STALLS = ["bagels", "burgers", "curry", "dumplings", "noodles", "pizza", "tacos"]
ITEMS = {"small": 690, "classic": 1090, "large": 1390, "drink": 350, "dessert": 520}
NOON = datetime(2026, 1, 4, 11, 30)
HOURS = 2
WINDOW = timedelta(minutes=15)
FAVOURITE = 0.7
# Of a shard's thousand records a second, so that chance never fills it.
LOAD = 0.84
SHARD = 1000


def shards(seed: int) -> int:
    """Give how many shards the stream has."""
    return dice(seed, "shards").choice([2, 3])


def noon(seed: int) -> list[list[Line]]:
    """Give the lines in the order in which they come, by second of the replay."""
    draw = dice(seed, "orders")
    count = shards(seed)
    seconds = 4 if count == 2 else 3
    favourite = draw.choice(STALLS)
    others = [stall for stall in STALLS if stall != favourite]
    rows, number, order = [], 0, 0
    wanted = int(seconds * count * SHARD * LOAD)
    while len(rows) < wanted:
        order += 1
        stall = favourite if draw.random() < FAVOURITE else draw.choice(others)
        at = NOON + timedelta(seconds=draw.randrange(HOURS * 3600))
        late = draw.choices([draw.randrange(60), draw.randrange(3600)], [95, 5])[0]
        for _ in range(draw.choices([1, 2, 3], [5, 3, 2])[0]):
            number += 1
            item = draw.choice([*ITEMS])
            line = {
                "line": number,
                "order": f"{order:05}-{draw.randrange(16**4):04x}",
                "stall": stall,
                "item": item,
                "cents": ITEMS[item] + draw.randrange(0, 100, 10),
                "ordered_at": at.isoformat(),
            }
            rows.append((at + timedelta(seconds=late), line))
            if draw.random() < 0.03:
                again = late + draw.randrange(5, 900)
                rows.append((at + timedelta(seconds=again), line))
    lines = [line for _, line in sorted(rows, key=lambda row: row[0])]
    each = -(-len(lines) // seconds)
    return [lines[start : start + each] for start in range(0, len(lines), each)]


def windows(lines: list[Line]) -> dict[str, list[int]]:
    """Count each line once: by the start of its quarter of an hour, lines and cents."""
    found: dict[str, list[int]] = {}
    for line in {line["line"]: line for line in lines}.values():
        at = datetime.fromisoformat(line["ordered_at"])
        start = at - (at - NOON) % WINDOW
        total = found.setdefault(f"{start:%H:%M}", [0, 0])
        total[0] += 1
        total[1] += line["cents"]
    return dict(sorted(found.items()))
