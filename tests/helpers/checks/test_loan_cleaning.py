"""Lab 1.2, task 1: right answers pass on any seed, each wrong one has its message."""

from functools import cache

import nbformat
import pandas as pd
import pytest

from helpers.authoring.manifest import ROOT
from helpers.check import CheckFailed, checks_of

CHECK = checks_of("lab_1_2")["clean_without_leaks"]
SOLUTION = ROOT / "solutions" / "lab_1_2.ipynb"


@cache
def solution():
    """The answer of the solution."""
    cells = nbformat.read(SOLUTION, as_version=4).cells
    source = next(c.source for c in cells if c.id == "clean-without-leaks-answer")
    names = {"pd": pd}
    exec(source, names)
    return names["clean_without_leaks"]


def refused(answer):
    with pytest.raises(CheckFailed) as failure:
        CHECK(13, answer, None)
    return failure.value


def wrongly(change):
    """The solution's answer, with something else in its stead."""

    def answer(loans, book):
        right = solution()(loans.copy(), book)
        return right | change(loans, right)

    return answer


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_solution_passes(seed):
    said = CHECK(seed, solution(), None)
    assert said.startswith("100% of the defects found, 100% of what you set aside")


def test_the_graded_files_are_not_those_of_the_notebook():
    inputs = CHECK.inputs(13)
    assert inputs["graded"] != inputs["seed"]
    assert "leaks" not in inputs


@pytest.mark.parametrize("kind", ["income", "word", "copy", "part", "range"])
def test_a_kind_of_defect_that_is_left_in_is_named(kind):
    rules = {
        "income": "annual_income",
        "word": "a word that is not in the list",
        "copy": "a later row of it is a copy",
        "part": "more than its whole",
        "range": "outside the range",
    }

    def answer(loans, book):
        if kind == "income":
            loans["annual_income"] *= 1_000
        if kind == "word":
            book = {n: s for n, s in book.items() if not isinstance(s[0], str)}
        if kind == "copy":
            loans["application"] = loans["row"]
        if kind == "part":
            loans["open_credit_lines"] = loans["num_open_cc_accounts"] = 0
        if kind == "range":
            book = {n: s for n, s in book.items() if isinstance(s[0], str)}
        return solution()(loans, book)

    failure = refused(answer)
    assert failure.found == "80%; of the kind that you find least often, 0%"
    assert rules[kind] in failure.look


def test_half_of_the_defects_are_not_enough():
    failure = refused(wrongly(lambda _, right: {"defects": right["defects"][::2]}))
    assert failure.found.startswith("50%")
    assert "95% of the 250 rows" in failure.asked


def test_what_is_rare_and_true_is_no_defect():
    def answer(loans, right):
        high = loans.loc[loans["annual_income"] > 200_000, "row"]
        return {"defects": [*right["defects"], *high]}

    assert "have none" in refused(wrongly(answer)).found


@pytest.mark.parametrize(
    ("rows_of", "said"),
    [
        (lambda loans, kept: kept, "the median of both parts"),
        (lambda loans, kept: kept[kept["part"] == "test"], "that of the test rows"),
        (lambda loans, kept: loans[loans["part"] == "train"], "with the defects in it"),
        (lambda loans, kept: loans, "the median of all files as they came"),
    ],
)
def test_a_fill_that_is_not_from_the_training_rows_says_whence_it_is(rows_of, said):
    def answer(loans, right):
        kept = loans[~loans["row"].isin(right["defects"])]
        fills = rows_of(loans, kept)[[*right["fills"]]].median().to_dict()
        rows = right["rows"].copy()
        for name in fills:
            rows.loc[rows[f"{name}_known"] == 0, name] = fills[name]
        return {"fills": fills, "rows": rows}

    failure = refused(wrongly(answer))
    assert said in failure.found
    assert "the median of the training rows" in failure.asked


def test_a_mean_is_called_one():
    def answer(loans, right):
        rows = right["rows"].copy()
        name = "months_since_last_delinq"
        train = rows[(rows["part"] == "train") & (rows[f"{name}_known"] == 1)]
        mean = train[name].mean()
        rows.loc[rows[f"{name}_known"] == 0, name] = mean
        return {"fills": right["fills"] | {name: mean}, "rows": rows}

    assert refused(wrongly(answer)).found.endswith(", the mean")


def test_all_files_of_a_loan_that_was_sent_again_are_too_many():
    def answer(loans, right):
        sent = loans["application"][loans.duplicated("application")]
        every = loans.loc[loans["application"].isin(sent), "row"]
        return {"defects": [*right["defects"], *every]}

    assert "the first" in refused(wrongly(answer)).look


def test_columns_of_the_day_of_the_decision_may_go_or_stay():
    either = ["issue_month", "initial_listing_status", "disbursement_method"]

    def answer(loans, right):
        return {"rows": right["rows"].drop(columns=either)}

    assert "no leak" in CHECK(13, wrongly(answer), None)


@pytest.mark.parametrize("name", ["grade", "installment", "paid_late_fees"])
def test_a_column_from_the_future_is_named(name):
    failure = refused(
        wrongly(lambda loans, right: {"rows": right["rows"].join(loans[name])})
    )
    assert (failure.found, failure.asked[:9]) == (name, "no column")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.iloc[1:], "4,829 rows"),
        (lambda rows: pd.concat([rows, rows[:1]]), "4,831 rows, 4,830 of them"),
        (lambda rows: rows.drop(columns="state"), "without state"),
        (lambda rows: rows.drop(columns="interest_rate"), "without interest_rate"),
        (lambda rows: rows.assign(loan_amount=0), "others in loan_amount"),
        (lambda rows: rows.drop(columns="emp_length_known"), "no such column"),
        (lambda rows: rows.assign(emp_length_known=1), "another one"),
        (lambda rows: rows.replace({"emp_title": {"none": "manager"}}), "manager"),
        (
            lambda rows: rows.replace({"emp_title": {"none": None}}),
            "gaps in 1 columns, such as emp_title (380)",
        ),
        (lambda rows: rows.drop(columns="row"), "rows: a frame without the column row"),
        (lambda rows: None, "rows: None"),
    ],
)
def test_what_is_wrong_with_the_rows_is_said(change, said):
    failure = refused(wrongly(lambda _, right: {"rows": change(right["rows"])}))
    assert said in failure.found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda loans, book: None, "None"),
        (lambda loans, book: {"rows": loans}, "a dict of rows"),
        (lambda loans, book: ([1, 2], {}, loans), "a tuple"),
        (wrongly(lambda _, right: {"defects": None}), "defects: None, not the num"),
        (wrongly(lambda _, right: {"defects": [True]}), "defects: a list, not the"),
        (wrongly(lambda _, right: {"fills": 6.0}), "fills: a float, not a number by"),
        (wrongly(lambda _, right: {"fills": {}}), "0; missing or too many: annual_inc"),
        (wrongly(lambda _, right: {"defects": []}), "0%"),
    ],
)
def test_an_answer_of_another_form_is_said_back(answer, said):
    assert said in refused(answer).found
