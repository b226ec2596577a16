"""Transforms of strings and times."""

import numpy as np
import pandas as pd
import pytest

from tests.localaws.wrangler.flows import Flow, results, store

WORDS = pd.Series(["  ab-Cd ", "x(1)y(2)z", None, "a,b,,c"])


@pytest.fixture
def words(flow: Flow) -> str:
    """A node that holds strings."""
    frame = pd.DataFrame({"w": WORDS, "n": range(4)})
    return flow.source("words", store("raw/words.csv", frame))


def told(series: pd.Series) -> list[object]:
    return [None if value is None or value is np.nan else value for value in series]


def expected(series: pd.Series) -> list[object]:
    return [None if pd.isna(value) else value for value in series]


def test_strings_are_formatted(flow: Flow, role: str, words: str) -> None:
    def form(choice: str, member: str, **given: object) -> str:
        given = {"input_column": "w", "output_column": "o", **given}
        return flow.chosen(
            "format_string", choice, f"{member}_parameters", words, **given
        )

    found = results(
        flow,
        role,
        lower=form("Lower case", "lower_case"),
        upper=form("Upper case", "upper_case"),
        title=form("Title case", "title_case"),
        capital=form("Capitalize", "capitalize"),
        swapped=form("Swap case", "swap_case"),
        left=form("Left pad", "left_pad", width=10, fill_character="*"),
        cut=form("Right pad", "right_pad", width=3),
        center=form(
            "Center (pad on either side)",
            "center_pad_on_either_side",
            width=12,
            fill_character=".",
        ),
        stripped=form("Strip left and right", "strip_left_and_right"),
        lefts=form(
            "Strip characters from left",
            "strip_characters_from_left",
            characters_to_remove=" a",
        ),
        zeros=form("Prepend zeros", "prepend_zeros", width=3, input_column="n"),
        prefix=form("Add prefix", "add_prefix", prefix=">"),
        suffix=form("Add suffix", "add_suffix", suffix="<"),
        plain=form("Remove symbols", "remove_symbols"),
    )
    s = WORDS.str
    assert {name: told(frame["o"]) for name, frame in found.items()} == {
        "lower": expected(s.lower()),
        "upper": expected(s.upper()),
        "title": expected(s.title()),
        "capital": expected(s.capitalize()),
        "swapped": expected(s.swapcase()),
        "left": ["**  ab-Cd ", "*x(1)y(2)z", None, "****a,b,,c"],
        "cut": ["  a", "x(1", None, "a,b"],
        "center": expected(s.center(12, ".")),
        "stripped": expected(s.strip()),
        "lefts": ["b-Cd ", "x(1)y(2)z", None, ",b,,c"],
        "zeros": ["000", "001", "002", "003"],
        "prefix": [">  ab-Cd ", ">x(1)y(2)z", None, ">a,b,,c"],
        "suffix": ["  ab-Cd <", "x(1)y(2)z<", None, "a,b,,c<"],
        "plain": ["  abCd ", "x1y2z", None, "a,b,,c"],
    }


