"""Clean flights and weather into rows for a model, learning from the training months.

What is learned, such as a median, comes from January to August alone, and is kept
beside the rows: whoever serves the model fills the same gaps with the same values.
"""

import argparse
import json
from pathlib import Path

import pandas as pd

ROOT = Path("/opt/ml/processing")
KEY = ["origin", "time_hour"]
# The strongest gust that was ever measured outside a tornado, miles an hour.
RECORD_WIND = 253
MEASURED = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
AIRCRAFT = ["seats", "built"]


def clean_weather(weather: pd.DataFrame) -> pd.DataFrame:
    """Give one row for each airport and UTC hour, without impossible winds."""
    once = weather.drop_duplicates(KEY, keep="last").sort_values(KEY)
    possible = once["wind_speed"] <= RECORD_WIND
    once = once.assign(wind_speed=once["wind_speed"].where(possible))
    hourly = once.set_index("time_hour").groupby("origin")["wind_speed"]
    storm = hourly.rolling("6h").max().rename("storm").reset_index()
    return once[[*KEY, *MEASURED]].merge(storm, on=KEY)


def combine(
    flights: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame
) -> pd.DataFrame:
    """Join without losing a flight, and mark what was not found."""
    aircraft = planes.rename(columns={"year": "built"})[["tailnum", *AIRCRAFT]]
    rows = flights.merge(weather, on=KEY, how="left", validate="many_to_one")
    rows = rows.merge(aircraft, on="tailnum", how="left", validate="many_to_one")
    for name in ("pressure", "seats"):
        rows[f"{name}_unknown"] = rows[name].isna().astype(int)
    rows["late"] = (rows["arr_delay"] > 15).astype(int)
    return rows


def learn(train: pd.DataFrame) -> dict[str, float]:
    """Give the value that fills each column's gaps: the median of these rows."""
    return train[[*MEASURED, "storm", *AIRCRAFT]].median().to_dict()


def main() -> None:
    """Read three inputs, write the rows in two parts and what was learned."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--first-test-month", type=int, default=10)
    parser.add_argument("--last-train-month", type=int, default=8)
    args = parser.parse_args()

    flights = read("flights").dropna(subset="arr_delay")
    rows = combine(flights, clean_weather(read("weather")), read("planes"))
    train = rows[rows["month"] <= args.last_train_month]
    fills = learn(train)
    parts = {"train": train, "test": rows[rows["month"] >= args.first_test_month]}
    for name, part in parts.items():
        part.fillna(fills).to_parquet(ROOT / "output" / name / "rows.parquet")
        gaps = part[list(fills)].isna().sum().sum()
        print(f"{name}: {len(part)} rows, {gaps} gaps filled")
    (ROOT / "output" / "learned" / "fills.json").write_text(json.dumps(fills))


def read(name: str) -> pd.DataFrame:
    """Read every Parquet file of an input."""
    return pd.concat(map(pd.read_parquet, sorted((ROOT / "input" / name).iterdir())))


if __name__ == "__main__":
    main()
