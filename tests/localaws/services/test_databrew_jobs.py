"""Recipe jobs of DataBrew: what they read, do and write."""

import gzip
import io
import json
from typing import Any

import fastavro
import pandas as pd
import pytest

from tests.localaws.brew.kitchen import (
    BUCKET,
    ROLE,
    Aws,
    body,
    dataset,
    done,
    keys,
    lines,
    make_role,
    put,
    recipe_job,
    step,
    where,
)

FLIGHTS = """flight,carrier,delay,distance
1,AA,10,100
2,AA,,300
2,AA,,300
3,UA,30,500
4,,20,200
5,DL,-5,1000
"""
SIMPLE = [
    step("REMOVE_MISSING", sourceColumn="carrier"),
    step("DELETE_DUPLICATE_ROWS"),
    step("FILL_WITH_MEDIAN", sourceColumn="delay"),
    step(
        "NORMALIZATION",
        sourceColumn="distance",
        strategy="MIN_MAX",
        targetColumn="far",
    ),
    step("ONE_HOT_ENCODING", sourceColumn="carrier"),
    step("RENAME", sourceColumn="delay", targetColumn="late"),
    step("CHANGE_DATA_TYPE", sourceColumn="late", columnDataType="double"),
    step("REMOVE_VALUES", where("late", "LESS_THAN", "0"), sourceColumn="late"),
    step("DELETE", sourceColumn="distance"),
]


@pytest.fixture(autouse=True)
def _kitchen(aws: Aws, bucket: str) -> None:
    make_role(aws)
    put(aws, "in/flights.csv", FLIGHTS)


def output(key: str, **members: Any) -> dict[str, Any]:
    """Return an output."""
    return {"Location": {"Bucket": BUCKET, "Key": key}, **members}


def test_a_recipe_job_cleans_and_is_billed(aws: Aws, endpoint: Any) -> None:
    dataset(aws, "in/flights.csv")
    recipe_job(aws, SIMPLE, MaxCapacity=2)
    run = done(aws)
    began = run["StartedOn"]
    stem = f"clean_05Jan2026_{int(began.timestamp() * 1000)}"
    assert run["ExecutionTime"] == 120
    assert run["LogGroupName"] == "/aws-glue-databrew/jobs"
    assert run["RecipeReference"] == {"Name": "clean", "RecipeVersion": "1.0"}
    said = lines(aws, run)
    assert said[0] == "Dataset flights: 6 rows, 4 columns"
    assert said[8] == "Recipe step 8 (REMOVE_VALUES): 3 rows, 8 columns"
    (key,) = keys(aws)
    assert key == f"out/{stem}/{stem}_part00000.csv"
    assert body(aws, key).decode().splitlines() == [
        "flight,carrier,late,far,carrier_AA,carrier_DL,carrier_UA",
        "1,AA,10.0,0.0,1,0,0",
        "2,AA,10.0,0.2222222222222222,1,0,0",
        "3,UA,30.0,0.4444444444444444,0,0,1",
    ]
    bill = endpoint.control("GET", "bill")["lines"]
    (line,) = (one for one in bill if one["service"] == "AWS Glue DataBrew")
    assert (line["resource"], line["unit"]) == ("clean", "node-hours")
    assert line["quantity"] == pytest.approx(2 * 2 / 60, abs=1e-6)
    assert line["cost"] == pytest.approx(0.48 * 4 / 60, abs=1e-6)
    assert aws("databrew").list_job_runs(Name="clean")["JobRuns"] == [
        {name: run[name] for name in run if name != "ResponseMetadata"}
    ]


def test_each_format_is_written(aws: Aws) -> None:
    dataset(aws, "in/flights.csv")
    typed = step("CHANGE_DATA_TYPE", sourceColumn="when", columnDataType="timestamp")
    steps = [
        step("DELETE_DUPLICATE_ROWS"),
        step("DATE_FORMAT", value="2026-01-02 03:04:05", targetColumn="when"),
        typed,
    ]
    packed = {"CompressionFormat": "GZIP"}
    outputs = [
        output("csv/", FormatOptions={"Csv": {"Delimiter": "|"}}, **packed),
        output("json", Format="JSON"),
        output("parts", Format="PARQUET", PartitionColumns=["carrier"]),
        output("orc", Format="ORC"),
        output("avro", Format="AVRO"),
        output("same", Overwrite=True),
    ]
    recipe_job(aws, steps, Outputs=outputs)
    assert done(aws)["RecipeReference"]["RecipeVersion"] == "1.0"
    aws("databrew").publish_recipe(Name="clean")
    assert done(aws)["RecipeReference"]["RecipeVersion"] == "2.0"
    assert keys(aws, "same/") == ["same/clean_part00000.csv"]
    (first, second) = keys(aws, "csv/")
    assert first < second
    assert first.endswith("_part00000.csv.gz")
    text = gzip.decompress(body(aws, first)).decode().splitlines()
    assert text[:3] == [
        "flight|carrier|delay|distance|when",
        "1|AA|10|100|2026-01-02T03:04:05.000Z",
        "2|AA||300|2026-01-02T03:04:05.000Z",
    ]
    rows = [json.loads(one) for one in body(aws, keys(aws, "json/")[0]).splitlines()]
    moment = "2026-01-02T03:04:05.000Z"
    assert rows[1] == {"flight": 2, "carrier": "AA", "distance": 300, "when": moment}
    names = [key.split("/")[2] for key in keys(aws, "parts/")][:4]
    default = "__HIVE_DEFAULT_PARTITION__"
    assert names == [f"carrier={one}" for one in ("AA", "DL", "UA", default)]
    parts = pd.read_parquet(io.BytesIO(body(aws, keys(aws, "parts/")[0])))
    assert list(parts) == ["flight", "delay", "distance", "when"]
    assert str(parts["flight"].dtype) == "int32"
    ordered = pd.read_orc(io.BytesIO(body(aws, keys(aws, "orc/")[0])))
    assert ordered["distance"].tolist() == [100, 300, 500, 200, 1000]
    held = list(fastavro.reader(io.BytesIO(body(aws, keys(aws, "avro/")[0]))))
    assert held[3]["carrier"] is None
    assert held[3]["when"].isoformat() == "2026-01-02T03:04:05+00:00"


