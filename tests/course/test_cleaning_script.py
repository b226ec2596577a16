"""The script with which lesson 1.2a cleans flights and weather."""

from runpy import run_path

import pandas as pd
import pytest

from helpers.samples import sample, table

CLEAN = run_path(str(sample("scripts/cleaning/clean.py")))
HOUR = ["origin", "time_hour"]


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    return CLEAN["clean_weather"](table("weather"))


def test_copies_go_and_the_hour_that_came_twice_stays(weather: pd.DataFrame) -> None:
    landed = table("weather")
    again = CLEAN["clean_weather"](pd.concat([landed, landed[landed["month"] == 2]]))
    pd.testing.assert_frame_equal(again, weather)
    assert len(weather) == len(landed)
    both = pd.to_datetime(["2013-11-03 05:00", "2013-11-03 06:00"], utc=True)
    assert weather["time_hour"].isin(both).sum() == 6


def test_the_false_wind_is_a_gap_and_reaches_no_later_hour(
    weather: pd.DataFrame,
) -> None:
    landed = table("weather").sort_values(HOUR).reset_index(drop=True)
    false = landed["wind_speed"] > 253
    assert false.sum() == 1
    assert weather.loc[false.to_numpy(), "wind_speed"].isna().all()
    assert weather[["wind_speed", "storm"]].max().max() < 50
    assert (weather["storm"] >= weather["wind_speed"].fillna(0)).all()


def test_no_flight_is_lost_and_none_doubled(weather: pd.DataFrame) -> None:
    flights = pd.read_parquet(sample("flights_feb.parquet"))
    rows = CLEAN["combine"](flights, weather, table("planes"))
    assert rows["flight"].tolist() == flights["flight"].tolist()
    envoy = rows[rows["carrier"] == "MQ"]
    assert envoy["seats_unknown"].mean() > 0.9
    assert (rows["seats"].isna() == rows["seats_unknown"].astype(bool)).all()


def test_weather_that_repeats_an_hour_is_refused(weather: pd.DataFrame) -> None:
    flights = pd.read_parquet(sample("flights_feb.parquet"))
    doubled = pd.concat([weather, weather.head(1)])
    with pytest.raises(pd.errors.MergeError, match="not a many-to-one"):
        CLEAN["combine"](flights, doubled, table("planes"))


def test_fills_are_medians_of_the_rows_that_it_learns_from(
    weather: pd.DataFrame,
) -> None:
    flights = pd.read_parquet(sample("flights_feb.parquet"))
    rows = CLEAN["combine"](flights, weather, table("planes"))
    fills = CLEAN["learn"](rows.head(5000))
    assert fills["temp"] == rows["temp"].head(5000).median()
    assert fills["temp"] != rows["temp"].median()
    assert rows[list(fills)].fillna(fills).notna().all().all()
