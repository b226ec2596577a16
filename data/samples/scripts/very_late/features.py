"""What the on-time desk knows about a flight two hours before it leaves."""

import pandas as pd

TARGET = "very_late"
CODES = ["carrier", "origin", "dest"]
FEATURES = [
    *CODES,
    "weekday",
    "hour",
    "minute",
    "distance",
    "temp",
    "humid",
    "wind_dir",
    "wind_speed",
    "precip",
    "pressure",
    "visib",
    "built",
    "seats",
    "engines",
    "origin_delay",
    "carrier_delay",
]


def build(
    flights: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame
) -> pd.DataFrame:
    """Give one row for each flight that arrived: month, label, then the features.

    Every column is a number. Carrier, origin and destination become codes, the most
    frequent 0; what is not known stays empty.
    """
    flights = flights.assign(departs=pd.to_datetime(flights["time_hour"]))
    weather = weather.drop(columns=["year", "month", "day", "hour"])
    planes = planes[["tailnum", "year", "seats", "engines"]]
    table = (
        flights.join(recent(flights, ["origin"], "origin_delay"))
        .join(recent(flights, ["origin", "carrier"], "carrier_delay"))
        .merge(weather, on=["origin", "time_hour"], how="left")
        .merge(planes.rename(columns={"year": "built"}), on="tailnum", how="left")
        .dropna(subset="arr_delay")
        .assign(
            very_late=lambda rows: (rows["arr_delay"] > 60).astype(int),
            weekday=lambda rows: rows["departs"].dt.day_of_week,
        )
    )
    for name in CODES:
        order = {code: n for n, code in enumerate(table[name].value_counts().index)}
        table[name] = table[name].map(order)
    return table[["month", TARGET, *FEATURES]].reset_index(drop=True)


def recent(flights: pd.DataFrame, keys: list[str], name: str) -> pd.Series:
    """Give the mean departure delay, in minutes, that was known two hours before.

    It averages the flights that left in the third to the fifth hour before the hour
    of departure, by their actual time: later ones are not known yet.
    """
    delay = pd.to_timedelta(flights["minute"] + flights["dep_delay"], unit="min")
    left = flights.assign(departs=(flights["departs"] + delay).dt.floor("h"))
    hourly = left.dropna(subset="dep_delay").groupby([*keys, "departs"])["dep_delay"]
    hourly = hourly.agg(["sum", "count"]).reset_index()
    window = pd.concat(
        hourly.assign(departs=hourly["departs"] + pd.Timedelta(hours=hours))
        for hours in (3, 4, 5)
    )
    total = window.groupby([*keys, "departs"])[["sum", "count"]].sum()
    mean = (total["sum"] / total["count"]).round(2).rename(name)
    return flights[[*keys, "departs"]].join(mean, on=[*keys, "departs"])[name]
