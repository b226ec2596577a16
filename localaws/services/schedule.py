"""Schedule expressions of EventBridge: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)`."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from localaws.errors import AwsError, NotImplementedHere

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = [name.upper() for name in calendar.month_abbr]
_DAYS = ["", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_YEARS = 1970, 2199
_AHEAD = 366 * 8
_ELSE = {"L": "means the last", "W": "means the nearest weekday", "#": "counts weeks"}


@dataclass(frozen=True)
class _Cron:
    """The values that each field lets through; None where a day may be any."""

    minutes: list[int]
    hours: list[int]
    days: set[int] | None
    months: set[int]
    weekdays: set[int] | None
    years: set[int]

    def lets(self, day: dt.date) -> bool:
        weekday = day.isoweekday() % 7 + 1
        return (
            day.year in self.years
            and day.month in self.months
            and (self.days is None or day.day in self.days)
            and (self.weekdays is None or weekday in self.weekdays)
        )

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        for ahead in range(_AHEAD):
            day = moment.date() + dt.timedelta(days=ahead)
            if not self.lets(day):
                continue
            for hour in self.hours:
                for minute in self.minutes:
                    time = dt.time(hour, minute, tzinfo=dt.UTC)
                    found = dt.datetime.combine(day, time)
                    if found > moment:
                        return found
        return None


def following(expression: str, moment: dt.datetime) -> dt.datetime | None:
    """Return when a schedule is due next, or None if never again.

    Args:
        expression: The schedule.
        moment: The time, or that at which it was due last.

    Raises:
        AwsError: It is no schedule.
        NotImplementedHere: It has signs that do not act here.
    """
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression)
    if rate:
        count, unit, several = int(rate[1]), rate[2], rate[3]
        if count < 1 or (count > 1) != bool(several):
            raise _wrong()
        return moment + dt.timedelta(seconds=count * _UNITS[unit])
    cron = re.fullmatch(r"cron\((.+)\)", expression)
    fields = cron[1].split() if cron else []
    if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
        raise _wrong()
    for sign, means in _ELSE.items():
        if sign in fields[2] or sign in fields[4].replace("FRI", ""):
            raise NotImplementedHere(f"events:PutRule ScheduleExpression {sign}", means)
    minutes, hours, days, months, weekdays, years = fields
    return _Cron(
        minutes=sorted(_values(minutes, 0, 59)),
        hours=sorted(_values(hours, 0, 23)),
        days=None if days == "?" else _values(days, 1, 31),
        months=_values(months, 1, 12, _MONTHS),
        weekdays=None if weekdays == "?" else _values(weekdays, 1, 7, _DAYS),
        years=_values(years, *_YEARS),
    ).after(moment)


def _values(
    field: str, least: int, most: int, names: list[str] | None = None
) -> set[int]:
    """Return the values of a field such as `0/15`, `MON-FRI` or `1,2`."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            low, high = least, most
        else:
            low = _number(first, names)
            high = _number(last, names) if last else most if step else low
        if not least <= low <= high <= most or step == "0":
            raise _wrong()
        found |= set(range(low, high + 1, int(step or 1)))
    return found


def _number(text: str, names: list[str] | None) -> int:
    if names and text.upper() in names[1:]:
        return names.index(text.upper())
    if not text.isdigit():
        raise _wrong()
    return int(text)


def _wrong() -> AwsError:
    return AwsError("ValidationException", "Parameter ScheduleExpression is not valid.")
