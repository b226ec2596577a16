"""Data sets of feature groups: joined as of each row's time, without leakage."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import wait

pytestmark = pytest.mark.filterwarnings("ignore")
Make = Callable[[str, pd.DataFrame], Any]
OUTPUT = "s3://on-time-desk/datasets"
DAY = pd.Timestamp("2013-01-05", tz="UTC").timestamp()
LATE = 999.0
# The newest row of each airport is after every departure: whoever uses it has leaked.
WEATHER = pd.DataFrame(
    {
        "airport": ["EWR", "EWR", "EWR", "JFK", "JFK", "LGA"],
        "seen": [DAY + 3600 * hour for hour in (8, 10, 23, 9, 23, 23)],
        "gust": [10.0, 20.0, LATE, 15.0, LATE, LATE],
    }
)
DEPARTURES = pd.DataFrame(
    {
        "flight": ["UA1", "UA2", "B61", "AA1", "DL1"],
        "leaves": [DAY + 3600 * hour for hour in (9, 10, 9.5, 7, 12)],
        "origin": ["EWR", "EWR", "JFK", "JFK", "LGA"],
    }
)
# UA2 leaves at the moment of an observation; AA1 and DL1 before the first one.
KNOWN = {"UA1": 10.0, "UA2": 20.0, "B61": 15.0}


@pytest.fixture
def make(endpoint: Connection, role: str, bucket: str) -> Make:
    """Make a feature group of a frame, with the rows in its offline store."""
    from sagemaker.mlops import feature_store as fs

    def made(name: str, frame: pd.DataFrame) -> Any:
        key, time = frame.columns[:2]
        group = fs.FeatureGroup.create(
            feature_group_name=name,
            record_identifier_feature_name=key,
            event_time_feature_name=time,
            feature_definitions=fs.load_feature_definitions_from_dataframe(
                frame.convert_dtypes(convert_integer=False)
            ),
            offline_store_config=fs.OfflineStoreConfig(
                s3_storage_config=fs.S3StorageConfig(s3_uri=f"s3://{bucket}/fs")
            ),
            role_arn=role,
        )
        group.wait_for_status("Created", poll=1)
        fs.ingest_dataframe(name, frame, use_batch_write_record=True)
        return fs.FeatureGroup.get(feature_group_name=name)

    return made


def last(frame: pd.DataFrame) -> dict[str, float]:
    """Return each flight's latest gust among the rows of a data set."""
    rows = frame.sort_values("seen.1").groupby("flight")["gust.1"].last()
    return dict(rows)


@pytest.mark.parametrize("framed", [False, True])
def test_a_point_in_time_join_uses_no_row_of_the_future(
    make: Make, framed: bool
) -> None:
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.mlops import feature_store as fs

    keys = {
        "record_identifier_feature_name": "flight",
        "event_time_identifier_feature_name": "leaves",
    }
    base = DEPARTURES if framed else make("departures", DEPARTURES)
    builder = fs.DatasetBuilder.create(
        base, OUTPUT, Session(), **(keys if framed else {})
    ).with_feature_group(make("weather", WEATHER), "origin", ["seen", "gust"])
    leaking, _ = builder.to_dataframe()
    assert set(last(leaking).values()) == {LATE}
    accurate, _ = builder.point_in_time_accurate_join().to_dataframe()
    assert (accurate["seen.1"] <= accurate["leaves"]).all()
    assert last(accurate) == KNOWN


def test_the_query_of_the_documentation_joins_times_that_are_strings(
    make: Make,
) -> None:
    """The builder of SDK 3.27 cannot: it takes each event time for a number."""
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.mlops import feature_store as fs

    def spelled(frame: pd.DataFrame, column: str) -> pd.DataFrame:
        times = pd.to_datetime(frame[column], unit="s", utc=True)
        return frame.assign(**{column: times.dt.strftime("%Y-%m-%dT%H:%M:%SZ")})

    weather = make("weather", spelled(WEATHER, "seen"))
    departures = make("departures", spelled(DEPARTURES, "leaves"))
    corrected = [["EWR", "2013-01-05T08:00:00Z", 11.0]]
    fs.ingest_dataframe("weather", pd.DataFrame(corrected, columns=[*WEATHER]))
    weather.delete_record(
        record_identifier_value_as_string="JFK", event_time="2013-01-05T09:15:00Z"
    )
    query = fs.create_athena_query("departures", Session())
    table = weather.offline_store_config.data_catalog_config.table_name
    assert departures.offline_store_config.data_catalog_config.table_name == (
        query.table_name
    )
    query.run(
        f"""
        SELECT flight, gust FROM (
            SELECT d.flight, w.gust, w.is_deleted, row_number() OVER (
                PARTITION BY d.flight
                ORDER BY w.seen DESC, w.api_invocation_time DESC, w.write_time DESC
            ) AS row_num
            FROM "{query.table_name}" d JOIN "{table}" w
            ON d.origin = w.airport AND from_iso8601_timestamp(w.seen)
                <= from_iso8601_timestamp(d.leaves)
        ) WHERE row_num = 1 AND NOT is_deleted
        """,
        OUTPUT,
    )
    query.wait()
    found = query.as_dataframe()
    # the correction counts, and of what was deleted before the departure nothing does
    assert dict(found.set_index("flight")["gust"]) == {"UA1": 11.0, "UA2": 20.0}


def test_rows_from_before_a_feature_was_added_have_none_of_it(make: Make) -> None:
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.shapes import FeatureDefinition
    from sagemaker.mlops import feature_store as fs

    weather = make("weather", WEATHER[:1])
    visible = FeatureDefinition(feature_name="visib", feature_type="Fractional")
    weather.update(feature_additions=[visible])
    wait(
        lambda: {"Status": weather.refresh().last_update_status.status},
        "Status",
        "InProgress",
    )
    fs.ingest_dataframe("weather", WEATHER[1:2].assign(visib=9.5))
    query = fs.create_athena_query("weather", Session())
    query.run(f'SELECT gust, visib FROM "{query.table_name}" ORDER BY seen', OUTPUT)
    query.wait()
    found = query.as_dataframe()
    assert found["gust"].tolist() == [10.0, 20.0]
    assert found["visib"].fillna(-1).tolist() == [-1, 9.5]
