"""Date and time functions: parts, formats, sums and differences."""

import re
from collections.abc import Callable

import pandas as pd

from localaws.brew.casting import moment, timestamps
from localaws.brew.errors import BrewError
from localaws.brew.frames import need, strings
from localaws.brew.functions import argument
from localaws.brew.step import Step

PARTS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "YEAR": lambda times: times.dt.year,
    "QUARTER": lambda times: times.dt.quarter,
    "MONTH": lambda times: times.dt.month,
    "DAY": lambda times: times.dt.day,
    "HOUR": lambda times: times.dt.hour,
    "MINUTE": lambda times: times.dt.minute,
    "SECOND": lambda times: times.dt.second,
    # the guide does not say where a week begins: Sunday is 1, as in Spark
    "WEEK_DAY": lambda times: (times.dt.day_of_week + 1) % 7 + 1,
    "WEEK_NUMBER": lambda times: times.dt.isocalendar().week,
}
_DEFAULT = "yyyy-mm-dd HH:MM:SS"
_WORDS = {
    "yyyy": "%Y",
    "yy": "%y",
    "month": "%B",
    "mm": "%m",
    "dd": "%d",
    "HH": "%H",
    "MM": "%M",
    "SS": "%S",
}
_SECONDS = {
    "MICROSECONDS": 1e-6,
    "MILLISECONDS": 1e-3,
    "SECONDS": 1,
    "MINUTES": 60,
    "HOURS": 3600,
    "DAYS": 86400,
    "WEEKS": 604800,
}
_MONTHS = {"MONTHS": 1, "QUARTERS": 3, "YEARS": 12}


def part(name: str) -> Callable[[Step], pd.DataFrame]:
    """Return a function that takes a part of a date."""

    def act(step: Step) -> pd.DataFrame:
        found = PARTS[name](timestamps(argument(step)))
        return step.new(found.astype("Int32"))

    return act


def month_name(step: Step) -> pd.DataFrame:
    """MONTH_NAME."""
    shown = timestamps(argument(step)).dt.month_name()
    return step.new(shown.astype(object).where(shown.notna(), None))


def _written(step: Step, times: pd.Series) -> pd.DataFrame:
    form = step.text("dateTimeFormat", _DEFAULT)
    pattern = re.compile("|".join(_WORDS))
    left = pattern.sub("", form)
    if re.search(r"[A-Za-z%]", left):
        known = ", ".join(_WORDS)
        raise BrewError(f"dateTimeFormat {form!r}: here its parts are {known}.")
    shown = times.dt.strftime(pattern.sub(lambda found: _WORDS[found[0]], form))
    return step.new(shown.astype(object).where(times.notna(), None))


def date_format(step: Step) -> pd.DataFrame:
    """DATE_FORMAT: a date in a form such as `month*dd*yyyy`."""
    return _written(step, timestamps(argument(step)))


def _unit(step: Step) -> str:
    return step.choice("units", *_SECONDS, *_MONTHS)


def date_add(step: Step) -> pd.DataFrame:
    """DATE_ADD: a month has its last day where it has no other."""
    times, unit, count = (
        timestamps(argument(step)),
        _unit(step),
        step.whole("dateAddValue"),
    )
    if unit in _MONTHS:
        offset = pd.DateOffset(months=count * _MONTHS[unit])
        return _written(step, times.map(lambda v: v if pd.isna(v) else v + offset))
    return _written(step, times + pd.to_timedelta(count * _SECONDS[unit], unit="s"))


def date_diff(step: Step) -> pd.DataFrame:
    """DATE_DIFF: whole units from the first date to the second."""
    first, second = _ends(step)
    unit = _unit(step)
    if unit in _SECONDS:
        seconds = (second - first).dt.total_seconds()
        found = (seconds / _SECONDS[unit]).astype("float64")
    else:
        months = (second.dt.year - first.dt.year) * 12
        months += second.dt.month - first.dt.month
        within = second - second.dt.to_period("M").dt.start_time
        before = first - first.dt.to_period("M").dt.start_time
        short = (within < before) & (months > 0)
        over = (within > before) & (months < 0)
        found = (months - short + over) / _MONTHS[unit]
    cut = found.map(lambda v: v if pd.isna(v) else float(int(v)))
    return step.new(cut.astype("float64").astype("Int64"))


def _ends(step: Step) -> tuple[pd.Series, pd.Series]:
    found = []
    for number in ("1", "2"):
        column, value = f"sourceColumn{number}", f"value{number}"
        if (column in step.given) == (value in step.given):
            raise BrewError(f"Specify either {column} or {value}, but not both.")
        if column in step.given:
            name = need(step.frame, step.text(column))[0]
            found.append(timestamps(step.frame[name]))
        else:
            moment(step.text(value))
            size = len(step.frame)
            shown = strings([step.text(value)] * size, step.frame.index)
            found.append(timestamps(shown))
    return found[0], found[1]
