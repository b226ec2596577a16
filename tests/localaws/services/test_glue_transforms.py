"""Transforms of Glue's Spark jobs that split, join, flatten and fill frames."""

import pytest

from tests.localaws.services.etl import Aws, make_role, needs_spark
from tests.localaws.services.test_glue_frames import told

pytestmark = needs_spark
SCRIPT = """
from awsglueml.transforms import FillMissingValues
import awsgluedq.transforms, awsglueml.transforms
def frame(*records):
    put("t/a.json", "\\n".join(json.dumps(one) for one in records))
    made = read("t/", "json").toDF().cache()
    made.count()
    return DynamicFrame.fromDF(made, glue, "made")
def every(collection):
    return {key: rows(collection[key]) for key in collection.keys()}
nested = frame(
    {"id": 1, "who": {"name": "a", "at": {"zip": "x"}}, "l": [{"k": 1}, {"k": 2}]},
    {"id": 2, "who": {"name": "b"}, "l": []}, {"id": 3})
tell("unnest", nested.unnest().toDF().columns)
made = Relationalize.apply(nested, "s3://tmp/", "root")
tell("keys", made.keys())
children = {row["id"]: row for row in rows(made["root"])}
lists = rows(SelectFromCollection.apply(made, "root_l"))
tell("lists", [[row["id"] == children[1]["l"], row["index"], row["l.val.k"]]
    for row in lists])
tell("nothing", [children[1]["who.at.zip"], children[3]["l"]])
data = frame(*[{"n": n, "s": "x" * n} for n in range(5)])
tell("fields", every(SplitFields.apply(data.filter(lambda one: one["n"] == 2), ["s"])))
split = SplitRows.apply(data, {"n": {">": 1, "<=": 3}}, "in", "out")
tell("rows", [[row["n"] for row in part] for part in every(split).values()])
more = DynamicFrame.fromDF(spark.createDataFrame([(3, "new"), (9, "new")],
    "n int, s string"), glue, "more")
tell("merged", sorted(map(str, rows(data.mergeDynamicFrame(more, ["n"])))))
tell("union", [one.count() for one in (data.union(more), Union.apply(more, data))])
fails("types", lambda: data.union(nested.rename_field("id", "s")))
tell("partitions", [data.repartition(3).getNumPartitions(),
    data.repartition(3).coalesce(2).getNumPartitions()])
boxed = frame({"j": '{"a": 1, "b": [2]}'}, {"j": "no json"}, {"j": None})
found = Unbox.apply(boxed, "j", "json")
tell("unbox", [rows(found), found.errorsCount()])
fails("csv", lambda: boxed.unbox("j", "csv"))
flights = [{"far": far, "air": None if far % 7 == 3 else far * 2.0,
    "kind": "" if far == 5 else "long" if far > 50 else "short"} for far in range(100)]
holes = frame(*flights)
air = FillMissingValues.apply(frame=holes, missing_values_column="air")
tell("air", [[row["far"], row["air_filled"]] for row in rows(air)])
kinds = FillMissingValues.apply(holes, "kind", "sort")
tell("sort", rows(kinds)[5]["sort"])
fails("fill", lambda: FillMissingValues.apply(nested, "who"))
fails("find", lambda: awsglueml.transforms.FindMatches.apply(holes))
fails("quality", lambda: awsgluedq.transforms.EvaluateDataQuality.apply(holes))
fails("rule", lambda: split.select("third"))
"""


def test_frames_are_split_joined_flattened_and_filled(aws: Aws, bucket: str) -> None:
    make_role(aws)
    found = told(aws, SCRIPT)
    assert found["unnest"] == ["id", "who.name", "who.at.zip", "l"]
    assert found["keys"] == ["root", "root_l"]
    assert found["lists"] == [[True, 0, 1], [True, 1, 2]]
    assert found["nothing"] == ["x", None]
    assert found["fields"] == {"made1": [{"s": "xx"}], "made2": [{"n": 2}]}
    assert found["rows"] == [[2, 3], [0, 1, 4]]
    assert found["merged"] == [
        "{'n': 0, 's': ''}",
        "{'n': 1, 's': 'x'}",
        "{'n': 2, 's': 'xx'}",
        "{'n': 3, 's': 'new'}",
        "{'n': 4, 's': 'xxxx'}",
        "{'n': 9, 's': 'new'}",
    ]
    assert found["union"] == [7, 7]
    assert found["partitions"] == [3, 2]
    assert found["unbox"] == [[{"j": {"a": 1, "b": [2]}}, {"j": None}], 1]
    for far, air in found["air"]:
        lacks = far % 7 == 3
        assert air == (pytest.approx(far * 2, abs=10) if lacks else far * 2.0)
    assert found["sort"] == "short"
    for name, says in (
        ("types", "a union of two types of s does not act"),
        ("csv", "unbox of format='csv' does not act"),
        ("fill", "FillMissingValues of who, a struct does not act"),
        ("find", "transforms.FindMatches does not act in the local endpoint. On AWS"),
        ("quality", "transforms.EvaluateDataQuality does not act"),
        ("rule", "KeyError: 'third'"),
    ):
        assert says in found[name], (name, found[name])
