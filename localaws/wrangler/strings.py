"""Format string: case, padding, stripping, prefixes, symbols."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Step, change, choose, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import text

_WIDEST = 1000
_SYMBOLS = "!@#$%^&*()_+=-/\\`~{}|<>?"


def format_string(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, _ = choose(step.parameters, _TABLE)
    return change(step.frame, given, function)


def _each(series: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    values = text(series)
    return values.map(lambda v: None if v is None else function(v)).astype(object)


def _lower(series: pd.Series) -> pd.Series:
    return _each(series, str.lower)


def _upper(series: pd.Series) -> pd.Series:
    return _each(series, str.upper)


def _title(series: pd.Series) -> pd.Series:
    return _each(series, str.title)


def _capitalize(series: pd.Series) -> pd.Series:
    return _each(series, str.capitalize)


def _swap(series: pd.Series) -> pd.Series:
    return _each(series, str.swapcase)


def _left(series: pd.Series, *, width: Any, fill_character: str = " ") -> pd.Series:
    size, fill = _padding(width, fill_character)
    # Spark's pad cuts what is longer
    return _each(series, lambda v: v.rjust(size, fill)[:size])


def _right(series: pd.Series, *, width: Any, fill_character: str = " ") -> pd.Series:
    size, fill = _padding(width, fill_character)
    return _each(series, lambda v: v.ljust(size, fill)[:size])


def _center(series: pd.Series, *, width: Any, fill_character: str = " ") -> pd.Series:
    size, fill = _padding(width, fill_character)
    return _each(series, lambda v: v.center(size, fill))


def _padding(width: Any, fill: str) -> tuple[int, str]:
    size = whole(width, "width")
    if size > _WIDEST:
        raise FlowError(f"width must be at most {_WIDEST}; found {size}")
    if len(fill) != 1:
        raise FlowError(f"fill_character must be one character; found {fill!r}")
    return size, fill


def _zeros(series: pd.Series, *, width: Any) -> pd.Series:
    return _left(series, width=width, fill_character="0")


def _strip_left(
    series: pd.Series, *, characters_to_remove: str | None = None
) -> pd.Series:
    return _each(series, lambda v: v.lstrip(characters_to_remove))


def _strip_right(
    series: pd.Series, *, characters_to_remove: str | None = None
) -> pd.Series:
    return _each(series, lambda v: v.rstrip(characters_to_remove))


def _strip(series: pd.Series, *, characters_to_remove: str | None = None) -> pd.Series:
    return _each(series, lambda v: v.strip(characters_to_remove))


def _prefix(series: pd.Series, *, prefix: str) -> pd.Series:
    return _each(series, lambda v: prefix + v)


def _suffix(series: pd.Series, *, suffix: str) -> pd.Series:
    return _each(series, lambda v: v + suffix)


def _symbols(series: pd.Series, *, symbols: str = "") -> pd.Series:
    gone = str.maketrans("", "", symbols or _SYMBOLS)
    return _each(series, lambda v: v.translate(gone))


_TABLE = {
    "Lower case": (_lower, "lower_case_parameters"),
    "Upper case": (_upper, "upper_case_parameters"),
    "Title case": (_title, "title_case_parameters"),
    "Capitalize": (_capitalize, "capitalize_parameters"),
    "Swap case": (_swap, "swap_case_parameters"),
    "Left pad": (_left, "left_pad_parameters"),
    "Right pad": (_right, "right_pad_parameters"),
    "Center (pad on either side)": (_center, "center_pad_on_either_side_parameters"),
    "Strip characters from left": (
        _strip_left,
        "strip_characters_from_left_parameters",
    ),
    "Strip characters from right": (
        _strip_right,
        "strip_characters_from_right_parameters",
    ),
    "Strip left and right": (_strip, "strip_left_and_right_parameters"),
    "Prepend zeros": (_zeros, "prepend_zeros_parameters"),
    "Add prefix": (_prefix, "add_prefix_parameters"),
    "Add suffix": (_suffix, "add_suffix_parameters"),
    "Remove symbols": (_symbols, "remove_symbols_parameters"),
}
