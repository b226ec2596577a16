"""Two days of a few terminals as they reach the desk: late, twice, and two broken."""

import json
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from statistics import fmean
from typing import Any

from helpers.payments.naming import dice
from helpers.payments.tables import DAYS, draw

TERMINALS, BUSY, MOST = 5, 40, 18
LATE, TWICE, BROKEN = 0.1, 0.15, 2
DESK = {"terminal_id": "T0000", "kind": "desk", "concourse": "A"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Replay:
    """What is sent, in the order in which it arrives.

    Attributes:
        texts: The data of each record.
        broken: Which of them are no payment, by their place.
        terminals: kind and concourse of each terminal, by its id.
    """

    texts: list[str]
    broken: list[int]
    terminals: dict[str, Row]


@lru_cache(maxsize=4)
def replay(seed: int) -> Replay:
    """Draw a replay."""
    draw_from = dice(seed, "replay")
    texts = [json.dumps(row) for row in _arrivals(_paid(seed, draw_from), draw_from)]
    third = len(texts) // 3
    broken = [draw_from.randint(3, third), draw_from.randint(2 * third, len(texts) - 5)]
    kinds = draw_from.sample([_cut, _void, _lost], BROKEN)
    for place, kind in zip(broken, kinds, strict=True):
        texts.insert(place, kind(draw_from, json.loads(texts[place])))
    known = draw(seed).terminals.to_dict("records")
    return Replay(texts, broken, {row["terminal_id"]: row for row in [*known, DESK]})


def closing(seed: int, number: int) -> str:
    """Give the payment by which the desk ends a replay, at a terminal of its own."""
    row = {"payment_id": _id(dice(seed, f"closing {number}"))}
    row |= {"terminal_id": DESK["terminal_id"], "cents": number}
    row |= {"paid_at": f"2026-02-0{number}T00:00:00Z", "method": "chip"}
    return json.dumps(row)


def enriched(payments: list[Row], terminals: dict[str, Row]) -> dict[str, Row]:
    """Give what the table holds after payments have arrived in this order, by id.

    `earlier` counts what had arrived and was paid before, `mean_cents` is its mean.
    """
    found: dict[str, Row] = {}
    for payment in payments:
        if payment["payment_id"] in found:
            continue
        place, paid = payment["terminal_id"], payment["paid_at"]
        cents = [
            row["cents"]
            for row in found.values()
            if row["terminal_id"] == place and row["paid_at"] < paid
        ]
        row = {name: payment[name] for name in ("payment_id", "paid_at", "cents")}
        row |= terminals[place] | {"earlier": len(cents)}
        found[payment["payment_id"]] = row | {
            "mean_cents": fmean(cents) if cents else None
        }
    return found


def _paid(seed: int, draw_from: Random) -> list[Row]:
    """Give payments by time; the ids say nothing of it, and some share a second."""
    from pandas import Timedelta

    payments = draw(seed).payments
    first = payments["paid_at"].iloc[0].normalize()
    first += Timedelta(days=draw_from.randrange(DAYS - 2))
    during = payments["paid_at"].between(first, first + Timedelta(days=2))
    busy = payments["terminal_id"].value_counts().index[:BUSY]
    chosen = draw_from.sample(sorted(busy), TERMINALS)
    rows = payments[during & payments["terminal_id"].isin(chosen)]
    rows = rows.groupby("terminal_id").head(MOST)
    paid = [
        {
            "payment_id": _id(draw_from),
            "terminal_id": row.terminal_id,
            "paid_at": f"{row.paid_at:%Y-%m-%dT%H:%M:%SZ}",
            "cents": round(row.amount * 100),
            "method": row.method,
        }
        for row in rows.itertuples()
    ]
    places = [row["terminal_id"] for row in paid]
    for terminal in draw_from.sample(sorted(set(places)), 3):
        first_of, second = [n for n, each in enumerate(places) if each == terminal][:2]
        paid[second]["paid_at"] = paid[first_of]["paid_at"]
    return sorted(paid, key=lambda row: row["paid_at"])


def _arrivals(paid: list[Row], draw_from: Random) -> list[Row]:
    ranked = []
    for place, row in enumerate(paid):
        late = draw_from.random() < LATE
        at = place + (draw_from.randint(15, 60) + 0.5 if late else 0)
        ranked.append((at, len(ranked), row))
        if draw_from.random() < TWICE:
            again = at + draw_from.choice([0.1, draw_from.randint(1, 80) + 0.7])
            ranked.append((again, len(ranked), row))
    return [row for _, _, row in sorted(ranked, key=lambda each: each[:2])]


def _id(draw_from: Random) -> str:
    return f"P{draw_from.randrange(16**8):08x}"


def _cut(draw_from: Random, row: Row) -> str:
    text = json.dumps(row | {"payment_id": _id(draw_from)})
    return text[: draw_from.randint(20, len(text) - 2)]


def _void(draw_from: Random, row: Row) -> str:
    return json.dumps(row | {"payment_id": _id(draw_from), "cents": "void"})


def _lost(draw_from: Random, row: Row) -> str:
    return json.dumps(row | {"payment_id": _id(draw_from), "terminal_id": "T9999"})
