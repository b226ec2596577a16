"""CloudWatch metrics: statistics, percentiles and metric math."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
END = START + dt.timedelta(minutes=10)


def put(aws: Aws, name: str, minute: float = 0, **members: Any) -> None:
    """Put data into a metric."""
    datum = {
        "MetricName": name,
        "Timestamp": START + dt.timedelta(minutes=minute),
        **members,
    }
    aws("cloudwatch").put_metric_data(Namespace="Desk", MetricData=[datum])


def points(aws: Aws, name: str, **members: Any) -> list[dict[str, Any]]:
    """Return the datapoints of a metric, oldest first."""
    answer = aws("cloudwatch").get_metric_statistics(
        **{
            "Namespace": "Desk",
            "MetricName": name,
            "StartTime": START,
            "EndTime": END,
            "Period": 60,
            **members,
        }
    )
    return sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])


def query(aws: Aws, *expressions: str, **stats: str) -> dict[str, dict[int, float]]:
    """Return the values of expressions by minute; `a` is the metric A."""
    queries: list[dict[str, Any]] = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "Desk", "MetricName": name.upper()},
                "Period": 60,
                "Stat": stat,
            },
            "ReturnData": False,
        }
        for name, stat in stats.items()
    ]
    queries += [
        {"Id": f"e{number}", "Expression": text}
        for number, text in enumerate(expressions)
    ]
    answer = aws("cloudwatch").get_metric_data(
        MetricDataQueries=queries,
        StartTime=START,
        EndTime=END,
        ScanBy="TimestampAscending",
    )
    return {
        expressions[int(one["Id"][1:])]: {
            int((when - START).total_seconds() // 60): value
            for when, value in zip(one["Timestamps"], one["Values"], strict=True)
        }
        for one in answer["MetricDataResults"]
    }


def test_percentiles_are_those_of_the_raw_values(aws: Aws) -> None:
    values = [float(v) for v in np.random.default_rng(1).gamma(2, 100, 101)]
    put(aws, "Latency", Values=values)
    (point,) = points(aws, "Latency", ExtendedStatistics=["p0", "p50", "p90", "p99.9"])
    for name, value in point["ExtendedStatistics"].items():
        assert value == pytest.approx(np.percentile(values, float(name[1:])))


def test_counts_weigh(aws: Aws) -> None:
    put(aws, "Latency", Values=[10.0, 1000.0], Counts=[99.0, 1.0])
    (point,) = points(aws, "Latency", ExtendedStatistics=["p90", "p100"])
    assert point["ExtendedStatistics"] == {"p90": 10.0, "p100": 1000.0}


def test_a_statistic_set_has_no_percentiles_unless_all_are_equal(aws: Aws) -> None:
    members = {"SampleCount": 3, "Sum": 9, "Minimum": 1, "Maximum": 5}
    put(aws, "A", StatisticValues=members)
    put(aws, "B", StatisticValues={**members, "Minimum": 3, "Maximum": 3})
    assert points(aws, "A", ExtendedStatistics=["p90"]) == []
    (point,) = points(aws, "B", ExtendedStatistics=["p90"])
    assert point["ExtendedStatistics"] == {"p90": 3.0}
    (point,) = points(aws, "A", Statistics=["Average", "SampleCount", "Maximum"])
    assert (point["Average"], point["SampleCount"], point["Maximum"]) == (3, 3, 5)


def test_datapoints_begin_at_the_period(aws: Aws) -> None:
    put(aws, "A", 0.5, Value=1)
    put(aws, "A", 1.9, Value=2)
    put(aws, "A", 2.0, Value=4)
    found = points(aws, "A", Period=120, Statistics=["Sum"])
    assert [(p["Timestamp"], p["Sum"]) for p in found] == [
        (START, 3.0),
        (START + dt.timedelta(minutes=2), 4.0),
    ]


def test_other_dimensions_and_units_are_other_metrics(aws: Aws) -> None:
    dimensions = [{"Name": "Carrier", "Value": "UA"}]
    put(aws, "A", Value=1)
    put(aws, "A", Value=2, Dimensions=dimensions, Unit="Seconds")
    (point,) = points(aws, "A", Statistics=["Sum"])
    assert (point["Sum"], point["Unit"]) == (1.0, "None")
    (point,) = points(aws, "A", Statistics=["Sum"], Dimensions=dimensions)
    assert (point["Sum"], point["Unit"]) == (2.0, "Seconds")
    assert not points(
        aws, "A", Statistics=["Sum"], Dimensions=dimensions, Unit="Percent"
    )


def test_wrong_questions(aws: Aws) -> None:
    put(aws, "A", Value=1)
    for members, code in (
        ({}, "InvalidParameterCombination"),
        (
            {"Statistics": ["Sum"], "ExtendedStatistics": ["p9"]},
            "InvalidParameterCombination",
        ),
        ({"Statistics": ["Sum"], "EndTime": START}, "InvalidParameterValue"),
        ({"Statistics": ["Sum"], "Period": 61}, "InvalidParameterValue"),
        (
            {"Statistics": ["Sum"], "EndTime": START + dt.timedelta(days=2)},
            "InvalidParameterCombination",
        ),
        ({"ExtendedStatistics": ["tm90"]}, "NotImplementedInLocalEndpoint"),
    ):
        with pytest.raises(ClientError) as caught:
            points(aws, "A", **members)
        assert caught.value.response["Error"]["Code"] == code


def test_arithmetic_holds_where_both_have_data(aws: Aws) -> None:
    for minute, (a, b) in enumerate([(6, 3), (8, 0), (5, 5)]):
        put(aws, "A", minute, Value=a)
        put(aws, "B", minute, Value=b)
    put(aws, "A", 3, Value=1)
    found = query(
        aws, "a / b", "100*(a-b)^2", "-a > -6", "a > 5 && b > 1", a="Sum", b="Sum"
    )
    assert found["a / b"] == {0: 2.0, 2: 1.0}
    assert found["100*(a-b)^2"] == {0: 900.0, 1: 6400.0, 2: 0.0}
    assert found["-a > -6"] == {0: 0.0, 1: 0.0, 2: 1.0, 3: 1.0}
    assert found["a > 5 && b > 1"] == {0: 1.0, 1: 0.0, 2: 0.0}


def test_functions_of_series(aws: Aws) -> None:
    for minute, value in ((0, 4), (1, 9), (3, 1)):
        put(aws, "A", minute, Value=value)
    put(aws, "B", 1, Value=1)
    filled = query(aws, "FILL(a, 0)", "FILL(a, REPEAT)", a="Sum")
    assert list(filled["FILL(a, 0)"].values()) == [4, 9, 0, 1, *[0] * 6]
    assert list(filled["FILL(a, REPEAT)"].values()) == [4, 9, 9, *[1] * 7]
    texts = (
        "SUM([a, b])",
        "MAX(METRICS())",
        "a / SUM(a)",
        "a - AVG(a)",
        "IF(a > 3, a)",
        "IF(a > 3, 1, 0)",
        "DIFF(a)",
        "RATE(a)",
        "RUNNING_SUM(a)",
        "a / PERIOD(a)",
        "CEIL(a / 2)",
        "e0 * 2",
    )
    found = query(aws, *texts, a="Sum", b="Sum")
    assert found["SUM([a, b])"] == {0: 4, 1: 10, 3: 1}
    assert found["MAX(METRICS())"] == {0: 4, 1: 9, 3: 1}
    assert found["a / SUM(a)"] == pytest.approx({0: 4 / 14, 1: 9 / 14, 3: 1 / 14})
    assert found["a - AVG(a)"] == pytest.approx({0: -2 / 3, 1: 13 / 3, 3: -11 / 3})
    assert found["IF(a > 3, a)"] == {0: 4, 1: 9}
    assert found["IF(a > 3, 1, 0)"] == {0: 1, 1: 1, 3: 0}
    assert found["DIFF(a)"] == {1: 5, 3: -8}
    assert found["RATE(a)"] == pytest.approx({1: 5 / 60, 3: -8 / 120})
    assert found["RUNNING_SUM(a)"] == {0: 4, 1: 13, 3: 14}
    assert found["a / PERIOD(a)"] == pytest.approx({0: 4 / 60, 1: 0.15, 3: 1 / 60})
    assert found["CEIL(a / 2)"] == {0: 2, 1: 5, 3: 1}
    assert found["e0 * 2"] == {0: 8, 1: 20, 3: 2}


def test_percentiles_of_metric_data(aws: Aws) -> None:
    put(aws, "A", Values=[1.0, 2.0, 3.0])
    assert query(aws, "a * 1", a="p50") == {"a * 1": {0: 2.0}}


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("a +", "ValidationError"),
        ("a + nothing", "ValidationError"),
        ("__import__('os')", "NotImplementedInLocalEndpoint"),
        ("a.period", "ValidationError"),
        ("1 + 1", "ValidationError"),
        ("[a, a]", "ValidationError"),
        ("ANOMALY_DETECTION_BAND(a)", "NotImplementedInLocalEndpoint"),
        ("SELECT AVG(A) FROM Desk", "NotImplementedInLocalEndpoint"),
    ],
)
def test_expressions_that_give_no_series(aws: Aws, expression: str, code: str) -> None:
    put(aws, "A", Value=1)
    with pytest.raises(ClientError) as caught:
        query(aws, expression, a="Sum")
    assert caught.value.response["Error"]["Code"] == code


def test_expressions_in_a_circle_are_refused(aws: Aws) -> None:
    with pytest.raises(ClientError, match="circular"):
        query(aws, "e1 + 1", "e0 + 1")
