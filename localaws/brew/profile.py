"""The profile of a data set: the JSON document that a profile job writes."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd

from localaws.brew.casting import numbers
from localaws.brew.frames import NUMBERS, duplicated, kind
from localaws.brew.profiling import ALL, BOOLEAN, NUMBER, PARAMETERS, STRING
from localaws.brew.statistics import (
    NUMERIC,
    OF_LENGTH,
    SUPPORTED,
    Column,
    counted,
)

Members = dict[str, Any]
_COUNTS = {
    "DISTINCT_VALUES_COUNT": ("distinctValuesCount", "DISTINCT_VALUES"),
    "UNIQUE_VALUES_COUNT": ("uniqueValuesCount", "UNIQUE_VALUES"),
    "MISSING_VALUES_COUNT": ("missingValuesCount", "MISSING_VALUES"),
}
_PERCENTILES = (5, 25, 75, 95)
_INFINITE, _BELOW = "inf", "-inf"


def selected(names: list[str], selectors: Any) -> list[str]:
    """Return the columns that selectors name or match; all without selectors."""
    if not selectors:
        return names
    return [
        name
        for name in names
        if any(
            one.get("Name") == name
            or ("Regex" in one and re.fullmatch(one["Regex"], name))
            for one in selectors
        )
    ]


def default_configuration() -> Members:
    """Return what a profile has without a configuration, as it says itself."""
    columns = {
        "booleanColumn": BOOLEAN,
        "stringColumn": STRING,
        "numericColumn": NUMBER,
    }
    return {
        "datasetConfiguration": {
            "includedStatistics": ["CORRELATION", "DUPLICATE_ROWS_COUNT"],
            "parameters": {"CORRELATION": {"columnNumber": "10"}},
        },
        "columnConfiguration": {
            which: {
                "includedStatistics": list(names),
                "parameters": {n: p for n, p in PARAMETERS.items() if n in names},
            }
            for which, names in columns.items()
        },
    }


def profile(frame: pd.DataFrame, configuration: Members) -> Members:
    """Return the profile of a data set, without what is said of the job.

    Args:
        frame: The data.
        configuration: ProfileConfiguration of the job.
    """
    names = selected(list(frame.columns), configuration.get("ProfileColumns"))
    names = [name for name in names if kind(frame[name]) in SUPPORTED]
    of_all = configuration.get("DatasetStatisticsConfiguration", {})
    included = of_all.get("IncludedStatistics", ["CORRELATION", "DUPLICATE_ROWS_COUNT"])
    document: Members = {
        "defaultProfileConfiguration": default_configuration(),
        "datasetConfigurationOverride": _said(of_all),
        "sampleSize": len(frame),
    }
    if "DUPLICATE_ROWS_COUNT" in included:
        document["duplicateRowsCount"] = duplicate_rows(frame)
    related = _correlations(frame, names, of_all) if "CORRELATION" in included else {}
    document["columns"] = [
        _column(frame[name], configuration, related.get(name)) for name in names
    ]
    return document


def duplicate_rows(frame: pd.DataFrame) -> int:
    """Return how many rows equal an earlier one."""
    return int(duplicated(frame).sum())


def _said(configuration: Members) -> Members:
    said: Members = {}
    if "IncludedStatistics" in configuration:
        said["includedStatistics"] = list(configuration["IncludedStatistics"])
    if configuration.get("Overrides"):
        said["parameters"] = {
            one["Statistic"]: one["Parameters"] for one in configuration["Overrides"]
        }
    return said


def _correlations(
    frame: pd.DataFrame, names: list[str], of_all: Members
) -> dict[str, Members]:
    chosen = [name for name in names if kind(frame[name]) in NUMBERS]
    given = _said(of_all).get("parameters", {}).get("CORRELATION", {})
    if "columnSelectors" in given:
        listed = json.loads(given["columnSelectors"])
        asked = [{k.capitalize(): v for k, v in one.items()} for one in listed]
        chosen = selected(chosen, asked)
    elif given.get("columnNumber", "10") != "ALL":
        chosen = chosen[: int(given.get("columnNumber", "10"))]
    table = pd.DataFrame({name: numbers(frame[name]) for name in chosen}).corr()
    return {name: {o: _plain(table.loc[name, o]) for o in chosen} for name in chosen}


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _column(
    series: pd.Series, configuration: Members, related: Members | None
) -> Members:
    column, name = Column(series), str(series.name)
    included, override = ALL[_group(column)], {}
    settings = {k: dict(v) for k, v in PARAMETERS.items()}
    for one in configuration.get("ColumnStatisticsConfigurations", ()):
        if selected([name], one.get("Selectors")):
            given = one["Statistics"]
            included = tuple(given.get("IncludedStatistics", included))
            override = {**override, **_said(given)}
            for statistic in given.get("Overrides", ()):
                settings.setdefault(statistic["Statistic"], {}).update(
                    statistic["Parameters"]
                )
    found: Members = {"name": name, "type": column.type}
    if related is not None:
        found["correlations"] = related
    found["columnConfigurationOverride"] = override
    found |= _counts(column, included)
    if column.kind != "boolean":
        found |= _measures(column, included)
        found |= _lists(column, included, settings)
    if "MOST_COMMON_VALUES" in included:
        found["mostCommonValues"] = _common(
            column, settings["MOST_COMMON_VALUES"]["sampleSize"]
        )
    return {key: value for key, value in found.items() if value is not None}


def _group(column: Column) -> str:
    known = {"boolean": "booleanColumn", "string": "stringColumn"}
    return known.get(column.kind, "numericColumn")


def _counts(column: Column, included: tuple[str, ...]) -> Members:
    counts = counted(column)
    found: Members = {
        key: counts[what] for n, (key, what) in _COUNTS.items() if n in included
    }
    if "ENTROPY" in included:
        found["entropy"] = column.entropy()
    return found


def _measures(column: Column, included: tuple[str, ...]) -> Members:
    text = column.kind == "string"
    found: Members = {
        key: measure(column)
        for name, (key, measure) in NUMERIC.items()
        if name in included and (not text or name in OF_LENGTH)
    }
    if "PERCENTILES" in included and not text:
        for share in _PERCENTILES:
            value = column.measured.quantile(share / 100)
            found[f"percentile{share}"] = _plain(value)
    return found


def _lists(column: Column, included: tuple[str, ...], settings: Members) -> Members:
    found: Members = {}
    number = column.kind != "string"
    for name, key, falling in (
        ("MINIMUM_VALUES", "minimumValues", False),
        ("MAXIMUM_VALUES", "maximumValues", True),
    ):
        if name in included and number:
            ordered = column.counts.sort_index(ascending=not falling)
            found[key] = _pairs(column, _first(ordered, settings[name]["sampleSize"]))
    if "VALUE_DISTRIBUTION" in included:
        bins = int(settings["VALUE_DISTRIBUTION"]["binNumber"])
        found["valueDistribution"] = _values(column, bins)
    if "OUTLIER_DETECTION" in included:
        found |= _outliers(column, settings["OUTLIER_DETECTION"])
    if "Z_SCORE_DISTRIBUTION" in included and number:
        bins = int(settings["Z_SCORE_DISTRIBUTION"]["binNumber"])
        scores = column.z_scores().dropna()
        found["zScoreDistribution"] = _binned(scores, bins, False, below=True)
    return found


def _first(counts: pd.Series, size: str) -> pd.Series:
    return counts if size == "ALL" else counts.head(int(size))


def _pairs(column: Column, counts: pd.Series) -> list[Members]:
    return [{"value": column.shown(v), "count": int(n)} for v, n in counts.items()]


def _common(column: Column, size: str) -> list[Members]:
    ordered = column.counts.sort_values(ascending=False, kind="stable")
    return _pairs(column, _first(ordered, size))


def _values(column: Column, bins: int) -> list[Members]:
    return _binned(column.measured, bins, column.whole, below=False)


def _binned(values: pd.Series, bins: int, whole: bool, *, below: bool) -> list[Members]:
    if values.empty:
        return []
    edges = np.linspace(values.min(), values.max(), bins + 1)
    edges = np.unique(np.round(edges) if whole else edges)
    if len(edges) == 1:
        edges = np.array([edges[0], edges[0]])
        counts = np.array([len(values)])
    else:
        counts, _ = np.histogram(values, edges)
    shown: list[Any] = [int(e) if whole else float(e) for e in edges]
    shown[-1] = _INFINITE
    if below:
        shown[0] = _BELOW
    return [
        {"bucket": [shown[i], shown[i + 1]], "count": int(count)}
        for i, count in enumerate(counts)
    ]


def _outliers(column: Column, settings: Members) -> Members:
    scores = column.z_scores()
    limit = float(settings["threshold"])
    mild = float(settings.get("mildThreshold", limit))
    found = {"zScoreOutliersCount": int((scores.abs() > limit).sum())}
    if "mildThreshold" in settings:
        within = (scores.abs() > mild) & (scores.abs() <= limit)
        found["zScoreMildOutliersCount"] = int(within.sum())
    far = pd.DataFrame({"value": column.measured, "score": scores})
    far = far[scores.abs() > mild].drop_duplicates()
    far = far.iloc[(-far["score"].abs()).argsort(kind="stable")]
    size = settings["sampleSize"]
    sample = far if size == "ALL" else far.head(int(size))
    pairs = zip(sample["value"], sample["score"], strict=True)
    return found | {
        "zScoreOutliersSample": [
            {"value": column.plain(value), "zScore": float(score)}
            for value, score in pairs
        ]
    }
