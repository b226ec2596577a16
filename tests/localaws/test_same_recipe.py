"""One recipe in AWS Glue, DataBrew and Data Wrangler gives one table.

Rows without a delay go, then duplicates; gusts are filled by their median, miles scaled
to 0 to 1, carriers made columns, `seats` renamed and made whole numbers, and of what is
left the rows with a delay below 300 stay.
"""

import io
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.services.etl import (
    BUCKET,
    EVERYTHING,
    done,
    make_job,
    make_role,
    needs_spark,
)
from tests.localaws.services.functions import trust
from tests.localaws.wrangler.flows import Flow, keys, output
from tests.localaws.wrangler.flows import run as run_flow

pytestmark = needs_spark
Aws = Callable[[str], Any]
# Gaps, quotes, letters beyond ASCII, numbers with blanks, numbers that are none.
TABLE = """flight,carrier,delay,miles,gust,temp,seats,note
F007,UA,-4.5,1400,,50,150,"late, ""very"" late"
F008,AA,,500,99,99,180,no delay
F009,UA,12,200,10.25,40, 90,"Zürich, Genève"
F010,,0,2586,20,,,NA
F009,UA,12,200,10.25,40, 90,"Zürich, Genève"
F011,B6,1e2,1069,35.5,60,n/a,
F012,AA,301,80,17,,12,far too late
F013,AA,7.125,80,17,70,200,null
"""
BREWER = "brewer"
NUMBERS = ("delay", "miles", "gust", "temp", "places")
HOT = ("carrier_UA", "carrier_AA", "carrier_B6")
GLUE = f"""
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import ApplyMapping
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F
glue = GlueContext(SparkContext.getOrCreate())
args = getResolvedOptions(sys.argv, ["JOB_NAME"])
frame = glue.create_dynamic_frame.from_options(
    "s3", {{"paths": ["s3://{BUCKET}/raw/"]}}, "csv", {{"withHeader": True}})
kinds = {{"delay": "double", "miles": "double", "gust": "double", "temp": "double",
         "seats": "bigint"}}
names = ["flight", "carrier", "delay", "miles", "gust", "temp", "seats", "note"]
frame = ApplyMapping.apply(frame, mappings=[
    (name, "string", "places" if name == "seats" else name, kinds.get(name, "string"))
    for name in names])
df = frame.toDF().replace("", None).dropna(subset=["delay"]).dropDuplicates()
medians = df.agg(*(F.percentile(name, 0.5).alias(name) for name in ("gust", "temp")))
df = df.fillna(medians.first().asDict())
low, high = df.agg(F.min("miles"), F.max("miles")).first()
df = df.withColumn("miles", (F.col("miles") - low) / (high - low))
for row in df.select("carrier").dropna().distinct().collect():
    is_it = F.coalesce((F.col("carrier") == row.carrier).cast("double"), F.lit(0.0))
    df = df.withColumn("carrier_" + row.carrier, is_it)
df = df.drop("carrier").filter("delay < 300")
glue.write_dynamic_frame.from_options(
    DynamicFrame.fromDF(df.coalesce(1), glue, "cooked"), "s3",
    {{"path": "s3://{BUCKET}/glue/"}}, "parquet")
"""


def wrangled(role: str) -> None:
    """Run the recipe as a flow of Data Wrangler."""
    flow = Flow()
    node = flow.typed(flow.source("raw", f"s3://{BUCKET}/raw/table.csv"))

    def choose(operator: str, choice: str, **given: Any) -> None:
        nonlocal node
        member = f"{choice.lower().replace(' ', '_').replace('-', '_')}_parameters"
        node = flow.chosen(operator, choice, member, node, **given)

    choose("handle_missing", "Drop missing", input_column="delay")
    choose("manage_rows", "Drop duplicates")
    median = {"input_column": ["gust", "temp"], "strategy": "Approximate Median"}
    choose("handle_missing", "Impute", column_type="Numeric", numeric_parameters=median)
    scale = {"input_column": ["miles"], "min": 0, "max": 1}
    choose(
        "process_numeric",
        "Scale values",
        scaler="Min-max scaler",
        min_max_scaler_parameters=scale,
    )
    choose(
        "encode_categorical",
        "One-hot encode",
        input_column=["carrier"],
        invalid_handling_strategy="Keep",
        drop_last=False,
        output_style="Columns",
    )
    choose("manage_columns", "Rename column", input_column="seats", new_name="places")
    kinds = {"original_data_type": "String", "data_type": "long"}
    node = flow.step("cast_single_data_type", {"column": "places", **kinds}, node)
    node = flow.step("custom_sql", {"sql": "SELECT * FROM df WHERE delay < 300"}, node)
    form = {f"{node}.default": {"content_type": "PARQUET"}}
    told = run_flow(
        flow,
        role,
        ProcessingOutputConfig={"Outputs": [output(node, "wrangler")]},
        arguments=[f"--output-config '{json.dumps(form)}'"],
    )
    assert told["ProcessingJobStatus"] == "Completed", told.get("FailureReason")


