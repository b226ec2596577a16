"""What is due happens at its time, however far the clock moves at once."""

import datetime as dt
import threading

import pytest

from localaws.clock import Clock
from localaws.services.tickers import Tickers

EPOCH = "2026-01-05T08:00:00+00:00"


class Place:
    """A context as far as tickers see it."""

    def __init__(self) -> None:
        self.clock = Clock(EPOCH)
        self.advancing = threading.Event()


@pytest.fixture
def place():
    made = Place()
    yield made
    made.clock.close()


def seconds(place):
    start = dt.datetime.fromisoformat(EPOCH)
    return (place.clock.now() - start).total_seconds()


def test_each_moment_that_is_due_is_reached(place):
    seen = []

    def every_minute(context):
        seen.append(seconds(place))
        return context.clock.now() + dt.timedelta(minutes=1)

    Tickers(place, [every_minute]).advance(150)
    assert seen == [0, 60, 120, 150]


def test_one_that_fails_does_not_keep_the_others(place, caplog):
    seen = []

    def fails(context):
        raise OSError("disk")

    Tickers(place, [fails, lambda context: seen.append(1)]).tick()
    assert seen == [1]
    assert "disk" in caplog.text


def test_one_that_is_always_due_does_not_stop_the_clock(place):
    tickers = Tickers(place, [lambda context: context.clock.now()])
    tickers.advance(3)
    assert seconds(place) == 3


def test_a_round_under_way_is_not_begun_again(place):
    calls = []

    def again(context):
        calls.append(tickers.tick())

    tickers = Tickers(place, [again])
    tickers.tick()
    assert calls == [None]


def test_the_clock_does_not_go_back(place):
    with pytest.raises(ValueError, match="cannot go back"):
        Tickers(place, []).advance(-1)
