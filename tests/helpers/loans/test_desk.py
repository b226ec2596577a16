"""The desk's loans: two parts that share none, and applications that are odd."""

from io import BytesIO

import pandas as pd
import pytest

from helpers.loans import book, desk, land


@pytest.mark.parametrize("seed", [1, 13])
def test_nobody_learns_from_a_hidden_loan(seed):
    drawn = desk.draw(seed)
    assert (len(drawn.train), len(drawn.hidden)) == (6_659, 3_330)
    both = pd.concat([drawn.train, drawn.hidden])
    assert not both.duplicated().any()
    rates = [part[book.TARGET].mean() for part in (drawn.train, drawn.hidden)]
    assert rates[0] == pytest.approx(rates[1], abs=0.01)


def test_an_application_has_no_column_that_comes_later():
    columns = [*desk.arriving(desk.draw(13).hidden)]
    assert len(columns) == 55 - 1 - len(book.LEAKS)
    assert not {book.TARGET, *book.LEAKS} & {*columns}


@pytest.mark.parametrize("seed", range(6))
def test_odd_applications_are_odd_in_one_thing(seed):
    drawn, odd = desk.draw(seed), desk.odd(seed)
    usual = odd.pop("usual").iloc[0]
    for name, rows in odd.items():
        was, now = usual.astype("str").fillna(""), rows.iloc[0].astype("str").fillna("")
        changed = [column for column in was.index if was[column] != now[column]]
        if name == "gap":
            assert changed == ["homeownership", "annual_income"]
        elif name == "unseen":
            assert rows[changed[0]].iloc[0] not in {*drawn.train[changed[0]]}
            assert len(changed) == 1
        else:
            assert changed == [name]
            assert rows[name].iloc[0] in {*drawn.train[name]}


def test_the_loans_to_learn_from_are_landed_once(aws):
    given = land("encode_once", {"seed": 13, "bucket": "loan-desk"}, aws)
    assert given["train"] == f"s3://loan-desk/{desk.KEY}"
    head = aws("s3").head_object(Bucket="loan-desk", Key=desk.KEY)
    assert land("encode_once", {"seed": 13, "bucket": "loan-desk"}, aws) == given
    again = aws("s3").head_object(Bucket="loan-desk", Key=desk.KEY)
    assert again["LastModified"] == head["LastModified"]
    body = aws("s3").get_object(Bucket="loan-desk", Key=desk.KEY)["Body"].read()
    assert pd.read_parquet(BytesIO(body)).shape == (6_659, 55)
