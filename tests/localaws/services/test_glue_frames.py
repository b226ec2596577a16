"""DynamicFrames of Glue's Spark jobs: choices, transforms, formats, the catalog."""

import json
from typing import Any

import pytest

from tests.localaws.services.etl import (
    BUCKET,
    Aws,
    done,
    lines,
    make_job,
    make_role,
    needs_spark,
)
from tests.localaws.services.test_glue_spark import BEGIN

pytestmark = needs_spark
# A script tells what it finds as JSON, a line for each question.
TELL = f"""{BEGIN}
import json, boto3
s3, catalog = boto3.client("s3"), boto3.client("glue")
def put(key, text):
    s3.put_object(Bucket="{BUCKET}", Key=key, Body=text.encode())
def read(path, kind, **more):
    where = {{"paths": [f"s3://{BUCKET}/{{path}}"]}}
    return glue.create_dynamic_frame.from_options("s3", where, format=kind, **more)
def rows(frame):
    return [row.asDict(True) for row in frame.toDF().collect()]
def tell(name, answer):
    print(json.dumps([name, answer]))
def fails(name, call):
    try:
        tell(name, repr(call()))
    except Exception as error:
        tell(name, f"{{type(error).__name__}}: {{error}}")
"""


@pytest.fixture(autouse=True)
def _role(aws: Aws, bucket: str) -> None:
    make_role(aws)


def told(aws: Aws, script: str) -> dict[str, Any]:
    """Run a script and return what it tells, and its other lines under `lines`."""
    make_job(aws, f"{TELL}{script}", "glueetl")
    found: dict[str, Any] = {"lines": []}
    for line in lines(aws, done(aws)):
        if line.startswith("["):
            name, answer = json.loads(line)
            found[name] = answer
        else:
            found["lines"].append(line)
    return found


CHOICES = """
put("j/a.json", '{"a": 1, "b": "x", "n": {"p": 1, "q": "u"}, "l": [1], "z": null}\\n'
    '{"a": "two", "b": "y", "n": {"p": 2.5}}\\nno json\\n{"a": 5000000000}\\n')
frame = read("j/", "json")
frame.printSchema()
frame.show(1)
tell("count", [frame.count(), frame.errorsCount()])
tell("struct", rows(frame.resolveChoice(choice="make_struct").select_fields(["a"])))
tell("cast", rows(frame.resolveChoice(specs=[("a", "cast:long"), ("n.p", "cast:int")])))
tell("cols", rows(ResolveChoice.apply(frame, choice="make_cols").select_fields(
    ["a_int", "a_long", "a_string"])))
tell("project", rows(frame.resolveChoice(specs=[("a", "project:string")])
    .select_fields(["a"])))
known = frame.resolveChoice(specs=[("a", "cast:long")])
tell("map", rows(ApplyMapping.apply(frame=known, mappings=[
    ("a", "long", "id", "string"), ("n.q", "string", "deep.q", "string"),
    ("gone", "int", "gone", "int")])))
tell("drop", DropFields.apply(known, ["n.q", "l"]).toDF().schema["n"].dataType.names)
tell("nulls", DropNullFields.apply(frame).toDF().columns)
tell("rename", RenameField.apply(known, "a", "id").toDF().columns)
chosen = Filter.apply(frame=frame, f=lambda record: record["a"] > 1)
tell("filter", [chosen.count(), chosen.errorsCount()])
def louder(record):
    record["b"] = record["b"].upper()
    del record["l"]
    return record
loud = Map.apply(frame=frame, f=louder)
tell("louder", [row["b"] for row in rows(loud)] + [loud.errorsCount()])
tell("columns", loud.toDF().columns)
both = Join.apply(known.select_fields(["a", "b"]), known.select_fields(["a", "n"]),
    ["a"], ["a"])
tell("join", [both.count(), *both.toDF().columns])
fails("unresolved", lambda: frame.apply_mapping([("a", "int", "a", "int")]))
fails("fold", lambda: frame.resolveChoice(specs=[("a", "fold:int")]))
fails("both", lambda: frame.resolveChoice([("a", "cast:int")], "make_cols"))
fails("threshold", lambda: frame.drop_fields(["a"], stageThreshold=1))
fails("spigot", lambda: frame.spigot("s3://x/"))
fails("flat", lambda: FlatMap.apply(frame))
fails("unknown", lambda: frame.colour)
fails("sink", lambda: glue.getSink("s3"))
fails("mysql", lambda: glue.create_dynamic_frame.from_options("mysql", {}))
fails("xml", lambda: read("j/", "xml"))
fails("option", lambda: read("j/", "json", format_options={"jsonPath": "$.x"}))
fails("grouped", lambda: glue.create_dynamic_frame.from_options(
    "s3", {"paths": ["s3://x/"], "groupFiles": "inPartition"}, format="json"))
put("m/a.json", '{"l": [1, "x"]}')
fails("mixed", lambda: read("m/", "json"))
"""


