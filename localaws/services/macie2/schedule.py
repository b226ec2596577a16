"""When a recurring job runs next."""

import calendar
import datetime as dt
from typing import Any

_DAYS = [name.upper() for name in calendar.day_name]
_DAY = dt.timedelta(days=1)


def next_run(frequency: dict[str, Any], after: dt.datetime) -> dt.datetime:
    """Return the first time behind another, at the same time of the day.

    Args:
        frequency: As CreateClassificationJob takes it.
        after: The time of the run before, or of the job's creation.
    """
    if "weeklySchedule" in frequency:
        wanted = _DAYS.index(frequency["weeklySchedule"]["dayOfWeek"])
        days = (wanted - after.weekday() - 1) % 7 + 1
        return after + days * _DAY
    if "monthlySchedule" in frequency:
        wanted = frequency["monthlySchedule"]["dayOfMonth"]
        found = after + _DAY
        while found.day != min(wanted, _last(found)):
            found += _DAY
        return found
    return after + _DAY


def _last(moment: dt.datetime) -> int:
    return calendar.monthrange(moment.year, moment.month)[1]
