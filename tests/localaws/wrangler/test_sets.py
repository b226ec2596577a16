"""Several data sets: joined, concatenated, split; and code of the author's own."""

from pathlib import Path

import pandas as pd
import pytest

from tests.localaws.wrangler.flows import Flow, refusal, results, store

CARRIERS = pd.DataFrame(
    {"carrier": ["UA", "DL", "ZZ"], "name": ["United", "Delta", "Z"]}
)


@pytest.fixture
def names(flow: Flow) -> str:
    """A node with the names of carriers."""
    return flow.typed(flow.source("names", store("raw/names.csv", CARRIERS)))


def test_joins(flow: Flow, role: str, table: pd.DataFrame, names: str) -> None:
    def join(how: str) -> str:
        given = {"left_column": "carrier", "right_column": "carrier", "join_type": how}
        return flow.step("join_tables", given, flow.rows, names)

    keys = [{"left": "carrier", "right": "carrier"}]
    found = results(
        flow,
        role,
        inner=join("inner"),
        left=join("leftouter"),
        right=join("rightouter"),
        full=join("outer"),
        semi=join("leftsemi"),
        anti=join("leftanti"),
        keys=flow.step(
            "join_multi_keys",
            {"join_keys": keys, "join_type": "inner"},
            flow.rows,
            names,
        ),
    )
    some = table.dropna(subset=["carrier"])
    inner = some.merge(CARRIERS, on="carrier")
    assert list(found["inner"]) == [
        "flight",
        "carrier_0",
        "delay",
        "seats",
        "at",
        "carrier_1",
        "name",
    ]
    assert sorted(found["inner"]["name"]) == sorted(inner["name"])
    assert found["left"]["name"].notna().tolist() == [
        c in ("UA", "DL") for c in table["carrier"]
    ]
    assert len(found["right"]) == len(some.merge(CARRIERS, how="right", on="carrier"))
    assert len(found["full"]) == len(table) + 1
    assert found["semi"]["carrier"].tolist() == ["UA", "UA", "UA", "UA", "DL"]
    # what is missing equals nothing
    assert found["anti"]["carrier"].fillna("-").tolist() == ["AA", "-", "AA"]
    assert found["keys"].equals(found["inner"])


def test_concatenations(flow: Flow, role: str, names: str) -> None:
    more = pd.DataFrame({"name": ["Delta", "Jet"], "carrier": ["DL", "B6"]})
    other = flow.typed(flow.source("more", store("raw/more.csv", more)))
    rows = {"concatenate_type": "row_wise"}
    marks = {"indicator_col_name": "of", "df1_indicator": "a", "df2_indicator": "b"}
    found = results(
        flow,
        role,
        below=flow.step("concatenate_datasets", rows | marks, names, other),
        once=flow.step(
            "concatenate_datasets", rows | {"apply_dedupe": True}, names, other
        ),
        beside=flow.step(
            "concatenate_datasets",
            {"concatenate_type": "column_wise"},
            flow.chosen(
                "manage_columns",
                "Drop column",
                "drop_column_parameters",
                names,
                column_to_drop="name",
            ),
            flow.chosen(
                "manage_columns",
                "Drop column",
                "drop_column_parameters",
                other,
                column_to_drop="carrier",
            ),
        ),
    )
    assert found["below"]["carrier"].tolist() == ["UA", "DL", "ZZ", "DL", "B6"]
    assert found["below"]["of"].tolist() == ["a", "a", "a", "b", "b"]
    assert found["once"]["carrier"].tolist() == ["UA", "DL", "ZZ", "B6"]
    assert found["beside"]["name"].fillna("-").tolist() == ["Delta", "Jet", "-"]


def test_splits(flow: Flow, role: str) -> None:
    many = pd.DataFrame({"n": range(100), "y": ["a"] * 80 + ["b"] * 20})
    rows = flow.typed(flow.source("many", store("raw/many.csv", many)))
    shares = [
        {"name": "Train", "percentage": 0.7},
        {"name": "Validate", "percentage": 0.2},
        {"name": "Test", "percentage": 0.1},
    ]

    def split(choice: str, member: str, **given: object) -> dict[str, str]:
        node = flow.chosen(
            "split", choice, f"{member}_parameters", rows, splits=shares, **given
        )
        key = member.partition("_")[0]
        return {f"{key}_{one['name']}": f"{node}.{one['name']}" for one in shares}

    found = results(
        flow,
        role,
        **split("Randomized split", "randomized_split", error=0.0005),
        **split("Ordered split", "ordered_split"),
        **split("Stratified split", "stratified_split", input_column="y"),
        **split("Split by key", "split_by_key", key_columns=["n"]),
    )
    for kind in ("randomized", "ordered", "stratified", "split"):
        parts = [found[f"{kind}_{one['name']}"] for one in shares]
        assert [len(part) for part in parts] == [70, 20, 10]
        assert sorted(pd.concat(parts)["n"]) == list(range(100))
    assert found["ordered_Train"]["n"].tolist() == list(range(70))
    assert found["randomized_Train"]["n"].tolist() != list(range(70))
    assert found["stratified_Test"]["y"].value_counts().to_dict() == {"a": 8, "b": 2}