def check_choices(found: dict[str, Any]) -> None:
    """Check what the first part tells."""
    assert found["lines"][:12] == [
        "root",
        "|-- a: choice",
        "|    |-- int",
        "|    |-- long",
        "|    |-- string",
        "|-- b: string",
        "|-- n: struct",
        "|    |-- p: choice",
        "|    |    |-- int",
        "|    |    |-- double",
        "|    |-- q: string",
        "|-- l: array",
    ]
    shown = json.loads(found["lines"][-7])
    assert (shown["a"], shown["n"]) == (1, {"p": 1, "q": "u"})
    assert found["count"] == [3, 1]
    assert found["struct"][1] == {"a": {"int": None, "long": None, "string": "two"}}
    assert [row["a"] for row in found["cast"]] == [1, None, 5000000000]
    assert [row["n"] and row["n"]["p"] for row in found["cast"]] == [1, 2, None]
    assert found["cols"][1:] == [
        {"a_int": None, "a_long": None, "a_string": "two"},
        {"a_int": None, "a_long": 5000000000, "a_string": None},
    ]
    assert [row["a"] for row in found["project"]] == ["1", "two", "5000000000"]
    assert found["map"][0] == {"id": "1", "deep": {"q": "u"}}
    assert "gone" not in found["map"][0]
    assert found["drop"] == ["p"]
    assert found["nulls"] == ["a", "b", "n", "l"]
    assert found["rename"][0] == "id"
    assert found["filter"] == [1, 2]
    assert found["louder"] == ["X", "Y", 2]
    assert found["columns"] == ["a", "b", "n", "z"]
    assert found["join"] == [2, "a", "b", ".a", "n"]
    for name, says in (
        ("unresolved", "resolve the choice first"),
        ("fold", "ValueError: ResolveChoice: 'fold:int' is no action"),
        ("both", "specs or choice, not both"),
        ("threshold", "fails the job at that many errors"),
        ("spigot", "DynamicFrame.spigot does not act in the local endpoint. On AWS"),
        ("flat", "transforms.FlatMap does not act"),
        ("unknown", "AttributeError: DynamicFrame has no attribute 'colour'"),
        ("sink", "GlueContext.getSink does not act"),
        ("mysql", "reads from mysql"),
        ("xml", "format='xml' does not act"),
        ("option", "jsonPath='$.x' does not act"),
        ("grouped", "groupFiles='inPartition' does not act"),
        ("mixed", "an array of several types does not act"),
    ):
        assert says in found[name], (name, found[name])


