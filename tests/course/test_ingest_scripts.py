"""The scripts of task statement 1.1: a merge, a look into a channel, a flow."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any

import pandas as pd

from helpers.samples import sample
from localaws.wrangler.operators import OPERATORS
from tests.localaws.services.etl import BUCKET, done, make_job, make_role, needs_spark

MERGE = sample("scripts/merge/merge.py")
LOOK = sample("scripts/storage/first_row.py")
FLOW = sample("scripts/aircraft/last_departure.flow")
HOUR = pd.Timestamp("2013-01-01 10:00", tz="UTC").as_unit("us")


def test_a_channel_is_looked_into_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "a" / "b"):
        pd.DataFrame({"x": [1, 2]}).to_parquet(folder / "part.parquet")
    (tmp_path / "notes.txt").write_text("no table")
    count, size, rows = run_path(str(LOOK))["look"](tmp_path)
    assert (count, rows) == (2, 4)
    assert size > 0


def test_the_flow_has_operators_that_act() -> None:
    nodes = json.loads(FLOW.read_text(encoding="utf-8"))["nodes"]
    assert {node["operator"] for node in nodes} <= OPERATORS.keys()
    names = [node["node_id"] for node in nodes]
    for place, node in enumerate(nodes):
        assert {each["node_id"] for each in node["inputs"]} <= {*names[:place]}


@needs_spark
def test_every_flight_outlives_the_merge(
    aws: Callable[[str], Any], bucket: str
) -> None:
    flights = {
        "origin": ["JFK", "JFK", "LGA"],
        "dest": ["BOS", "SJU", "BOS"],
        "carrier": ["UA", "B6", "UA"],
        "tailnum": ["N1", "N1", None],
        "year": [2013] * 3,
        "time_hour": [HOUR, HOUR + pd.Timedelta("1h"), HOUR],
    }
    weather = {"origin": ["JFK"], "time_hour": [HOUR], "year": [2013], "temp": [39.0]}
    files = {
        "flights/a.parquet": pd.DataFrame(flights).to_parquet(index=False),
        "weather/a.parquet": pd.DataFrame(weather).to_parquet(index=False),
        "planes/a.json": '{"tailnum":"N1","year":1999,"seats":55}\n',
        "airports/a.csv": "faa,name\nBOS,Logan\n",
        "airlines/a.csv": "carrier,name\nUA,United\nB6,JetBlue\n",
    }
    s3 = aws("s3")
    for key, body in files.items():
        s3.put_object(Bucket=BUCKET, Key=f"in/{key}", Body=body)
    make_role(aws)
    make_job(aws, MERGE.read_text(encoding="utf-8"), "glueetl", GlueVersion="5.1")
    done(
        aws,
        Arguments={"--source": f"s3://{BUCKET}/in", "--target": f"s3://{BUCKET}/out/"},
    )
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="out/part")["Contents"]
    merged = pd.concat(
        pd.read_parquet(
            io.BytesIO(s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read())
        )
        for one in listed
    ).sort_values(["origin", "dest"], ignore_index=True)
    assert merged["dest"].tolist() == ["BOS", "SJU", "BOS"]
    assert merged["has_weather"].tolist() == [True, False, False]
    assert merged["has_planes"].tolist() == [True, True, False]
    assert merged["has_airports"].tolist() == [True, False, True]
    assert merged["has_airlines"].all()
    assert merged["built"].tolist()[:2] == [1999, 1999]
    assert merged["airport"].fillna("-").tolist() == ["Logan", "-", "Logan"]
