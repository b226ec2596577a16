"""Lab 1.2, task 4: payments enriched in flight, replayed twice."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments import in_flight, land
from helpers.payments.naming import named
from helpers.payments.replay import Replay, closing, enriched, replay

# Five minutes are enough for eight tries of a batch; one try and a second are asked.
PATIENCE, STEP = 300, 10
# As long as nothing new comes: a batch that is split comes forward sooner.
STILL = 120
SEEN = ("cents", "paid_at", "kind", "concourse")


def drawn(seed: int) -> JSON:
    """Draw names for the function, the stream, the two tables and the queue."""
    return {
        "seed": seed,
        "function": named(seed, "enrich"),
        "stream": named(seed, "payments"),
        "table": named(seed, "enriched"),
        "terminals": named(seed, "terminals"),
        "queue": named(seed, "given-up"),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    mark = uuid4().hex[:8]
    own = {
        name: f"{inputs[name]}-{mark}"
        for name in ("function", "stream", "table", "queue")
    }
    given = land("enrich_in_flight", inputs | own, aws)
    try:
        answer(
            given["function"],
            given["stream_arn"],
            given["table"],
            given["terminals"],
            given["queue_arn"],
            given["role"],
        )
        rounds = [_round(given, 1, aws)]
        if _closed(rounds[0]["rows"], closing(given["seed"], 1)):
            rounds.append(_round(given, 2, aws))
        return {
            "rounds": rounds,
            "retries": _retries(given["stream_arn"], aws),
            "failed": in_flight.failed(given["queue_url"], aws),
            "said": _said(given["function"], aws),
        }
    finally:
        in_flight.remove(given, aws)


def _round(given: JSON, number: int, aws: Clients) -> JSON:
    """Send the records and the closing one, and wait until that is in the table."""
    from helpers.cloud import clock

    last = closing(given["seed"], number)
    sent = in_flight.send(given["stream"], [*given["records"], last], aws)
    found: list[JSON] = []
    still = 0
    for _ in range(PATIENCE // STEP):
        clock.sleep(STEP)
        before, found = len(found), in_flight.rows(given["table"], aws)
        still = still + STEP if len(found) == before else 0
        if _closed(found, last) or still >= STILL:
            break
    return {"sequences": sent, "rows": found}


def _closed(rows: list[JSON], last: str) -> bool:
    return json.loads(last)["payment_id"] in [row.get("payment_id") for row in rows]


def _retries(stream: str, aws: Clients) -> list[int]:
    found = aws("lambda").list_event_source_mappings(EventSourceArn=stream)
    return [each["MaximumRetryAttempts"] for each in found["EventSourceMappings"]]


def _said(function: str, aws: Clients) -> str:
    """Give the first error of the function's log, one that it raised before others."""
    logs, group = aws("logs"), f"/aws/lambda/{function}"
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if not groups:
        return "the function was never called"
    events = logs.filter_log_events(logGroupName=group, limit=1000)["events"]
    lines = [event["message"].strip().partition("\n")[0] for event in events]
    errors = [line for line in lines if "rror" in line]
    errors.sort(key=lambda line: not line.startswith("[ERROR]"))
    return f"its log: {errors[0][:300]}" if errors else "its log has no error"


def _verdict(inputs: JSON, evidence: JSON) -> str:
    drawn = replay(inputs["seed"])
    first, second = evidence["rounds"][0], evidence["rounds"][-1]
    asked, after = _asked(inputs["seed"], drawn, [first, second])
    _through(first, asked, _batches(evidence["failed"]), evidence["said"])
    _arrived(first["rows"], asked)
    _enriched(first["rows"], asked)
    _told(drawn, first, evidence["failed"])
    if {*evidence["retries"]} != {1}:
        raise CheckFailed(
            "one more try for a batch that fails",
            f"MaximumRetryAttempts {', '.join(map(str, evidence['retries']))}",
            "the event source mapping: -1 tries until the record expires",
        )
    closed = json.loads(closing(inputs["seed"], 2))["payment_id"]
    changed = [
        row
        for row in second["rows"]
        if row not in first["rows"] and row.get("payment_id") != closed
    ]
    twice = _twice(second["rows"])
    lost = after.keys() - {row.get("payment_id") for row in second["rows"]}
    if twice or changed or lost:
        raise CheckFailed(
            "a second replay that leaves the table as it is, but for the payment that "
            "closes it",
            f"{len(twice)} payments twice, {len(changed)} items new or changed, "
            f"{len(lost)} not there",
            "the condition of the write, and what an item's key is made of",
        )
    _told(drawn, second, evidence["failed"])
    return (
        f"{len(asked)} payments, each once and as it was known, also after a replay; "
        f"{len(drawn.broken)} broken ones told."
    )