FORMATS = """
put("c/a.csv", 'id;v;name\\n1;2.5;x\\n2;;"y;z"\\nthree;3;\\n')
csv = {"withHeader": True, "separator": ";"}
frame = read("c/", "csv", format_options=csv)
tell("semicolons", rows(frame))
put("h/a.csv", "1,x")
tell("bare", rows(read("h/", "csv")))
for kind in ("csv", "json", "parquet", "orc", "avro"):
    where = {"path": f"s3://on-time-desk/out/{kind}/"}
    for _ in range(2 if kind in ("csv", "avro") else 1):
        glue.write_dynamic_frame.from_options(frame, "s3", where, format=kind)
    more = {"format_options": {"withHeader": True}} if kind == "csv" else {}
    back = read(f"out/{kind}/", kind, **more)
    tell(kind, [back.count(), *sorted(rows(back)[0])])
put("many/a.json", '[{"a": 1},\\n {"a": 2}]')
tell("multiline", rows(read("many/", "json", format_options={"multiline": True})))
put("deep/x/a.json", '{"a": 1}')
put("deep/x/_hidden.json", '{"a": 2}')
put("deep/b.json", '{"a": 3}')
for recurse in (False, True):
    where = {"paths": ["s3://on-time-desk/deep/"], "recurse": recurse}
    found = glue.create_dynamic_frame.from_options("s3", where, format="json")
    tell(f"recurse {recurse}", found.count())
tell("nothing", read("nothing/", "csv").count())
mixed = read("deep/", "json")
put("deep/c.json", '{"a": "x"}')
fails("choice", lambda: glue.write_dynamic_frame.from_options(
    read("deep/", "json"), "s3", {"path": "s3://on-time-desk/w/"}, format="csv"))
tell("pandas", frame.toDF().toPandas()["name"].tolist())
import pandas as pd
back = spark.createDataFrame(pd.DataFrame({"a": ["x", None]}))
tell("frame", rows(DynamicFrame.fromDF(back, glue, "back")))

catalog.create_database(DatabaseInput={"Name": "desk"})
def table(name, path, kind, columns, keys=(), **parameters):
    made = [{"Name": one, "Type": type_} for one, type_ in columns]
    catalog.create_table(DatabaseName="desk", TableInput={
        "Name": name, "Parameters": {"classification": kind, **parameters},
        "PartitionKeys": [{"Name": one, "Type": "int"} for one in keys],
        "StorageDescriptor": {"Columns": made, "Location": f"s3://on-time-desk/{path}",
            "SerdeInfo": {"Parameters": {"field.delim": ";"}}}})
columns = [("id", "bigint"), ("v", "double"), ("name", "string")]
table("c", "c/", "csv", columns, **{"skip.header.line.count": "1"})
typed = glue.create_dynamic_frame.from_catalog(database="desk", table_name="c")
typed.printSchema()
matched = typed.resolveChoice(choice="match_catalog", database="desk", table_name="c")
tell("matched", rows(matched))
glue.write_dynamic_frame.from_catalog(matched, database="desk", table_name="c")
again = glue.create_dynamic_frame.from_catalog(database="desk", table_name="c")
tell("again", again.count())
table("days", "days/", "json", [("x", "int")], ["day"])
for day in (1, 2, 10):
    put(f"days/day={day}/a.json", json.dumps({"x": day * 10}))
    where = {"Location": f"s3://on-time-desk/days/day={day}/"}
    catalog.create_partition(DatabaseName="desk", TableName="days",
        PartitionInput={"Values": [str(day)], "StorageDescriptor": where})
some = glue.create_dynamic_frame.from_catalog(
    database="desk", table_name="days", push_down_predicate="day >= 2")
tell("pushed", sorted(rows(some), key=str))
fails("missing", lambda: glue.create_dynamic_frame.from_catalog("desk", "nobody"))
"""


def test_choices_formats_and_the_data_catalog(aws: Aws) -> None:
    found = told(aws, CHOICES + FORMATS)
    check_choices(found)
    assert found["semicolons"] == [
        {"id": "1", "v": "2.5", "name": "x"},
        {"id": "2", "v": "", "name": "y;z"},
        {"id": "three", "v": "3", "name": ""},
    ]
    assert found["bare"] == [{"col0": "1", "col1": "x"}]
    for kind in ("csv", "json", "parquet", "orc", "avro"):
        count = 6 if kind in ("csv", "avro") else 3
        assert found[kind] == [count, "id", "name", "v"], kind
    assert found["multiline"] == [{"a": 1}, {"a": 2}]
    assert (found["recurse False"], found["recurse True"]) == (1, 2)
    assert found["nothing"] == 0
    assert "CSV has no type for the choice `a`" in found["choice"]
    assert found["pandas"] == ["x", "y;z", ""]
    assert found["frame"] == [{"a": "x"}, {"a": None}]
    assert found["lines"][-6:] == [
        "root",
        "|-- id: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- v: double",
        "|-- name: string",
    ]
    assert [row["id"] for row in found["matched"]] == [1, 2, None]
    assert [row["v"] for row in found["matched"]] == [2.5, None, 3.0]
    assert found["again"] == 6
    assert found["pushed"] == [{"x": 100, "day": 10}, {"x": 20, "day": 2}]
    assert "EntityNotFoundException" in found["missing"]
