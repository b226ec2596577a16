"""Sources and types: what a flow reads, infers and casts."""

import datetime as dt

import pandas as pd

from tests.localaws.wrangler.flows import Flow, results, store


def test_types_are_inferred(flow: Flow, role: str, table: pd.DataFrame) -> None:
    (found,) = results(flow, role, all=flow.rows).values()
    assert list(found) == list(table)
    assert found["seats"].dropna().tolist() == [150, 180, 150, 90, 150, 200, 180]
    assert found["delay"].tolist()[:1] == [10.5]
    assert found["delay"].isna().sum() == 1
    assert found["at"].tolist() == pd.to_datetime(table["at"]).tolist()
    assert found["flight"].tolist()[:3] == ["UA1", "AA2", "UA3"]


def test_one_column_is_cast_and_what_does_not_fit_is_kept_apart(
    flow: Flow, role: str
) -> None:
    mixed = pd.DataFrame({"n": ["1", "two", "3.9"], "day": ["31-12-2013", "x", None]})
    source = flow.source("mixed", store("raw/mixed.csv", mixed))

    def cast(column: str, kind: str, **more: str) -> str:
        given = {"column": column, "original_data_type": "String", "data_type": kind}
        return flow.step("cast_single_data_type", given | more, source)

    method = "non_castable_data_handling_method"
    found = results(
        flow,
        role,
        null=cast("n", "long"),
        dropped=cast("n", "float", **{method: "drop"}),
        replaced=cast("n", "long", replace_value="0", **{method: "replace_value"}),
        apart=cast("n", "long", **{method: "replace_null_with_new_col"}),
        dates=cast("day", "date"),
    )
    assert found["null"]["n"].fillna(-1).tolist() == [1, -1, 3]
    assert found["dropped"]["n"].tolist() == [1.0, 3.9]
    assert found["replaced"]["n"].tolist() == [1, 0, 3]
    assert list(found["apart"]) == ["n", "n_typecast_error", "day"]
    assert found["apart"]["n_typecast_error"].tolist() == ["", "two", ""]
    assert found["dates"]["day"].tolist() == [dt.date(2013, 12, 31), None, None]


def test_a_learned_schema_counts(flow: Flow, role: str) -> None:
    flow.nodes[1]["trained_parameters"] = {
        "schema": {
            "flight": "string",
            "carrier": "string",
            "delay": "string",
            "seats": "float",
            "at": "date",
        }
    }
    (found,) = results(flow, role, all=flow.rows).values()
    assert found["delay"].tolist()[0] == "10.5"
    assert found["seats"].tolist()[0] == 150.0
    assert found["at"].tolist()[0] == dt.date(2013, 1, 15)


def test_json_lines_parquet_and_headerless_files(flow: Flow, role: str) -> None:
    lines = store("raw/lines.jsonl", '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')
    bare = store("raw/bare.csv", "skip me\n1;x\n2;y\n")
    bare_source = flow.source(
        "bare", bare, s3HasHeader=False, s3FieldDelimiter=";", s3SkipLines=1
    )
    folder = store("parts/a.csv", "n\n1\n").removesuffix("a.csv")
    store("parts/_SUCCESS", "")
    store("parts/b.csv", "n\n2\n")
    store("parts/deep/c.csv", "n\n3\n")
    found = results(
        flow,
        role,
        lines=flow.source("lines", lines, "jsonl"),
        bare=flow.typed(bare_source),
        flat=flow.typed(flow.source("flat", folder)),
        deep=flow.typed(flow.source("deep", folder, s3DirIncludesNested=True)),
    )
    assert found["lines"].to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert found["bare"].to_dict("list") == {"_c0": [1, 2], "_c1": ["x", "y"]}
    assert found["flat"]["n"].tolist() == [1, 2]
    assert sorted(found["deep"]["n"]) == [1, 2, 3]


def test_an_id_with_a_number_is_no_date(flow: Flow, role: str) -> None:
    rows = pd.DataFrame(
        {"id": ["C01513", "C00253"], "day": ["Jan 5, 2013", "5/6/2013"]}
    )
    node = flow.typed(flow.source("ids", store("raw/ids.csv", rows)))
    (found,) = results(flow, role, all=node).values()
    assert found["id"].tolist() == ["C01513", "C00253"]
    assert found["day"].dt.year.tolist() == [2013, 2013]
