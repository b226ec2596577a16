"""Lab 1.1, task 1: the verdict on the copies, and how prefixes are read."""

import copy
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import fastavro
import pandas as pd
import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import card_files, card_formats
from helpers.payments import files

CHECK = checks_of("lab_1_1")["rewrite_for_readers"]
INPUTS = card_files.drawn(13)
ROWS = pd.DataFrame(
    {
        "payment_id": [1, 2],
        "paid_at": pd.to_datetime(["2025-10-07T08:00:00Z", "2025-10-07T09:00:00Z"]),
        "customer_id": ["C1", "C2"],
        "terminal_id": ["T1", "T1"],
        "amount": [0.29, 12.5],
        "method": ["chip", "phone"],
    }
)


def avro(rows: pd.DataFrame) -> bytes:
    types = {"payment_id": "long", "amount": "double"}
    fields = [{"name": n, "type": types.get(n, "string")} for n in rows]
    body, plain = io.BytesIO(), rows.assign(paid_at=rows["paid_at"].astype(str))
    schema = {"type": "record", "name": "p", "fields": fields}
    fastavro.writer(body, schema, plain.to_dict("records"))
    return body.getvalue()


def lines(rows: pd.DataFrame) -> bytes:
    return rows.to_json(orient="records", lines=True, date_format="iso").encode()


BODIES = {
    "parquet": ROWS.to_parquet(index=False),
    "orc": ROWS.to_orc(index=False),
    "avro": avro(ROWS),
    "json": lines(ROWS),
}


@pytest.fixture(scope="module")
def right() -> dict[str, Any]:
    weeks, bad = files.weeks(13), files.poisoned(13)
    rows = pd.concat([week for key, week in weeks.items() if key != bad])
    copied = {
        "keys": 1,
        "bytes": 2_000_000,
        "columns": sorted(files.COLUMNS),
        "rows": len(rows),
        "distinct": len(rows),
        "ids": int(rows["payment_id"].sum()),
        "cents": int((rows["amount"] * 100).round().sum()),
    }
    forms = {name: [first] for name, (first, *_) in card_files.READERS.items()}
    return {
        "refused": [bad],
        "raw": dict.fromkeys(weeks, 1_200_000),
        "readers": {name: copied | {"formats": forms[name]} for name in forms},
        "scanned": {"csv": 15_000_000, "planner": 900_000},
    }


def found(evidence: dict[str, Any]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(INPUTS, evidence)
    return failure.value


def test_the_reference_passes(right: dict[str, Any]) -> None:
    said = CHECK.verdict(INPUTS, right)
    assert "7.2 times smaller" in said and "17 times fewer" in said


@pytest.mark.parametrize(
    "refused",
    [[], ["raw/week=99.csv"], [files.poisoned(13), "raw/week=13.csv"], "nothing"],
)
def test_only_the_poisoned_file_is_refused(
    right: dict[str, Any], refused: object
) -> None:
    assert "no other" in found(right | {"refused": refused}).asked


@pytest.mark.parametrize(
    ("refused", "where"),
    [
        ([], "your reader"),
        (files.poisoned(13), "your return statement"),
        (["week=03.csv"], "raw/week=01.csv"),
    ],
)
def test_where_to_look_depends_on_what_was_returned(
    right: dict[str, Any], refused: object, where: str
) -> None:
    assert where in found(right | {"refused": refused}).look


@pytest.mark.parametrize(
    ("reader", "wrong", "said"),
    [
        ("planner", {"keys": 0}, "none"),
        ("planner", {"formats": ["avro"]}, "avro"),
        ("settlement", {"formats": ["json"]}, "json"),
        ("partner", {"formats": ["parquet"]}, "parquet"),
        ("partner", {"formats": ["json", "text"]}, f"json and {card_files.TEXT}"),
        ("settlement", {"unread": "ValueError: bad"}, "ValueError: bad"),
        ("planner", {"columns": ["index"]}, "index"),
        ("planner", {"rows": 5}, "5"),
        ("settlement", {"distinct": 5}, "5"),
        ("partner", {"ids": 5}, "5"),
        ("partner", {"cents": 5}, "5"),
        ("planner", {"bytes": 4_400_000}, "3.3 times smaller"),
    ],
)
def test_what_is_wrong_with_a_copy_is_said(
    right: dict[str, Any], reader: str, wrong: dict[str, Any], said: str
) -> None:
    evidence = copy.deepcopy(right)
    evidence["readers"][reader] |= wrong
    assert found(evidence).found == said


def test_a_copy_that_scans_no_less_is_none(right: dict[str, Any]) -> None:
    evidence = right | {"scanned": {"csv": 100, "planner": 100}}
    assert "fewer than 100" in found(evidence).asked


@pytest.mark.parametrize("name", BODIES)
def test_a_format_is_known_by_its_bytes_and_summed(
    aws: Callable[[str], Any], bucket: str, name: str
) -> None:
    s3 = aws("s3")
    for key in ("copy/a", "copy/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=BODIES[name])
    told = card_formats.stored(s3, bucket, "copy/")
    assert told["formats"] == [name]
    assert told["columns"] == sorted(files.COLUMNS)
    summed = [told[each] for each in ("keys", "rows", "distinct", "ids", "cents")]
    assert summed == [2, 4, 2, 6, 2558]


def test_compressed_text_is_looked_into() -> None:
    assert card_formats.form(gzip.compress(BODIES["json"])) == "json"
    assert card_formats.form(gzip.compress(b"payment_id,amount\n")) == "text"
    assert len(card_formats.table(gzip.compress(BODIES["json"]), "json")) == 2


def test_two_formats_in_one_place_and_broken_files_are_told(
    aws: Callable[[str], Any], bucket: str
) -> None:
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="copy/a", Body=BODIES["avro"])
    s3.put_object(Bucket=bucket, Key="copy/b", Body=BODIES["json"])
    assert card_formats.stored(s3, bucket, "copy/")["formats"] == ["avro", "json"]
    s3.put_object(Bucket=bucket, Key="half/a", Body=BODIES["parquet"][:200])
    assert "unread" in card_formats.stored(s3, bucket, "half/")
    text = json.dumps({"payment_id": "x", "amount": 1}).encode()
    s3.put_object(Bucket=bucket, Key="text/a", Body=text)
    assert "ValueError" in card_formats.stored(s3, bucket, "text/")["unread"]


def test_the_probe_sees_what_an_answer_leaves_and_nothing_older(
    aws: Callable[[str], Any],
) -> None:
    def once(bucket: str, columns: dict[str, str], readers: dict[str, str]) -> list:
        key = readers["planner"] + "a.parquet"
        aws("s3").put_object(Bucket=bucket, Key=key, Body=BODIES["parquet"])
        return []

    evidence = CHECK.probe(INPUTS, once, aws)
    assert evidence["readers"]["planner"]["rows"] == 2
    assert 0 < evidence["scanned"]["planner"] < evidence["scanned"]["csv"]
    assert sum(evidence["raw"].values()) == evidence["scanned"]["csv"]
    evidence = CHECK.probe(INPUTS, lambda *_: None, aws)
    assert evidence["readers"]["planner"]["keys"] == 0
    assert found(evidence).found == "None"
