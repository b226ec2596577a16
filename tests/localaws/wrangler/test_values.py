"""Transforms of values: missing ones, outliers, scales, categories."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler

from tests.localaws.wrangler.flows import Flow, results


def numbers(series: pd.Series) -> list[float]:
    return [round(float(value), 9) for value in series.astype("float64")]


def test_missing_values(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def handle(choice: str, member: str, **given: object) -> str:
        return flow.chosen("handle_missing", choice, member, flow.rows, **given)

    def impute(kind: str, **given: object) -> str:
        inner = {"column_type": kind, f"{kind.lower()}_parameters": given}
        return handle("Impute", "impute_parameters", **inner)

    old = {"dimension": "Drop Rows", "drop_rows_parameters": {"input_column": "delay"}}
    found = results(
        flow,
        role,
        mean=impute("Numeric", input_column=["delay", "seats"], strategy="Mean"),
        median=impute(
            "Numeric",
            input_column="delay",
            strategy="Approximate Median",
            output_column="late",
        ),
        mode=impute("Categorical", input_column=["carrier"]),
        filled=handle(
            "Fill missing",
            "fill_missing_parameters",
            input_column=["seats"],
            fill_value="7",
        ),
        told=handle(
            "Add indicator for missing",
            "add_indicator_for_missing_parameters",
            input_column="carrier",
        ),
        dropped=handle("Drop missing", "drop_missing_parameters", **old),
        whole=handle("Drop missing", "drop_missing_parameters"),
    )
    assert numbers(found["mean"]["delay"])[1] == round(table["delay"].mean(), 9)
    # Spark casts the mean back to the column's type
    assert found["mean"]["seats"].tolist()[2] == math.trunc(table["seats"].mean())
    assert numbers(found["median"]["late"])[1] == 10.5
    assert found["median"]["delay"].isna().sum() == 1
    assert found["mode"]["carrier"].tolist()[4] == "UA"
    assert found["filled"]["seats"].tolist()[2] == 7
    assert found["told"]["carrier_indicator"].tolist() == [False] * 4 + [True] + (
        [False] * 3
    )
    assert len(found["dropped"]) == 7
    assert len(found["whole"]) == len(table.dropna()) == 4


def test_outliers(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def handle(name: str, **given: object) -> str:
        member = f"{name.lower().replace(' ', '_').replace('-', '_')}_parameters"
        given.setdefault("input_column", "delay")
        return flow.chosen("handle_outliers", name, member, flow.rows, **given)

    found = results(
        flow,
        role,
        clipped=handle(
            "Standard deviation numeric outliers",
            standard_deviations=1,
            fix_method="Clip",
        ),
        removed=handle(
            "Quantile numeric outliers",
            lower_quantile=0.2,
            upper_quantile=0.8,
            fix_method="Remove",
        ),
        invalid=handle(
            "Min-max numeric outliers",
            lower_threshold=0,
            upper_threshold=100,
            fix_method="Invalidate",
            output_column="sane",
        ),
        robust=handle(
            "Robust standard deviation numeric outliers",
            lower_quantile=0.25,
            upper_quantile=0.75,
            standard_deviations=4,
            fix_method="Remove",
        ),
        rare=handle(
            "Replace rare values",
            input_column="carrier",
            replacement_string="other",
            absolute_threshold=1,
            fraction_threshold=0.1,
        ),
    )
    delay = table["delay"].dropna()
    high = delay.mean() + delay.std()
    assert numbers(found["clipped"]["delay"])[4] == round(high, 9)
    assert sorted(found["removed"]["delay"]) == [2.0, 7.25, 10.5, 10.5, 30.0]
    assert found["invalid"]["sane"].isna().tolist() == [
        pd.isna(v) or not 0 <= v <= 100 for v in table["delay"]
    ]
    core = delay[(delay >= 2.0) & (delay <= 30.0)]
    low, high = core.mean() - 4 * core.std(), core.mean() + 4 * core.std()
    assert sorted(found["robust"]["delay"]) == sorted(delay[delay.between(low, high)])
    assert 500.0 not in found["robust"]["delay"].tolist()
    assert found["rare"]["carrier"].tolist() == (
        ["UA", "AA", "UA", "UA", "other", "UA", "other", "AA"]
    )


def test_scalers(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def scale(scaler: str, **given: object) -> str:
        member = f"{scaler.lower().replace(' ', '_').replace('-', '_')}_parameters"
        inner = {"scaler": scaler, member: {"input_column": "delay", **given}}
        return flow.chosen(
            "process_numeric",
            "Scale values",
            "scale_values_parameters",
            flow.rows,
            **inner,
        )

    found = results(
        flow,
        role,
        standard=scale("Standard scaler", center=True, scale=True),
        spread=scale("Standard scaler", scale=True, output_column="z"),
        robust=scale("Robust scaler", center=True),
        ranged=scale("Min-max scaler", min=-1, max=1, input_column=["delay", "seats"]),
        absolute=scale("Max absolute scaler"),
    )
    delay = table["delay"]
    # Spark divides by the deviation of a sample, scikit-learn by that of a population
    expected = (delay - delay.mean()) / delay.std(ddof=1)
    assert found["standard"]["delay"].to_numpy() == pytest.approx(
        expected.to_numpy(), nan_ok=True
    )
    assert found["spread"]["z"].to_numpy() == pytest.approx(
        (delay / delay.std()).to_numpy(), nan_ok=True
    )
    assert found["robust"]["delay"].to_numpy() == pytest.approx(
        ((delay - 10.5) / (30.0 - 2.0)).to_numpy(), nan_ok=True
    )
    both = table[["delay", "seats"]].astype("float64")
    expected = MinMaxScaler((-1, 1)).fit_transform(both)
    assert found["ranged"][["delay", "seats"]].to_numpy() == pytest.approx(
        expected, nan_ok=True
    )
    expected = MaxAbsScaler().fit_transform(both[["delay"]])[:, 0]
    assert found["absolute"]["delay"].to_numpy() == pytest.approx(expected, nan_ok=True)


def test_categories(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def encode(choice: str, strategy: str, **given: object) -> str:
        member = f"{choice.lower().replace(' ', '_').replace('-', '_')}_parameters"
        given.setdefault("input_column", "carrier")
        given["invalid_handling_strategy"] = strategy
        return flow.chosen("encode_categorical", choice, member, flow.rows, **given)

    columns = {"output_style": "Columns", "drop_last": False}
    found = results(
        flow,
        role,
        numbered=encode("Ordinal encode", "Replace with NaN", output_column="code"),
        kept=encode("Ordinal encode", "Keep"),
        skipped=encode("Ordinal encode", "Skip"),
        hot=encode("One-hot encode", "Keep", **columns),
        fewer=encode("One-hot encode", "Skip", output_style="Columns", drop_last=True),
        many=encode(
            "One-hot encode", "Keep", input_column=["carrier", "seats"], **columns
        ),
    )
    # by frequency, then by name: UA 4, AA 2, DL 1
    codes = table["carrier"].map({"UA": 0.0, "AA": 1.0, "DL": 2.0})
    assert np.array_equal(
        found["numbered"]["code"].to_numpy(), codes.to_numpy(), equal_nan=True
    )
    assert found["kept"]["carrier"].tolist() == codes.fillna(3.0).tolist()
    assert found["skipped"]["carrier"].tolist() == codes.dropna().tolist()
    dummies = pd.get_dummies(table["carrier"], prefix="carrier", dtype=float)
    assert list(found["hot"]) == [
        *(c for c in table if c != "carrier"),
        "carrier_UA",
        "carrier_AA",
        "carrier_DL",
    ]
    shown = found["hot"][list(dummies)]
    assert np.array_equal(shown.to_numpy(), dummies.to_numpy())
    assert list(found["fewer"])[-2:] == ["carrier_UA", "carrier_AA"]
    assert len(found["fewer"]) == 7
    assert found["many"]["seats_150"].tolist() == [1, 0, 0, 1, 0, 1, 0, 0]