def step(operation: str, *conditions: Any, **parameters: Any) -> dict[str, Any]:
    """Return a step of a DataBrew recipe."""
    told = {"Action": {"Operation": operation, "Parameters": parameters}}
    if not parameters:
        del told["Action"]["Parameters"]
    return told | ({"ConditionExpressions": list(conditions)} if conditions else {})


LATE = {"Condition": "GREATER_THAN_EQUAL", "Value": "300", "TargetColumn": "delay"}
STEPS = [
    step("REMOVE_MISSING", sourceColumn="delay"),
    step("DELETE_DUPLICATE_ROWS"),
    step("FILL_WITH_MEDIAN", sourceColumn="gust"),
    step("FILL_WITH_MEDIAN", sourceColumn="temp"),
    step("SCALE", sourceColumn="miles", targetColumn="scaled", strategy="MIN_MAX"),
    step("DELETE", sourceColumn="miles"),
    step("RENAME", sourceColumn="scaled", targetColumn="miles"),
    step("ONE_HOT_ENCODING", sourceColumn="carrier"),
    step("DELETE", sourceColumn="carrier"),
    step("RENAME", sourceColumn="seats", targetColumn="places"),
    step("CHANGE_DATA_TYPE", sourceColumn="places", columnDataType="long"),
    step("REMOVE_VALUES", LATE, sourceColumn="delay"),
]


def brewed(aws: Aws) -> None:
    """Run the recipe as a job of DataBrew."""
    brew, where = aws("databrew"), {"Bucket": BUCKET, "Key": "raw/table.csv"}
    brew.create_dataset(
        Name="raw",
        Format="CSV",
        FormatOptions={"Csv": {"Delimiter": ",", "HeaderRow": True}},
        Input={"S3InputDefinition": where},
    )
    brew.create_recipe(Name="same", Steps=STEPS)
    brew.publish_recipe(Name="same")
    location = {"Bucket": BUCKET, "Key": "databrew/"}
    role = aws("iam").get_role(RoleName=BREWER)["Role"]["Arn"]
    brew.create_recipe_job(
        Name="cook",
        DatasetName="raw",
        RecipeReference={"Name": "same", "RecipeVersion": "1.0"},
        RoleArn=role,
        Outputs=[{"Location": location, "Format": "PARQUET"}],
    )
    run = brew.start_job_run(Name="cook")["RunId"]

    ended = wait(
        lambda: brew.describe_job_run(Name="cook", RunId=run),
        "State",
        "STARTING",
        "RUNNING",
    )
    assert ended["State"] == "SUCCEEDED", ended.get("ErrorMessage")


def read(aws: Aws, prefix: str) -> pd.DataFrame:
    """Return the table below a prefix, in one order of its columns and rows.

    Ones and zeros are numbers of another type in each tool: all are made floats.
    """
    frames = []
    for key in keys(f"{prefix}/"):
        body = aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        # Spark leaves empty objects as markers of folders
        frames += [pd.read_parquet(io.BytesIO(body))] if body else []
    found = pd.concat(frames, ignore_index=True)
    numeric = [name for name in (*NUMBERS, *HOT) if name in found]
    found[numeric] = found[numeric].astype("float64")
    found["note"] = found["note"].astype(object).where(found["note"].notna(), None)
    return found[sorted(found)].sort_values("flight", ignore_index=True)


@pytest.fixture
def tables(aws: Aws, role: str, bucket: str) -> dict[str, pd.DataFrame]:
    """What each tool has made of the table."""
    aws("s3").put_object(Bucket=bucket, Key="raw/table.csv", Body=TABLE.encode())
    make_role(aws)
    wrangled(role)
    make_job(aws, GLUE, "glueetl", GlueVersion="5.0")
    done(aws)
    document = trust("databrew.amazonaws.com")
    aws("iam").create_role(RoleName=BREWER, AssumeRolePolicyDocument=document)
    rights = {"Version": "2012-10-17", "Statement": [EVERYTHING]}
    aws("iam").put_role_policy(
        RoleName=BREWER, PolicyName="p", PolicyDocument=json.dumps(rights)
    )
    brewed(aws)
    return {name: read(aws, name) for name in ("glue", "databrew", "wrangler")}


def test_the_tables_are_the_same(tables: dict[str, pd.DataFrame]) -> None:
    """But for the median of an even number of values.

    Data Wrangler's is approximate, and so one of the values: the lower of the two in
    the middle, where the others take the mean of these.
    """
    medians = {name: table.pop("temp")[2] for name, table in tables.items()}
    assert medians == {"glue": 55.0, "databrew": 55.0, "wrangler": 50.0}
    expected = tables["glue"]
    assert expected["flight"].tolist() == ["F007", "F009", "F010", "F011", "F013"]
    assert expected["gust"].tolist() == [17.0, 10.25, 20.0, 35.5, 17.0]
    assert expected["note"].tolist()[1:4] == ["Zürich, Genève", "NA", None]
    for table in tables.values():
        pd.testing.assert_frame_equal(table, expected, rtol=0, atol=1e-9)
