"""Lab 1.2, task 5: joins that leak, that lose payments, and the one that does not."""

import io
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import payment_features
from helpers.payments import land
from helpers.payments.frauds import Frauds, frauds, known
from localaws.daemon import Connection

CHECK = checks_of("lab_1_2")["join_as_of"]
COLUMNS = payment_features.COLUMNS
SEEDS = [13, 1, 2]
SQL = """
SELECT * FROM (
  SELECT payment_id, fraud, counted_at, charges, frauds, row_number() OVER (
    PARTITION BY payment_id ORDER BY counted_at DESC NULLS LAST) AS place
  FROM "{database}"."{table}" p LEFT JOIN "{offline[database]}"."{offline[table]}" c
    ON c.terminal_id = p.terminal_id AND counted_at <= paid_at - {days} * 86400)
WHERE place = 1
"""


@pytest.fixture
def drawn() -> Frauds:
    return frauds(13)


def told(frame: pd.DataFrame) -> dict[str, Any]:
    """Give what the probe finds of a frame."""
    evidence = CHECK.probe
    with pytest.MonkeyPatch.context() as patch:
        given = {"database": "d", "table": "t", "features": {}, "bucket": "b"}
        patch.setattr(payment_features, "land", lambda *_: given | {"days": 7})
        return json.loads(json.dumps(evidence({}, lambda *_: frame, lambda _: None)))


def found(frame: pd.DataFrame, seed: int = 13) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(payment_features.drawn(seed), told(frame))
    return failure.value


def joined(drawn: Frauds, days: int) -> pd.DataFrame:
    return known(drawn.payments, drawn.counts, days)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_join_as_of_the_delay_passes_with_any_types(seed: int) -> None:
    frame = joined(frauds(seed), 7)
    frames = [frame, frame.convert_dtypes(), frame.astype(object)[::-1]]
    for each in frames:
        said = CHECK.verdict(payment_features.drawn(seed), told(each))
        assert f"{len(frame):,} payments" in said


@pytest.mark.parametrize("seed", SEEDS)
def test_each_draw_has_what_the_wrong_joins_stumble_over(seed: int) -> None:
    drawn = frauds(seed)
    right = joined(drawn, 7)
    assert (right["counted_at"] == right["moment"]).sum() >= 10
    assert 0 < right["counted_at"].isna().sum() < 100
    assert drawn.counts.duplicated().sum() >= 10
    for days in (0, 6):
        differs = joined(drawn, days)["counted_at"] != right["counted_at"]
        assert differs.mean() > 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_the_newest_row_of_a_terminal_leaks(seed: int) -> None:
    drawn = frauds(seed)
    newest = drawn.counts.groupby("terminal_id").last().reset_index()
    failure = found(drawn.payments.merge(newest, on="terminal_id"), seed)
    assert "newer than they are" in failure.found
    assert "newest row" in failure.look


@pytest.mark.parametrize(("seed", "days"), [(13, 0), (1, 0), (2, 6), (13, 6)])
def test_a_join_that_ignores_the_delay_leaks(seed: int, days: int) -> None:
    failure = found(joined(frauds(seed), days), seed)
    assert "less the label delay" in failure.asked
    assert "not before" in failure.look


@pytest.mark.parametrize("seed", SEEDS)
def test_a_row_of_exactly_that_moment_is_known(seed: int) -> None:
    drawn = frauds(seed)
    moved = drawn.counts.assign(counted_at=drawn.counts["counted_at"] + 1)
    frame = known(drawn.payments, moved, 7)
    frame["counted_at"] -= 1
    assert "of exactly that moment is known" in found(frame, seed).look


def test_what_is_not_the_last_row_is_stale(drawn: Frauds) -> None:
    failure = found(joined(drawn, 8))
    assert "less" not in failure.asked
    assert "last row known" in failure.asked


