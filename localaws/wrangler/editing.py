"""Search and edit: patterns in strings, found, taken out and replaced."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Step, change, choose, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import text


def search_and_edit(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, _ = choose(step.parameters, _TABLE)
    return change(step.frame, given, function)


def _each(series: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    values = text(series)
    return values.map(lambda v: None if v is None else function(v)).astype(object)


def _regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise FlowError(
            f"the pattern {pattern!r} is no regular expression: {error}"
        ) from error


def _replace(series: pd.Series, *, pattern: str, replacement: str = "") -> pd.Series:
    regex = _regex(pattern)
    # Java names a group $1
    spelled = re.sub(r"\$(\d+)", r"\\g<\1>", replacement)
    return _each(series, lambda v: regex.sub(spelled, v))


def _split(series: pd.Series, *, delimiter: str = "", limit: Any = None) -> pd.Series:
    regex = _regex(re.escape(delimiter) if delimiter else r"\s+")
    most = whole(limit, "limit") - 1 if limit else 0
    if limit and most == 0:
        return _each(series, lambda v: [v])
    return _each(series, lambda v: regex.split(v, maxsplit=max(most, 0)))


def _find(
    series: pd.Series, *, needle: str, start_index: Any = 0, end_index: Any = None
) -> pd.Series:
    place = _span(start_index, end_index)
    return _each(series, lambda v: float(v.find(needle, *place))).astype("float64")


def _find_right(
    series: pd.Series, *, needle: str, start_index: Any = 0, end_index: Any = None
) -> pd.Series:
    place = _span(start_index, end_index)
    return _each(series, lambda v: float(v.rfind(needle, *place))).astype("float64")


def _span(start: Any, end: Any) -> tuple[int, int | None]:
    return whole(start, "start_index"), None if end is None else whole(end, "end_index")


def _matches(series: pd.Series, *, pattern: str, case: Any) -> pd.Series:
    regex = _regex(pattern, 0 if case else re.IGNORECASE)
    return _each(series, lambda v: bool(regex.match(v))).astype("boolean")


def _find_all(series: pd.Series, *, pattern: str) -> pd.Series:
    regex = _regex(pattern)
    return _each(series, regex.findall)


def _extract(series: pd.Series, *, pattern: str, index: Any = None) -> pd.Series:
    regex = _regex(pattern)
    group = min(1, regex.groups) if index is None else whole(index, "index")
    if group > regex.groups:
        raise FlowError(
            f"the pattern {pattern!r} has {regex.groups} groups, not {group}"
        )

    def taken(value: str) -> str:
        found = regex.search(value)
        return (found.group(group) or "") if found else ""

    return _each(series, taken)


def _extract_between(
    series: pd.Series, *, left_delimiter: str, right_delimiter: str
) -> pd.Series:
    left, right = re.escape(left_delimiter), re.escape(right_delimiter)
    return _extract(series, pattern=f"{left}(.*){right}")


def _extract_from(series: pd.Series, *, start_position: Any, length: Any) -> pd.Series:
    start, size = whole(start_position, "start_position"), whole(length, "length")
    begin = max(start - 1, 0)
    return _each(series, lambda v: v[begin : begin + size])


def _replace_between(
    series: pd.Series, *, left_delimiter: str, right_delimiter: str, replacement: str
) -> pd.Series:
    left, right = re.escape(left_delimiter), re.escape(right_delimiter)
    regex = _regex(f"({left})(.*)({right})")
    return _each(series, lambda v: regex.sub(lambda m: m[1] + replacement + m[3], v))


def _replace_from(
    series: pd.Series, *, start_position: Any, length: Any, replacement: str
) -> pd.Series:
    start, size = whole(start_position, "start_position"), whole(length, "length")
    begin = max(start - 1, 0)
    return _each(series, lambda v: v[:begin] + replacement + v[begin + size :])


def _regex_to_missing(series: pd.Series, *, pattern: str) -> pd.Series:
    regex = _regex(f"^{pattern}$")
    return _each(series, lambda v: None if regex.search(v) else v)


def _others_to_missing(series: pd.Series, *, pattern: str) -> pd.Series:
    regex = _regex(f"^{pattern}$")
    return _each(series, lambda v: v if regex.search(v) else None)


_TABLE = {
    "Find and replace substring": (_replace, "find_and_replace_substring_parameters"),
    "Split string by delimiter": (_split, "split_string_by_delimiter_parameters"),
    "Find substring": (_find, "find_substring_parameters"),
    "Find substring (from right)": (
        _find_right,
        "find_substring_from_right_parameters",
    ),
    "Matches": (_matches, "matches_parameters"),
    "Find all occurrences": (_find_all, "find_all_occurrences_parameters"),
    "Extract using regex": (_extract, "extract_using_regex_parameters"),
    "Extract between delimiters": (
        _extract_between,
        "extract_between_delimiters_parameters",
    ),
    "Extract from position": (_extract_from, "extract_from_position_parameters"),
    "Replace between delimiters": (
        _replace_between,
        "replace_between_delimiters_parameters",
    ),
    "Replace from position": (_replace_from, "replace_from_position_parameters"),
    "Convert regex to missing": (
        _regex_to_missing,
        "convert_regex_to_missing_parameters",
    ),
    "Convert non-matches to missing": (
        _others_to_missing,
        "convert_non_matches_to_missing_parameters",
    ),
}
