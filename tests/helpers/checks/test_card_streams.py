"""Lab 1.1, task 3: the verdict on a noon, and a replay that loses some of it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import card_streams
from helpers.payments import land, orders, streams

CHECK = checks_of("lab_1_1")["drain_the_hot_shard"]
INPUTS = card_streams.drawn(13)
SECONDS = orders.noon(13)
LINES = [line for part in SECONDS for line in part]
NUMBERS = sorted({line["line"] for line in LINES})
WINDOWS = orders.windows(LINES)
FIRST = min(WINDOWS)


@pytest.fixture
def right() -> dict[str, Any]:
    count = orders.shards(13)
    shards = [
        {"closed": False, "records": 2_500, "lines": NUMBERS[number::count]}
        for number in range(count)
    ]
    return {
        "returned": {"kinesis": WINDOWS, "kafka": WINDOWS},
        "seconds": len(SECONDS),
        "refused": 0,
        "read": len(LINES),
        "shards": shards,
        "offsets": [[9, 9]] * streams.PARTITIONS,
    }


def found(evidence: dict[str, Any]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(INPUTS, json.loads(json.dumps(evidence)))
    return failure.value


def test_the_reference_passes(right: dict[str, Any]) -> None:
    assert f"{len(NUMBERS):,} lines" in CHECK.verdict(INPUTS, right)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"refused": 7}, "7 records refused"),
        ({"read": 0}, "0 records were read"),
        ({"returned": None}, "None"),
        ({"returned": {"kinesis": WINDOWS}}, "kinesis"),
        ({"returned": {"kinesis": WINDOWS, "kafka": 3}}, "3"),
        ({"returned": {"kinesis": {}, "kafka": WINDOWS}}, "[]"),
        ({"offsets": [[9, 9], [-1001, 9], [9, 9]]}, "in 1 of 3 partitions"),
    ],
)
def test_what_is_wrong_is_said(
    right: dict[str, Any], wrong: dict[str, Any], said: str
) -> None:
    assert said in found(right | wrong).found


@pytest.mark.parametrize("source", ["kinesis", "kafka"])
def test_a_line_too_many_in_a_window_is_seen(
    right: dict[str, Any], source: str
) -> None:
    evidence = copy.deepcopy(right)
    count, cents = WINDOWS[FIRST]
    evidence["returned"][source] = WINDOWS | {FIRST: [count + 1, cents + 350]}
    failure = found(evidence)
    assert source in failure.asked
    assert "twice" in failure.look


@pytest.mark.parametrize(
    ("total", "where"),
    [
        ([WINDOWS[FIRST][0], WINDOWS[FIRST][1] / 100], "sum of cents"),
        ([WINDOWS[FIRST][0] - 8, 0], "did not read"),
        (WINDOWS[FIRST][0], "a list of two numbers"),
        ([], "a list of two numbers"),
    ],
)
def test_where_to_look_depends_on_the_total(
    right: dict[str, Any], total: object, where: str
) -> None:
    right["returned"] = right["returned"] | {"kafka": WINDOWS | {FIRST: total}}
    assert where in found(right).look


def test_lines_counted_by_their_arrival_are_not_by_their_order(
    right: dict[str, Any],
) -> None:
    naive: dict[str, list[int]] = {}
    size = len(LINES) // len(WINDOWS)
    for place, line in enumerate({line["line"]: line for line in LINES}.values()):
        window = [*WINDOWS][min(place // size, len(WINDOWS) - 1)]
        total = naive.setdefault(window, [0, 0])
        total[0], total[1] = total[0] + 1, total[1] + line["cents"]
    right["returned"] = right["returned"] | {"kinesis": naive}
    assert "late" in found(right).look


@pytest.mark.parametrize(
    ("shard", "said"),
    [
        ({"lines": []}, "are not there"),
        ({"records": 1_000 * len(SECONDS) + 1}, "more slowly"),
    ],
)
def test_a_shard_that_lost_lines_or_took_too_many_is_seen(
    right: dict[str, Any], shard: dict[str, Any], said: str
) -> None:
    right["shards"][0] |= shard
    assert said in found(right).found


def test_more_shards_are_not_the_mend(right: dict[str, Any]) -> None:
    right["shards"].append({"closed": False, "records": 0, "lines": []})
    assert "open shards" in found(right).found


def test_the_desks_own_replay_is_refused_and_leaves_no_stream(
    aws: Callable[[str], Any],
) -> None:
    kinesis = aws("kinesis")

    def as_today(stream: str, seconds: list, *_: str) -> dict[str, Any]:
        for lines in seconds:
            for start in range(0, len(lines), 500):
                records = [
                    {"Data": json.dumps(line).encode(), "PartitionKey": line["stall"]}
                    for line in lines[start : start + 500]
                ]
                kinesis.put_records(StreamName=stream, Records=records)
        return {"kinesis": WINDOWS, "kafka": WINDOWS}

    evidence = CHECK.probe(INPUTS, as_today, aws)
    assert evidence["refused"] > 0
    taken = sum(shard["records"] for shard in evidence["shards"])
    assert taken == len(LINES) - evidence["refused"]
    assert evidence["read"] == 0
    assert [at for at, _ in evidence["offsets"]] == [-1001] * streams.PARTITIONS
    assert sum(end for _, end in evidence["offsets"]) == len(LINES)
    assert "records refused" in found(evidence).found
    assert kinesis.list_streams()["StreamNames"] == [INPUTS["stream"]]
    evidence = CHECK.probe(INPUTS, lambda *_: None, aws)
    assert evidence["refused"] == 0
    assert land("drain_the_hot_shard", INPUTS, aws)["seconds"] == SECONDS
