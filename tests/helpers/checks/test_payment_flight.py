"""Lab 1.2, task 4: the verdict on two replays, and a function that stands still."""

import copy
import io
import json
import textwrap
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import payment_flight
from helpers.payments.replay import closing, enriched, replay

CHECK = checks_of("lab_1_2")["enrich_in_flight"]
SEEDS = [13, 1, 2]
CODE = textwrap.dedent(
    """
    import base64, boto3, functools, json, os
    from boto3.dynamodb.conditions import Attr, Key

    tables = boto3.resource("dynamodb")
    payments = tables.Table(os.environ["PAYMENTS"])
    terminals = tables.Table(os.environ["TERMINALS"])
    again = tables.meta.client.exceptions.ConditionalCheckFailedException

    @functools.cache
    def terminal(name):
        return terminals.get_item(Key={"terminal_id": name})["Item"]

    def enrich(record):
        row = json.loads(base64.b64decode(record["data"]))
        key = Key("terminal_id").eq(row["terminal_id"])
        before = payments.query(
            KeyConditionExpression=key & Key("moment").lt(row["paid_at"])
        )["Items"]
        row |= terminal(row["terminal_id"]) | {"cents": int(row["cents"])}
        row |= {"moment": row["paid_at"] + row["payment_id"], "earlier": len(before)}
        if before:
            row["mean_cents"] = sum(each["cents"] for each in before) / len(before)
        try:
            payments.put_item(
                Item=row, ConditionExpression=Attr("moment").not_exists()
            )
        except again:
            pass

    def handler(event, context):
        for record in event["Records"]:
            try:
                enrich(record["kinesis"])
            except Exception as error:
                print("broken", repr(error))
                number = record["kinesis"]["sequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": number}]}
    """
)


def evidence(seed: int) -> dict[str, Any]:
    """Give what the probe finds of a function that does as asked."""
    drawn, payments, rounds, failed = replay(seed), [], [], []
    for number in (1, 2):
        texts = [*drawn.texts, closing(seed, number)]
        sequences = [str(1_000 * number + place) for place in range(len(texts))]
        payments += [
            json.loads(text)
            for place, text in enumerate(texts)
            if place not in drawn.broken
        ]
        rows = [
            {name: value for name, value in row.items() if value is not None}
            | {"moment": row["paid_at"] + row["payment_id"]}
            for row in enriched(payments, drawn.terminals).values()
        ]
        rounds.append({"sequences": sequences, "rows": rows})
        failed += [
            {"first": sequences[place], "last": sequences[place], "size": 1}
            for place in drawn.broken
        ]
    said = {"retries": [1], "said": "its log: KeyError"}
    return {"rounds": rounds, "failed": failed, **said}


@pytest.fixture
def right() -> dict[str, Any]:
    return evidence(13)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_draw_has_what_goes_wrong_in_flight(seed: int) -> None:
    drawn = replay(seed)
    broken = [text for place, text in enumerate(drawn.texts) if place in drawn.broken]
    good = [json.loads(text) for text in drawn.texts if text not in broken]
    right = enriched(good, drawn.terminals)
    assert len(broken) == 2
    assert len(good) - len(right) >= 5
    moments = {(row["terminal_id"], row["paid_at"]) for row in good}
    assert len(right) - len(moments) >= 2
    in_time = enriched(sorted(good, key=lambda row: row["paid_at"]), drawn.terminals)
    late = [
        name for name in right if right[name]["earlier"] != in_time[name]["earlier"]
    ]
    assert len(late) >= 5


def found(evidence: dict[str, Any], seed: int = 13) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(payment_flight.drawn(seed), json.loads(json.dumps(evidence)))
    return failure.value


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_asked_passes_in_any_order_of_the_items(seed: int) -> None:
    right = evidence(seed)
    right["rounds"][0]["rows"].reverse()
    said = CHECK.verdict(payment_flight.drawn(seed), json.loads(json.dumps(right)))
    assert "each once" in said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_whole_batch_that_was_given_up_passes_if_its_payments_are_there(
    seed: int,
) -> None:
    right = evidence(seed)
    for number, each in enumerate(right["rounds"]):
        ends = {"first": each["sequences"][0], "last": each["sequences"][-1]}
        right["failed"][number] = ends | {"size": 9}
    del right["failed"][2:]
    CHECK.verdict(payment_flight.drawn(seed), right)


def test_an_empty_table_is_told_with_the_functions_log(right: dict[str, Any]) -> None:
    right["rounds"][0]["rows"] = []
    assert found(right).found == "none; its log: KeyError"


def test_a_broken_record_that_holds_the_shard_up_is_seen(right: dict[str, Any]) -> None:
    right["rounds"][0]["rows"] = right["rounds"][0]["rows"][:9]
    right["failed"] = []
    failure = found(right)
    assert "the shard stands still" in failure.found
    assert "MaximumRetryAttempts" in failure.look


def test_another_number_of_tries_is_seen(right: dict[str, Any]) -> None:
    right["retries"] = [2]
    failure = found(right)
    assert failure.found == "MaximumRetryAttempts 2"
    assert failure.asked == "one more try for a batch that fails"


def test_payments_given_up_with_a_broken_record_are_lost(right: dict[str, Any]) -> None:
    right["rounds"][0]["rows"] = right["rounds"][0]["rows"][:9]
    right["failed"][0]["last"] = right["rounds"][0]["sequences"][-1]
    assert "are not there" in found(right).found


