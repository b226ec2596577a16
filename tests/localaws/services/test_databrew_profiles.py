"""Profile jobs of DataBrew, and the rulesets that they validate."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localaws.brew.kitchen import (
    BUCKET,
    Aws,
    body,
    dataset,
    done,
    keys,
    make_role,
    profile_job,
    put,
)

ROWS = ["id,size,name,ok,when"]
ROWS += [f"{n},{n % 4},{'x' * (n % 3 + 1)},true,2026-01-01" for n in range(1, 21)]
ROWS += ["21,,,false,", "21,,,false,", "22,400,xxxx,,"]


@pytest.fixture(autouse=True)
def _kitchen(aws: Aws, bucket: str) -> None:
    make_role(aws)
    put(aws, "in.csv", "\n".join(ROWS))
    dataset(aws, "in.csv")


def test_a_profile_says_what_is_there(aws: Aws) -> None:
    profile_job(aws)
    run = done(aws, "look")
    (key,) = keys(aws)
    assert key == f"out/flights_{run['RunId'][3:]}.json"
    document = json.loads(body(aws, key))
    about = {name: document[name] for name in ("jobName", "jobRunId", "location")}
    where = f"s3://{BUCKET}/{key}"
    assert about == {"jobName": "look", "jobRunId": run["RunId"], "location": where}
    assert (document["sampleSize"], document["duplicateRowsCount"]) == (23, 1)
    assert document["startedOn"].startswith("2026-01-05T08:00:")
    columns = {one["name"]: one for one in document["columns"]}
    types = {name: one["type"] for name, one in columns.items()}
    assert types == {
        "id": "int",
        "size": "int",
        "name": "string",
        "ok": "boolean",
        "when": "string",
    }
    size = columns["size"]
    assert size["correlations"]["size"] == 1
    assert size["correlations"]["id"] == columns["id"]["correlations"]["size"]
    exact = ("missingValuesCount", "distinctValuesCount", "uniqueValuesCount")
    assert [size[name] for name in exact] == [2, 5, 1]
    measures = ("min", "max", "sum", "range", "mode", "zerosCount", "median")
    assert [size[name] for name in measures] == [0, 400, 430, 400, 0, 5, 2]
    assert size["mean"] == pytest.approx(430 / 21)
    assert size["variance"] == pytest.approx(size["standardDeviation"] ** 2)
    assert (size["percentile25"], size["percentile95"]) == (1, 3)
    assert size["medianAbsoluteDeviation"] == 1
    assert size["skewness"] > 4 > size["entropy"] > 1.5
    assert size["maximumValues"][0] == {"value": 400, "count": 1}
    assert size["minimumValues"][0] == {"value": 0, "count": 5}
    bins = size["valueDistribution"]
    assert (bins[0], len(bins)) == ({"bucket": [0, 20], "count": 20}, 20)
    assert bins[-1] == {"bucket": [380, "inf"], "count": 1}
    assert size["zScoreOutliersCount"] == 1
    assert size["zScoreOutliersSample"][0]["value"] == 400
    assert size["zScoreDistribution"][0]["bucket"][0] == "-inf"
    name = columns["name"]
    assert (name["min"], name["max"], name["missingValuesCount"]) == (1, 4, 2)
    assert name["mostCommonValues"][0] == {"value": "xx", "count": 7}
    assert "sum" not in name
    assert columns["ok"]["mostCommonValues"] == [
        {"value": True, "count": 20},
        {"value": False, "count": 2},
    ]


def test_a_profile_is_configured(aws: Aws) -> None:
    outliers = {"threshold": "1000", "mildThreshold": "2", "sampleSize": "ALL"}
    configuration = {
        "ProfileColumns": [{"Name": "size"}, {"Regex": "n.*"}],
        "DatasetStatisticsConfiguration": {"IncludedStatistics": ["NONE"]},
        "ColumnStatisticsConfigurations": [
            {"Statistics": {"IncludedStatistics": ["MISSING_VALUES_COUNT"]}},
            {
                "Selectors": [{"Name": "size"}],
                "Statistics": {
                    "IncludedStatistics": ["MAX", "OUTLIER_DETECTION"],
                    "Overrides": [
                        {"Statistic": "OUTLIER_DETECTION", "Parameters": outliers}
                    ],
                },
            },
        ],
    }
    sample = {"Mode": "CUSTOM_ROWS", "Size": 22}
    profile_job(aws, Configuration=configuration, JobSample=sample)
    run = done(aws, "look")
    assert (run["JobSample"], run["ProfileConfiguration"]) == (sample, configuration)
    document = json.loads(body(aws, keys(aws)[0]))
    assert document["sampleSize"] == 22
    assert "duplicateRowsCount" not in document
    size, name = document["columns"]
    assert (size["name"], size["max"], size["zScoreMildOutliersCount"]) == (
        "size",
        3,
        0,
    )
    assert "correlations" not in size
    assert name["missingValuesCount"] == 2
    assert "max" not in name


def test_wrong_profiles_are_invalid(aws: Aws) -> None:
    override = {"Statistic": "MAXIMUM_VALUES", "Parameters": {"n": "5"}}
    for says, members in {
        "either a Name or a Regex": {"ProfileColumns": [{"Name": "a", "Regex": "b"}]},
        "MEAN is not a statistic": {
            "DatasetStatisticsConfiguration": {"IncludedStatistics": ["MEAN"]}
        },
        "n is not a parameter of MAXIMUM_VALUES": {
            "ColumnStatisticsConfigurations": [
                {"Statistics": {"Overrides": [override]}}
            ]
        },
    }.items():
        with pytest.raises(ClientError, match=f"ValidationException.*{says}"):
            profile_job(aws, Configuration=members)
