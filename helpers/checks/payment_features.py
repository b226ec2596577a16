"""Lab 1.2, task 5: payments joined to what was known when they were made."""

from collections.abc import Callable
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments import land
from helpers.payments.frauds import DAY, DELAY, frauds, known
from helpers.payments.naming import named

COLUMNS = ["payment_id", "counted_at", "charges", "frauds"]
ASKED = ["payment_id", "fraud", *COLUMNS[1:]]
# So many rows are no join of payments, and too many for the evidence.
MANY = 20_000


def drawn(seed: int) -> JSON:
    """Draw a bucket, and names for the feature group, the database and the table."""
    return {
        "seed": seed,
        "bucket": named(seed, "as-of"),
        "group": named(seed, "terminal-counts"),
        "database": named(seed, "desk").replace("-", "_"),
        "table": "payments",
        "days": DELAY,
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    given = land("join_as_of", inputs, aws)
    frame = answer(
        given["database"],
        given["table"],
        given["features"],
        given["bucket"],
        given["days"],
    )
    columns = [str(name) for name in getattr(frame, "columns", [])]
    if missing := [name for name in ASKED if name not in columns]:
        return {"columns": columns, "missing": missing, "type": type(frame).__name__}
    if len(frame) > MANY:
        return {"length": len(frame)}
    rows = frame[COLUMNS].itertuples(index=False, name=None)
    return {"rows": [[_number(value) for value in row] for row in rows]}


def _number(value: object) -> int | None:
    """Give a whole number of any type; None for what is missing or none."""
    try:
        return round(float(value))
    except (TypeError, ValueError, OverflowError):
        return None


def _verdict(inputs: JSON, evidence: JSON) -> str:
    if "missing" in evidence:
        found = f"{evidence['type']} without {', '.join(evidence['missing'])}"
        raise CheckFailed(
            f"a pandas frame with the columns {', '.join(ASKED)}",
            found if evidence["columns"] else evidence["type"],
            "your return statement, and the columns that the query selects",
        )
    drawn = frauds(inputs["seed"])
    joined = known(drawn.payments, drawn.counts, inputs["days"])
    asked = {row.payment_id: row for row in joined.itertuples()}
    length = evidence.get("length") or len(evidence["rows"])
    if length > MANY:
        raise _too_many(asked, length)
    found = [row[0] for row in evidence["rows"]]
    if lost := asked.keys() - set(found):
        raise CheckFailed(
            f"{len(asked):,} payments",
            f"{len(lost):,} are not there",
            "payments of whose terminal nothing was known yet: they belong in the "
            "frame, with nothing beside them",
        )
    if len(found) != len(asked):
        raise _too_many(asked, length)
    _no_leak(evidence["rows"], asked, inputs["days"] * DAY)
    counted = drawn.counts.groupby("terminal_id")["counted_at"].apply(set)
    for row in evidence["rows"]:
        _last(row, asked[row[0]], counted[asked[row[0]].terminal_id])
    empty = sum(row[1] is None for row in evidence["rows"])
    return (
        f"{len(asked):,} payments, none with a feature newer than {inputs['days']} "
        f"days before it; for {empty} nothing was known yet."
    )


def _too_many(asked: JSON, found: int) -> CheckFailed:
    return CheckFailed(
        f"{len(asked):,} rows, one a payment",
        f"{found:,} rows",
        "rows of the offline store that were written twice, and which one is kept",
    )


def _no_leak(rows: list[list[Any]], asked: dict[int, Any], delay: int) -> None:
    newer = {0: [], delay: []}
    for name, at, *_ in rows:
        for back in newer:
            if at is not None and at > asked[name].paid_at - back:
                newer[back].append(name)
    if newer[0]:
        raise CheckFailed(
            "no feature that was counted after its payment",
            f"{len(newer[0]):,} payments with one that is newer than they are",
            "the condition on counted_at in the join: the newest row of a terminal was "
            "counted after most of its payments",
        )
    if newer[delay]:
        raise CheckFailed(
            f"no feature newer than its payment less the label delay of {delay} s",
            f"{len(newer[delay]):,} payments with one that is newer",
            "what was counted is known when the delay is over, not before",
        )


def _last(row: list[Any], asked: Any, counted: set[int]) -> None:
    name, at, *values = row
    missing = asked.counted_at != asked.counted_at
    if missing and at is None:
        return
    if missing:
        raise CheckFailed(
            f"no counted_at for payment {name}: nothing was known yet",
            f"counted_at {at}",
            "where nothing was known the three columns are gaps, and no 0",
        )
    if at == asked.counted_at:
        if values == [asked.charges, asked.frauds]:
            return
        raise CheckFailed(
            f"charges and frauds of payment {name}: {asked.charges:.0f}, "
            f"{asked.frauds:.0f}",
            str(values),
            "the other columns of the row that is joined",
        )
    look = "the order in which rows are numbered before the first is kept"
    if at is None:
        look = "the condition on the time: counted_at plus the delay, and no other time"
    elif at not in counted:
        look = "the join: that row is of another terminal"
    if asked.counted_at == asked.moment:
        look = "the comparison: a row of exactly that moment is known"
    raise CheckFailed(
        f"the last row known at payment {name}, counted_at {asked.counted_at:.0f}",
        f"counted_at {at}",
        look,
    )


join_as_of = Check(drawn, _probe, _verdict)