def test_patterns_are_found_and_replaced(flow: Flow, role: str, words: str) -> None:
    def edit(choice: str, member: str, **given: object) -> str:
        given = {"input_column": "w", "output_column": "o", **given}
        return flow.chosen(
            "search_and_edit", choice, f"{member}_parameters", words, **given
        )

    found = results(
        flow,
        role,
        replaced=edit(
            "Find and replace substring",
            "find_and_replace_substring",
            pattern=r"\((\d)\)",
            replacement="[$1]",
        ),
        split=edit(
            "Split string by delimiter", "split_string_by_delimiter", delimiter=","
        ),
        at=edit("Find substring", "find_substring", needle="b"),
        last=edit(
            "Find substring (from right)", "find_substring_from_right", needle="("
        ),
        like=edit("Matches", "matches", pattern="A", case=False),
        all=edit("Find all occurrences", "find_all_occurrences", pattern=r"\d"),
        regex=edit("Extract using regex", "extract_using_regex", pattern=r"\((.)\)"),
        between=edit(
            "Extract between delimiters",
            "extract_between_delimiters",
            left_delimiter="(",
            right_delimiter=")",
        ),
        part=edit(
            "Extract from position", "extract_from_position", start_position=3, length=2
        ),
        inside=edit(
            "Replace between delimiters",
            "replace_between_delimiters",
            left_delimiter="(",
            right_delimiter=")",
            replacement="-",
        ),
        over=edit(
            "Replace from position",
            "replace_from_position",
            start_position=2,
            length=3,
            replacement="_",
        ),
        gone=edit(
            "Convert regex to missing", "convert_regex_to_missing", pattern="a.*"
        ),
        kept=edit(
            "Convert non-matches to missing",
            "convert_non_matches_to_missing",
            pattern="a.*",
        ),
    )
    lists = {name: found.pop(name)["o"] for name in ("split", "all")}
    assert list(lists["split"][3]) == ["a", "b", "", "c"]
    assert list(lists["all"][1]) == ["1", "2"]
    assert {
        name: [None if pd.isna(v) else v for v in frame["o"]]
        for name, frame in found.items()
    } == {
        "replaced": ["  ab-Cd ", "x[1]y[2]z", None, "a,b,,c"],
        "at": [3.0, -1.0, None, 2.0],
        "last": [-1.0, 5.0, None, -1.0],
        "like": [False, False, None, True],
        "regex": ["", "1", None, ""],
        "between": ["", "1)y(2", None, ""],
        "part": ["ab", "1)", None, "b,"],
        "inside": ["  ab-Cd ", "x(-)z", None, "a,b,,c"],
        "over": [" _-Cd ", "x_y(2)z", None, "a_,c"],
        "gone": ["  ab-Cd ", "x(1)y(2)z", None, None],
        "kept": [None, None, None, "a,b,,c"],
    }


def test_times_become_features(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def parts(**given: object) -> dict[str, object]:
        return {
            "input_column": "at",
            "output_mode": "Ordinal",
            "output_format": "Columns",
            "infer_datetime_format": False,
            "date_time_format": "",
            **given,
        }

    seconds = pd.DataFrame({"at": [1_357_000_200, 1_360_000_000]})
    numbers = flow.typed(flow.source("seconds", store("raw/seconds.csv", seconds)))
    member = "Featurize datetime_parameters"
    found = results(
        flow,
        role,
        counted=flow.chosen(
            "featurize_date_time",
            "Extract columns",
            "extract_columns_parameters",
            flow.rows,
            **parts(year=True, month=True, day=True, hour=True, week_of_year=True),
        ),
        usual=flow.chosen(
            "time_series",
            "Featurize datetime",
            member,
            flow.rows,
            **parts(month=True, quarter=True, use_one_indexing=True, output_column="t"),
        ),
        round=flow.chosen(
            "time_series",
            "Featurize datetime",
            member,
            flow.rows,
            **parts(month=True, output_mode="Cyclic"),
        ),
        epoch=flow.chosen(
            "time_series", "Featurize datetime", member, numbers, **parts(year=True)
        ),
    )
    at = pd.to_datetime(table["at"]).dt
    assert found["counted"]["at_year"].tolist() == at.year.tolist()
    assert found["counted"]["at_month"].tolist() == (at.month - 1).tolist()
    assert found["counted"]["at_day"].tolist() == (at.day - 1).tolist()
    assert found["counted"]["at_hour"].tolist() == at.hour.tolist()
    weeks = (at.isocalendar().week - 1).tolist()
    assert found["counted"]["at_week_of_year"].tolist() == weeks
    assert found["usual"]["t_month"].tolist() == at.month.tolist()
    assert found["usual"]["t_quarter"].tolist() == at.quarter.tolist()
    angle = (at.month - 1).to_numpy() * 2 * np.pi / 12
    assert found["round"]["at_month_1"].to_numpy() == pytest.approx(np.sin(angle))
    assert found["round"]["at_month_2"].to_numpy() == pytest.approx(np.cos(angle))
    assert found["epoch"]["at_year"].tolist() == [2013, 2013]