def test_each_source_is_read(aws: Aws) -> None:
    glue = aws("glue")
    put(aws, "many/a.csv", "1;x\n2;y\n")
    put(aws, "many/b.csv", "3.5;z\n")
    put(aws, "many/_SUCCESS", "")
    put(aws, "lines.json", '{"a": 4, "b": "j"}\n{"a": 5}\n')
    put(aws, "whole.json", json.dumps([{"a": 6, "b": "w"}]))
    sink = io.BytesIO()
    pd.DataFrame({"a": [7], "b": ["p"]}).to_parquet(sink)
    put(aws, "file.parquet", sink.getvalue())
    put(aws, "table/day=2026-01-01/rows.csv", "a,b\n8,t\nbad,u\n")
    serde = {"Parameters": {"field.delim": ","}}
    storage = {
        "Location": f"s3://{BUCKET}/table",
        "Columns": [{"Name": "a", "Type": "bigint"}, {"Name": "b", "Type": "string"}],
        "SerdeInfo": serde,
    }
    glue.create_database(DatabaseInput={"Name": "desk"})
    glue.create_table(
        DatabaseName="desk",
        TableInput={
            "Name": "rows",
            "StorageDescriptor": storage,
            "PartitionKeys": [{"Name": "day", "Type": "date"}],
            "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
        },
    )
    place = {**storage, "Location": f"s3://{BUCKET}/table/day=2026-01-01/"}
    glue.create_partition(
        DatabaseName="desk",
        TableName="rows",
        PartitionInput={"Values": ["2026-01-01"], "StorageDescriptor": place},
    )
    options = {"Csv": {"Delimiter": ";", "HeaderRow": False}}
    dataset(aws, "many/", Format="CSV", FormatOptions=options)
    dataset(aws, "lines.json", "lines", Format="JSON")
    whole = {"Json": {"MultiLine": True}}
    dataset(aws, "whole.json", "whole", Format="JSON", FormatOptions=whole)
    catalog = {"DatabaseName": "desk", "TableName": "rows"}
    aws("databrew").create_dataset(
        Name="table", Input={"DataCatalogInputDefinition": catalog}
    )
    there = {"S3InputDefinition": {"Bucket": BUCKET, "Key": "file.parquet"}}
    union = step(
        "UNION",
        datasetsColumns=[["Column_1", "Column_2"], *[["a", "b"]] * 4],
        targetColumnNames=["a", "b"],
        secondaryDatasetNames=["lines", "whole", "file", "table"],
        secondaryInputs=[{}, {}, there, {}],
    )
    recipe_job(aws, [union], Outputs=[output("out", Format="JSON")])
    done(aws)
    rows = [json.loads(one) for one in body(aws, keys(aws)[0]).splitlines()]
    assert [row.get("a") for row in rows] == [1, 2, 3.5, 4, 5, 6, 7, 8, None]
    assert "".join(row.get("b", "-") for row in rows) == "xyzj-wptu"


def test_a_project_job_runs_the_working_recipe(aws: Aws) -> None:
    dataset(aws, "in/flights.csv")
    databrew = aws("databrew")
    upper = step("LOWER_CASE", sourceColumn="carrier")
    databrew.create_recipe(Name="draft", Steps=[upper])
    databrew.create_project(
        Name="desk", DatasetName="flights", RecipeName="draft", RoleArn=ROLE
    )
    databrew.update_recipe(Name="draft", Steps=[*SIMPLE[:1], upper])
    databrew.create_recipe_job(
        Name="clean", ProjectName="desk", RoleArn=ROLE, Outputs=[output("out")]
    )
    run = done(aws)
    reference = {"Name": "draft", "RecipeVersion": "LATEST_WORKING"}
    assert run["RecipeReference"] == reference
    text = body(aws, keys(aws)[0]).decode().splitlines()
    assert text[1:] == [
        "1,aa,10,100",
        "2,aa,,300",
        "2,aa,,300",
        "3,ua,30,500",
        "5,dl,-5,1000",
    ]