def test_values_of_another_row_are_seen(drawn: Frauds) -> None:
    frame = joined(drawn, 7)
    frame["frauds"] = frame["frauds"] + (frame.index == len(frame) - 1)
    assert "charges and frauds" in found(frame).asked


def test_payments_of_whom_nothing_was_known_belong_in_the_frame(drawn: Frauds) -> None:
    frame = joined(drawn, 7)
    failure = found(frame.dropna())
    assert f"{frame['counted_at'].isna().sum()} are not there" in failure.found


def test_rows_that_were_written_twice_make_payments_twice(drawn: Frauds) -> None:
    frame = joined(drawn, 7)
    assert "written twice" in found(pd.concat([frame, frame.tail(3)])).look


@pytest.mark.parametrize("answer", [None, 7, pd.DataFrame({"payment_id": [1]})])
def test_what_is_no_such_frame_is_said(answer: object) -> None:
    failure = found(answer)
    assert type(answer).__name__ in failure.found
    assert "counted_at" in failure.asked


def test_a_frame_without_the_answers_of_the_payments_is_said(drawn: Frauds) -> None:
    failure = found(joined(drawn, 7).drop(columns="fraud"))
    assert failure.found == "DataFrame without fraud"


def test_rows_that_are_all_kept_are_counted(drawn: Frauds) -> None:
    failure = found(pd.concat([joined(drawn, 7)] * 9))
    assert failure.found == "22,500 rows"


def test_what_stands_where_nothing_was_known_is_a_gap(drawn: Frauds) -> None:
    failure = found(joined(drawn, 7).fillna(0))
    assert (failure.found, failure.look[-14:]) == ("counted_at 0", "gaps, and no 0")


def test_a_row_of_another_terminal_is_known_by_its_time(drawn: Frauds) -> None:
    frame = joined(drawn, 7)
    other = frame["terminal_id"] != frame["terminal_id"].iloc[-1]
    when = frame.loc[other, "counted_at"].dropna().min()
    frame.loc[frame.index[-1], "counted_at"] = when
    assert "another terminal" in found(frame).look


def test_a_gap_where_something_was_known_is_no_answer(drawn: Frauds) -> None:
    frame = joined(drawn, 7)
    late = frame["moment"] - frame["counted_at"] > 0
    frame.loc[frame.index[late][-1], COLUMNS[1:]] = None
    assert "no other time" in found(frame).look


def test_what_the_probe_finds_of_queries(
    endpoint: Connection, aws: Callable[[str], Any]
) -> None:
    athena, inputs = aws("athena"), payment_features.drawn(13)

    def asking(sql: str) -> Callable[..., pd.DataFrame]:
        def answer(
            database: str, table: str, offline: dict[str, str], bucket: str, days: int
        ) -> pd.DataFrame:
            query = athena.start_query_execution(
                QueryString=sql.format(
                    database=database, table=table, offline=offline, days=days
                ),
                ResultConfiguration={"OutputLocation": f"s3://{bucket}/athena/"},
            )["QueryExecutionId"]
            state = ""
            while state not in ("SUCCEEDED", "FAILED"):
                told = athena.get_query_execution(QueryExecutionId=query)
                state = told["QueryExecution"]["Status"]["State"]
            found = aws("s3").get_object(Bucket=bucket, Key=f"athena/{query}.csv")
            return pd.read_csv(io.BytesIO(found["Body"].read()))

        return answer

    said = CHECK(13, asking(SQL), aws)
    assert "2,500 payments" in said
    with pytest.raises(CheckFailed, match="label delay"):
        CHECK(13, asking(SQL.replace("{days}", "0")), aws)
    listed = aws("s3").list_objects_v2(Bucket=inputs["bucket"], Prefix="offline/")
    land("join_as_of", inputs, aws)
    again = aws("s3").list_objects_v2(Bucket=inputs["bucket"], Prefix="offline/")
    assert again["Contents"] == listed["Contents"]
