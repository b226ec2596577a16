"""Lab 1.1, task 2: extracts by their sums, and four stores that are really filled."""

import gzip
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import card_stores
from helpers.payments import draw, land
from helpers.payments.scratch import Sort, sort

CHECK = checks_of("lab_1_1")["pull_from_four_stores"]
INPUTS = card_stores.drawn(13)
TABLES = draw(13)


def sort_with(limit: str) -> tuple[int, Sort]:
    """Give a seed whose sort runs into this limit."""
    return next((s, sort(s)) for s in range(99) if sort(s).limit == limit)


def volume(work: Sort, **other: Any) -> dict[str, Any]:
    """Give what is seen of a volume that has what the sort needs."""
    settings = {"Iops": 3_000, "Throughput": 125, work.limit: work.need}
    seen = {"took": float(work.seconds), "VolumeType": "gp3"}
    return seen | settings | other


@pytest.fixture
def right() -> dict[str, Any]:
    extracts = {
        name: card_stores.digest(getattr(TABLES, name)) for name in card_stores.STORES
    }
    return {
        "returned": dict.fromkeys(extracts, "DataFrame"),
        "extracts": extracts,
        "accelerate": "Enabled",
        "volume": volume(sort(13)),
    }


def found(evidence: dict[str, Any]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(INPUTS, evidence)
    return failure.value


def test_the_reference_passes(right: dict[str, Any]) -> None:
    assert "rows from four stores" in CHECK.verdict(INPUTS, right)


def test_another_order_and_other_types_are_the_same_rows() -> None:
    payments = TABLES.payments.head(50)
    turned = payments.iloc[::-1].assign(
        amount=[Decimal(f"{amount:.2f}") for amount in payments["amount"][::-1]],
        paid_at=payments["paid_at"].dt.strftime("%Y-%m-%d %H:%M:%S+00:00"),
    )
    assert card_stores.digest(turned) == card_stores.digest(payments)
    customers = TABLES.customers.head(9)
    dates = customers.assign(since=pd.to_datetime(customers["since"]).dt.date)
    assert card_stores.digest(dates) == card_stores.digest(customers)


@pytest.mark.parametrize("name", card_stores.STORES)
def test_a_lost_row_and_a_changed_value_are_seen(
    right: dict[str, Any], name: str
) -> None:
    rows = getattr(TABLES, name)
    short = card_stores.digest(rows.iloc[1:])
    failure = found(right | {"extracts": right["extracts"] | {name: short}})
    assert failure.found == f"{len(rows) - 1:,}"
    for column in rows:
        other = rows[column].iloc[rows[column].ne(rows[column].iloc[0]).argmax()]
        told = card_stores.digest(rows.assign(**{column: other}))
        failure = found(right | {"extracts": right["extracts"] | {name: told}})
        assert f"column {column} of {name}" in failure.asked
        assert failure.found == "other values"
    told = card_stores.digest(rows.assign(extra=1))
    failure = found(right | {"extracts": right["extracts"] | {name: told}})
    assert "extra" in failure.found


def test_columns_that_slipped_against_each_other_are_seen(
    right: dict[str, Any],
) -> None:
    kinds = sorted(TABLES.terminals["kind"])
    told = card_stores.digest(TABLES.terminals.assign(kind=kinds))
    assert told["columns"] == right["extracts"]["terminals"]["columns"]
    failure = found(right | {"extracts": right["extracts"] | {"terminals": told}})
    assert "slipped" in failure.found


def test_a_gap_where_numbers_are_is_no_crash() -> None:
    rows = TABLES.receipts.head(3).assign(items=[1, None, 2])
    assert "unreadable" in card_stores.digest(rows)["columns"]["items"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"accelerate": "none"}, "none"),
        ({"accelerate": "Suspended"}, "Suspended"),
        ({"extracts": {}}, "DataFrame"),
    ],
)
def test_what_was_not_mended_is_said(
    right: dict[str, Any], wrong: dict[str, Any], said: str
) -> None:
    assert said in found(right | wrong).found


@pytest.mark.parametrize("limit", ["Iops", "Throughput"])
def test_a_volume_too_slow_or_too_dear_is_seen(
    right: dict[str, Any], limit: str
) -> None:
    seed, work = sort_with(limit)
    other = {"Iops": "Throughput", "Throughput": "Iops"}[limit]
    inputs = INPUTS | {"seed": seed}
    extracts = {
        name: card_stores.digest(getattr(draw(seed), name))
        for name in card_stores.STORES
    }
    right |= {"extracts": extracts}

    def judged(**seen: Any) -> str:
        return CHECK.verdict(inputs, right | {"volume": volume(work, **seen)})

    assert f"the sort takes {work.seconds} seconds" in judged()
    wrong = [
        ({"took": work.seconds * 1.5}, f"{work.seconds * 1.5:.0f} seconds with"),
        ({other: 2_000 if other == "Throughput" else 8_000}, "000"),
        ({limit: work.need * 2}, f"{work.need * 2:,}"),
        ({"VolumeType": "io2"}, "io2"),
    ]
    for seen, said in wrong:
        with pytest.raises(CheckFailed) as failure:
            judged(**seen)
        assert said in failure.value.found


def test_the_stores_are_filled_once_and_a_half_answer_is_told(
    aws: Callable[[str], Any],
) -> None:
    given = land("pull_from_four_stores", INPUTS, aws)
    assert land("pull_from_four_stores", INPUTS, aws) == given
    place = given["database"]
    (instance,) = aws("rds").describe_db_instances()["DBInstances"]
    with psycopg.connect(
        host=instance["Endpoint"]["Address"],
        port=instance["Endpoint"]["Port"],
        dbname=place["name"],
        user=place["user"],
        password=place["password"],
    ) as connection:
        count = connection.execute("SELECT count(*) FROM customers").fetchone()
    assert count == (len(TABLES.customers),)
    first = aws("dynamodb").scan(TableName=given["table"])
    assert "LastEvaluatedKey" in first
    (system,) = aws("efs").describe_file_systems()["FileSystems"]
    packed = gzip.compress(TABLES.receipts.to_csv(index=False).encode(), 5, mtime=0)
    assert system["SizeInBytes"]["Value"] >= len(packed)
    listed = aws("s3").list_objects_v2(Bucket=given["bucket"])["Contents"]
    assert {each["Key"].split("/")[0] for each in listed} == {"payments"}

    def one_page(stores: dict[str, Any]) -> dict[str, Any]:
        items = aws("dynamodb").scan(TableName=stores["table"])["Items"]
        names = ("terminal_id", "kind", "concourse")
        rows = [{name: item[name]["S"] for name in names} for item in items]
        tables = {name: getattr(TABLES, name) for name in card_stores.STORES}
        return tables | {"terminals": pd.DataFrame(rows)}

    evidence = CHECK.probe(INPUTS, one_page, aws)
    assert evidence["seen"]["receipts"]["items"].startswith("int")
    assert evidence["accelerate"] == "none"
    assert (evidence["volume"]["Iops"], evidence["volume"]["Throughput"]) == (3000, 125)
    assert evidence["volume"]["took"] > sort(13).seconds * 1.2
    named = [{"Name": "tag-key", "Values": ["Command"]}]
    (left,) = aws("ec2").describe_volumes(Filters=named)["Volumes"]
    assert left["VolumeId"] == given["scratch"]["volume"]
    failure = found(evidence)
    assert "400 terminals" in failure.asked
    assert "pages" in failure.look