def test_a_lost_payment_is_named(right: dict[str, Any]) -> None:
    lost = right["rounds"][0]["rows"].pop(5)
    failure = found(right)
    assert failure.found == f"1 are not there: {lost['payment_id']}"
    assert "share a second" in failure.look


def test_a_payment_twice_is_named(right: dict[str, Any]) -> None:
    rows = right["rounds"][0]["rows"]
    rows.append(rows[3] | {"moment": "another"})
    assert rows[3]["payment_id"] in found(right).found


def test_a_broken_record_in_the_table_is_seen(right: dict[str, Any]) -> None:
    rows = right["rounds"][0]["rows"]
    rows.append(rows[3] | {"payment_id": "P-void", "cents": "void"})
    assert "P-void" in found(right).found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"concourse": "Z"}, "concourse"),
        ({"cents": 1.5}, "cents"),
        ({"terminal_id": "T9"}, "terminal_id"),
        ({"earlier": 99}, "earlier"),
        ({"mean_cents": None}, "mean_cents"),
        ({"mean_cents": 1.0}, "mean_cents"),
        ({"mean_cents": "3.5"}, "mean_cents"),
    ],
)
def test_a_wrong_attribute_is_named(
    right: dict[str, Any], wrong: dict[str, Any], said: str
) -> None:
    row = next(row for row in right["rounds"][0]["rows"] if row["earlier"] == 3)
    row |= wrong
    assert said in found(right).asked


def test_a_table_sorted_by_arrival_is_not_in_event_time_order(
    right: dict[str, Any],
) -> None:
    for place, row in enumerate(right["rounds"][0]["rows"]):
        row["moment"] = f"{place:05}"
    assert "event-time order" in found(right).asked


@pytest.mark.parametrize("seed", SEEDS)
def test_a_running_total_in_the_order_of_arrival_is_not_what_was_paid_before(
    seed: int,
) -> None:
    wrong, counts = evidence(seed), {}
    for row in wrong["rounds"][0]["rows"]:
        row["earlier"] = counts.get(row["terminal_id"], 0)
        counts[row["terminal_id"]] = row["earlier"] + 1
    assert "none paid after" in found(wrong, seed).look


@pytest.mark.parametrize(("number", "said"), [(0, "record"), (2, "record")])
def test_a_batch_that_nobody_was_told_of_is_seen(
    right: dict[str, Any], number: int, said: str
) -> None:
    right["failed"][number] = {"body": "{}"}
    failure = found(right)
    assert failure.found.startswith("3 of 4 messages")
    assert f"{said} {replay(13).broken[0]}" in failure.found


def test_a_second_replay_changes_nothing(right: dict[str, Any]) -> None:
    twice, changed, lost = (copy.deepcopy(right) for _ in range(3))
    rows = twice["rounds"][1]["rows"]
    rows.append(rows[0] | {"moment": "another"})
    assert "1 payments twice" in found(twice).found
    rows = changed["rounds"][1]["rows"]
    rows[0] = rows[0] | {"earlier": 4}
    assert "1 items new or changed" in found(changed).found
    lost["rounds"][1]["rows"].pop()
    assert "1 not there" in found(lost).found


def deploying(aws: Callable[[str], Any], **members: Any) -> Callable[..., None]:
    """Give an answer that deploys the function, with a mapping of these members."""

    def answer(
        name: str, stream: str, table: str, terminals: str, queue: str, role: str
    ) -> None:
        package, functions = io.BytesIO(), aws("lambda")
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("enrich.py", CODE)
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="enrich.handler",
            Role=role,
            Code={"ZipFile": package.getvalue()},
            Environment={"Variables": {"PAYMENTS": table, "TERMINALS": terminals}},
            Timeout=60,
        )
        functions.create_event_source_mapping(
            FunctionName=name,
            EventSourceArn=stream,
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
            DestinationConfig={"OnFailure": {"Destination": queue}},
            **members,
        )

    return answer


def test_a_function_that_splits_what_fails_passes_and_leaves_nothing(
    aws: Callable[[str], Any],
) -> None:
    inputs = payment_flight.drawn(13)
    answer = deploying(aws, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1)
    evidence = CHECK.probe(inputs, answer, aws)
    assert "each once" in CHECK.verdict(inputs, evidence)
    assert [each["size"] for each in evidence["failed"]] == [1] * 4
    assert aws("lambda").list_functions()["Functions"] == []
    assert aws("kinesis").list_streams()["StreamNames"] == []
    assert aws("dynamodb").list_tables()["TableNames"] == [inputs["terminals"]]
    assert "QueueUrls" not in aws("sqs").list_queues()


def test_a_mapping_that_tries_for_ever_stands_still(aws: Callable[[str], Any]) -> None:
    evidence = CHECK.probe(payment_flight.drawn(13), deploying(aws), aws)
    assert len(evidence["rounds"]) == 1
    failure = found(evidence)
    assert "the shard stands still; its log: broken" in failure.found
    assert len(evidence["rounds"][0]["rows"]) == len(
        {json.loads(text)["payment_id"] for text in _before_broken()}
    )


def _before_broken() -> list[str]:
    drawn = replay(13)
    return drawn.texts[: drawn.broken[0]]