def _asked(seed: int, drawn: Replay, rounds: list[JSON]) -> list[dict[str, JSON]]:
    """Give what the table holds after each round, by the order in the shard."""
    payments, found = [], []
    for number, each in enumerate(rounds, 1):
        texts = [*drawn.texts, closing(seed, number)]
        places = sorted(range(len(texts)), key=lambda n: int(each["sequences"][n]))
        good = [place for place in places if place not in drawn.broken]
        payments += [json.loads(texts[place]) for place in good]
        found.append(enriched(payments, drawn.terminals))
    return found


def _some(names: Iterable[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:3]) + (" …" if len(shown) > 3 else "")


def _twice(rows: list[JSON]) -> list[str]:
    counts = Counter(str(row.get("payment_id")) for row in rows)
    return [name for name, count in counts.items() if count > 1]


def _through(
    sent: JSON, asked: dict[str, JSON], batches: list[list[int]], said: str
) -> None:
    found = {str(row.get("payment_id")) for row in sent["rows"]} & asked.keys()
    if not found:
        raise CheckFailed(
            f"{len(asked)} payments in the table",
            f"none; {said}",
            "that log; the event source mapping, its StartingPosition",
        )
    end = int(sent["sequences"][-1])
    if [*asked][-1] in found or any(first <= end <= last for first, last in batches):
        return
    raise CheckFailed(
        "a replay that comes to its end",
        f"{len(found)} of {len(asked)} payments, and the shard stands still; {said}",
        "that log; without MaximumRetryAttempts a broken record holds the shard up",
    )


def _arrived(rows: list[JSON], asked: dict[str, JSON]) -> None:
    found = {str(row.get("payment_id")) for row in rows}
    if unknown := found - asked.keys():
        raise CheckFailed(
            "payments alone",
            f"{len(unknown)} items that are none: {_some(unknown)}",
            "the broken records: cents that are no number, terminals nobody knows",
        )
    if twice := _twice(rows):
        raise CheckFailed(
            "each payment once",
            f"{len(twice)} payments twice or more: {_some(twice)}",
            "an item's key: a payment that comes again has to have the same",
        )
    if lost := asked.keys() - found:
        raise CheckFailed(
            f"{len(asked)} payments",
            f"{len(lost)} are not there: {_some(lost)}",
            "payments that share a batch with a broken record, which are given up with "
            "it unless the batch is split; payments that share a second",
        )


def _enriched(rows: list[JSON], asked: dict[str, JSON]) -> None:
    times: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row["moment"]):
        found = asked[row["payment_id"]]
        wrong = [name for name in SEEN if row.get(name) != found[name]]
        if wrong or row["terminal_id"] != found["terminal_id"]:
            name = [*wrong, "terminal_id"][0]
            raise CheckFailed(
                f"{name} of {row['payment_id']}: {found[name]}",
                str(row.get(name)),
                "the record, and the terminal's item",
            )
        times.setdefault(row["terminal_id"], []).append(row["paid_at"])
    for terminal, found in times.items():
        if found != sorted(found):
            raise CheckFailed(
                "the payments of a terminal in event-time order",
                f"{terminal}: {found[:3]} ...",
                "moment, by which the table sorts: does it begin with paid_at?",
            )
    for row in rows:
        _known(row, asked[row["payment_id"]])


def _known(row: JSON, asked: JSON) -> None:
    count, mean = row.get("earlier"), row.get("mean_cents")
    if count != asked["earlier"]:
        raise CheckFailed(
            f"earlier of {asked['payment_id']}: {asked['earlier']}",
            f"{count:g}" if isinstance(count, float) else str(count),
            "payments with a smaller paid_at that had arrived: none paid after "
            "it, nor itself, nor another of its second, nor one twice",
        )
    same = mean is None if asked["mean_cents"] is None else isinstance(mean, float)
    if not same or (mean is not None and abs(mean - asked["mean_cents"]) > 1):
        raise CheckFailed(
            f"mean_cents of {asked['payment_id']}: {asked['mean_cents']}",
            str(mean),
            "the mean of the payments that `earlier` counts; no attribute if it is 0",
        )


def _told(drawn: Replay, sent: JSON, failed: list[JSON]) -> None:
    batches = _batches(failed)
    for place in drawn.broken:
        number = int(sent["sequences"][place])
        if not any(first <= number <= last for first, last in batches):
            raise CheckFailed(
                "a message in the queue for each batch that failed",
                f"{len(batches)} of {len(failed)} messages tell of a batch, and none "
                f"of record {place} of the replay",
                "an error that the function reports, MaximumRetryAttempts, and the "
                "OnFailure destination of the mapping",
            )


def _batches(failed: list[JSON]) -> list[list[int]]:
    return [[int(b["first"]), int(b["last"])] for b in failed if "first" in b]


enrich_in_flight = Check(drawn, _probe, _verdict)
