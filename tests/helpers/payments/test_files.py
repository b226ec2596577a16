"""The weeks of payments: all rows, once, and one file that does not fit."""

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from pyarrow import ArrowInvalid, csv, float64, int64, timestamp

from helpers.payments import draw, files, land

TYPES = {
    "payment_id": int64(),
    "paid_at": timestamp("s", "UTC"),
    "amount": float64(),
}


def test_the_weeks_together_are_the_payments() -> None:
    weeks = files.weeks(13)
    assert len(weeks) == files.WEEKS
    assert sorted(weeks) == [*weeks]
    pd.testing.assert_frame_equal(pd.concat(weeks.values()), draw(13).payments)
    assert files.poisoned(13) in weeks


def test_every_poison_and_every_week_is_drawn() -> None:
    assert len({files.poisoned(seed) for seed in range(200)}) == files.WEEKS - 2
    kinds = {files.dice(seed, "bad value").choice(files.POISONS) for seed in range(99)}
    assert kinds == set(files.POISONS)


@pytest.mark.parametrize("seed", [13, 2])
def test_one_file_does_not_fit_and_landing_again_changes_nothing(
    aws: Callable[[str], Any], seed: int
) -> None:
    given = {"seed": seed, "bucket": "weeks"}
    assert land("rewrite_for_readers", given, aws) == given
    s3 = aws("s3")
    listed = s3.list_objects_v2(Bucket="weeks", Prefix=files.RAW)["Contents"]
    options, bad = csv.ConvertOptions(column_types=TYPES), []
    for each in listed:
        body = s3.get_object(Bucket="weeks", Key=each["Key"])["Body"].read()
        try:
            table = csv.read_csv(io.BytesIO(body), convert_options=options)
        except ArrowInvalid:
            bad.append(each["Key"])
        else:
            assert table.column_names == [*files.COLUMNS]
            assert table.num_rows == len(files.weeks(seed)[each["Key"]])
    assert bad == [files.poisoned(seed)]
    land("rewrite_for_readers", given, aws)
    again = s3.list_objects_v2(Bucket="weeks", Prefix=files.RAW)["Contents"]
    assert again == listed
