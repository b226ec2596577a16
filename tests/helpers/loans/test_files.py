"""Loan files: the defects are where they are said to be, and nowhere else."""

import pytest

from helpers.loans import book, files, land
from helpers.loans.defects import KINDS

SEEDS = (1, 2, 13)

each_seed = pytest.mark.parametrize("seed", SEEDS)


@each_seed
def test_each_kind_of_defect_is_planted_and_found_by_its_rule(seed):
    drawn = files.draw(seed)
    rows, planted = drawn.rows, drawn.planted
    assert {kind: len(those) for kind, those in planted.items()} == {
        kind: files.OF_A_KIND for kind in [*KINDS, "copy"]
    }
    whole = rows["open_credit_lines"] > rows["total_credit_lines"]
    whole |= rows["num_open_cc_accounts"] > rows["num_total_cc_accounts"]
    words, outside = rows["row"] < 0, rows["row"] < 0
    for name, allowed in drawn.book.items():
        if name in book.WORDS:
            words |= rows[name].notna() & ~rows[name].isin(allowed)
        else:
            outside |= rows[name] < allowed[0]
            outside |= rows[name] > (allowed[1] or float("inf"))
    found = {
        "copy": rows.duplicated("application"),
        "impossible": outside,
        "contradictory": whole,
        "thousands": rows["annual_income"].between(0, 1_000, inclusive="neither"),
        "misspelt": words,
    }
    assert {kind: rows.loc[those, "row"].tolist() for kind, those in found.items()} == {
        kind: sorted(those) for kind, those in planted.items()
    }


@each_seed
def test_what_looks_like_a_defect_is_there_too(seed):
    drawn = files.draw(seed)
    rows = drawn.rows
    alike = rows.duplicated(
        [n for n in rows if n not in ("row", "application", "part")]
    )
    copies = rows["row"].isin(drawn.planted["copy"])
    assert (alike & ~copies).sum() == files.TWINS
    assert 0 < (copies & ~alike).sum() < files.OF_A_KIND
    assert (rows["annual_income"] == 0).any()
    assert (rows["annual_income"] > 300_000).any()


@each_seed
def test_no_median_is_the_same_by_chance_for_all_rows(seed):
    """Else nobody could tell from a fill where it was learned."""
    rows = files.draw(seed).rows
    train = rows[rows["part"] == "train"]
    apart = [
        name
        for name in rows.select_dtypes("number")
        if rows[name].isna().any() and train[name].median() != rows[name].median()
    ]
    assert len(apart) >= 3
    assert {*files.HOLED} <= {*apart}


def test_the_files_that_a_learner_has_are_not_those_of_the_check():
    given = land("clean_without_leaks", {"seed": 13})
    given["loans"].loc[:, "state"] = "XX"
    given["book"].clear()
    assert "XX" not in {*files.draw(13).rows["state"]}
    assert files.draw(13).book
    assert given["loans"].shape == (files.LOANS + files.OF_A_KIND + files.TWINS, 58)