def test_rare_labels_are_balanced(flow: Flow, role: str) -> None:
    many = pd.DataFrame({"n": range(100), "y": [0] * 90 + [1] * 10})
    rows = flow.typed(flow.source("many", store("raw/many.csv", many)))

    def balance(choice: str, ratio: float) -> str:
        given = {"operator": choice, "target_column": "y", "ratio": ratio}
        return flow.step("balance_data", given, rows)

    found = results(
        flow,
        role,
        fewer=balance("Random undersample", 0.5),
        more=balance("Random oversample", 0.5),
    )
    assert found["fewer"]["y"].value_counts().to_dict() == {0: 20, 1: 10}
    assert found["fewer"]["n"].is_monotonic_increasing
    assert found["more"]["y"].value_counts().to_dict() == {0: 90, 1: 45}
    assert found["more"]["n"].tolist()[:100] == list(range(100))
    times = found["more"]["n"][found["more"]["y"] == 1].value_counts()
    assert set(times) == {4, 5}


def test_code_of_the_authors_own(flow: Flow, role: str, table: pd.DataFrame) -> None:
    def formula(text: str) -> str:
        given = {"formula": text, "output_column": "f"}
        return flow.step("custom_formula", given, flow.rows)

    code = (
        "# Table is available as variable `df`\n"
        "words = df.dtypes[df.dtypes == object].index\n"
        "df[words] = df[words].apply(lambda x: x.str.lower())\n"
        "df['ratio'] = df['delay'] / df['seats']\n"
    )
    doubled = {
        "return_type": "long",
        "udf_mode": "Pandas",
        "input_col": "delay",
        "output_col": "twice",
        "pandas_code": "def custom_func(series):\n    return series.fillna(0) * 2\n",
    }
    sql = (
        "SELECT carrier, count(*) AS flights, max(delay) AS worst FROM df "
        "WHERE carrier IS NOT NULL GROUP BY carrier ORDER BY carrier"
    )
    found = results(
        flow,
        role,
        old=flow.step("custom_pandas", {"code": code, "name": "ratio"}, flow.rows),
        new=flow.chosen(
            "custom_code", "Python (Pandas)", "pandas_parameters", flow.rows, code=code
        ),
        udf=flow.chosen(
            "custom_code",
            "Python (User-Defined Function)",
            "udf_parameters",
            flow.rows,
            **doubled,
        ),
        groups=flow.chosen(
            "custom_code", "SQL (PySpark SQL)", "sql_parameters", flow.rows, sql=sql
        ),
        sum=formula("delay * 2 + seats / 10"),
        words=formula("concat(carrier, '-', cast(seats as string))"),
        choice=formula("if(delay > 15, 'late', 'on time')"),
        nothing=formula("delay / 0"),
    )
    assert found["old"].equals(found["new"])
    assert found["new"]["carrier"].dropna().tolist()[:2] == ["ua", "aa"]
    ratio = table["delay"] / table["seats"].astype("float64")
    assert found["new"]["ratio"].to_numpy() == pytest.approx(ratio, nan_ok=True)
    assert found["udf"]["twice"].tolist()[:3] == [21, 0, 60]
    groups = table.groupby("carrier").agg(
        flights=("delay", "size"), worst=("delay", "max")
    )
    assert found["groups"]["flights"].tolist() == groups["flights"].tolist()
    assert found["groups"]["worst"].tolist() == groups["worst"].tolist()
    expected = table["delay"] * 2 + table["seats"].astype("float64") / 10
    assert found["sum"]["f"].to_numpy() == pytest.approx(expected, nan_ok=True)
    # Spark's concat of a missing value is missing
    assert found["words"]["f"].isna().tolist() == (
        (table["carrier"].isna() | table["seats"].isna()).tolist()
    )
    assert found["words"]["f"].tolist()[0] == "UA-150"
    assert found["choice"]["f"].tolist() == [
        "late" if v > 15 else "on time" for v in table["delay"]
    ]
    assert found["nothing"]["f"].isna().all()


@pytest.mark.parametrize(
    ("operator", "parameters", "told"),
    [
        (
            "custom_pandas",
            {"code": "df['x'] = df['no'] + 1"},
            "KeyError: 'no' in line 1",
        ),
        (
            "custom_pandas",
            {"code": "df = 3"},
            "must leave a DataFrame in df; found int",
        ),
        (
            "custom_formula",
            {"formula": "no + 1", "output_column": "f"},
            "cannot evaluate",
        ),
        ("custom_formula", {"formula": "1 +", "output_column": "f"}, "cannot parse"),
        (
            "custom_formula",
            {"formula": "sum(delay)", "output_column": "f"},
            "one value a row",
        ),
        (
            "custom_formula",
            {"formula": "date_format(at, \"d'T'H\")", "output_column": "f"},
            "quoted text in a format",
        ),
    ],
)
def test_code_that_fails_says_where(
    sketch: Flow, tmp_path: Path, operator: str, parameters: dict[str, str], told: str
) -> None:
    node = sketch.step(operator, parameters, sketch.rows)
    reason = refusal(sketch, tmp_path, of=node)
    assert f"node {node} (sagemaker.spark.{operator}_0.1)" in reason
    assert told in reason
