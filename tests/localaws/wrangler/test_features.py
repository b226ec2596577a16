"""Flows into feature groups: a job's FeatureStoreOutput."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.flying import RUNTIME, get, group, made, offline
from tests.localaws.sagemaker.processed import ended, instances, messages
from tests.localaws.wrangler.flows import Flow, failure, output, run, store

ROWS = pd.DataFrame(
    {
        "flight": ["AA1", "AA2", "AA1"],
        "at": [f"2013-01-05 {hour}:00:00" for hour in (10, 11, 12)],
        "delay": [1.5, None, 3.0],
        "seats": [100, 90, 100],
    }
)
Aws = Callable[[str], Any]


@pytest.fixture
def desk(aws: Aws, role: str, bucket: str) -> Aws:
    """The clients, with a feature group of flights."""
    aws("sagemaker").create_feature_group(**group(role, bucket))
    made(aws)
    return aws


def features(node: str, name: str = "flights", **more: Any) -> dict[str, Any]:
    """Return the member that holds one output into a feature group."""
    one = {
        "OutputName": f"{node}.default",
        "FeatureStoreOutput": {"FeatureGroupName": name},
        "AppManaged": True,
        **more,
    }
    return {"ProcessingOutputConfig": {"Outputs": [one]}}


def rows(flow: Flow, frame: pd.DataFrame = ROWS) -> str:
    """Add the rows that go into the group, and return their node."""
    return flow.typed(flow.source("flights", store("raw/flights.csv", frame)))


def test_rows_are_records_in_both_stores(
    desk: Aws, flow: Flow, role: str, bucket: str
) -> None:
    node = rows(flow)
    done = run(flow, role, **features(node))
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    runtime = desk(RUNTIME)
    assert get(runtime, "AA1") == {
        "flight": "AA1",
        "at": "2013-01-05T12:00:00Z",
        "delay": "3.0",
        "seats": "100",
    }
    # what is missing is left out
    assert get(runtime, "AA2") == {
        "flight": "AA2",
        "at": "2013-01-05T11:00:00Z",
        "seats": "90",
    }
    kept = offline(desk, bucket).sort_values("at", ignore_index=True)
    assert kept["flight"].tolist() == ["AA1", "AA2", "AA1"]
    assert kept["delay"].fillna(-1).tolist() == [1.5, -1, 3.0]
    told = f"{node}.default: 3 records into the feature group flights"
    assert told in messages("wrangle")


def test_one_flow_feeds_a_group_and_a_bucket(desk: Aws, flow: Flow, role: str) -> None:
    node = rows(flow)
    both = features(node)
    both["ProcessingOutputConfig"]["Outputs"].append(output(flow.rows))
    assert run(flow, role, **both)["ProcessingJobStatus"] == "Completed"
    assert get(desk(RUNTIME), "AA2")
    listed = desk("s3").list_objects_v2(Bucket="on-time-desk", Prefix="out/wrangle/")
    assert listed["KeyCount"] == 1


def test_records_that_are_refused_are_counted_and_named(
    desk: Aws, flow: Flow, role: str
) -> None:
    wrong = ROWS.assign(seats=["many", "90", "some"], flight=["AA1", None, "AA3"])
    reason = failure(flow, role, **features(rows(flow, wrong)))
    assert "the feature group 'flights' refused 3 of 3 records" in reason
    assert "1 records, first row 0: Validation Error: Feature 'seats'" in reason
    assert "needs a value for 'flight' (RecordIdentifierFeatureName)" in reason
    assert get(desk(RUNTIME), "AA1") is None


def test_the_others_are_written(desk: Aws, flow: Flow, role: str) -> None:
    wrong = ROWS.assign(flight=["AA1", None, "AA3"])
    reason = failure(flow, role, **features(rows(flow, wrong)))
    assert "refused 1 of 3 records" in reason
    assert get(desk(RUNTIME), "AA3")


def test_a_float_is_no_integral_until_it_is_cast(
    desk: Aws, flow: Flow, role: str
) -> None:
    halves = rows(flow, ROWS.assign(seats=[100.5, 90.0, 100.0]))
    assert "'100.5' is not a valid value" in failure(
        flow, role, "halves", **features(halves)
    )
    given = {"column": "seats", "original_data_type": "Float", "data_type": "long"}
    whole = flow.step("cast_single_data_type", given, halves)
    assert run(flow, role, "whole", **features(whole))["ProcessingJobStatus"] == (
        "Completed"
    )


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (ROWS.drop(columns="flight"), "needs the column 'flight' as its RecordIdent"),
        (ROWS.drop(columns="at"), "needs the column 'at' as its EventTimeFeatureName"),
        (ROWS.assign(gate="B2"), "has no feature for the columns: gate"),
    ],
)
def test_the_columns_must_be_the_features(
    desk: Aws, flow: Flow, role: str, frame: pd.DataFrame, told: str
) -> None:
    node = rows(flow, frame)
    reason = failure(flow, role, **features(node))
    assert reason.startswith(f"AlgorithmError: node {node} (sagemaker.spark.infer_")
    assert told in reason


def test_a_group_that_is_not_there(flow: Flow, role: str) -> None:
    reason = failure(flow, role, **features(rows(flow), "nobody"))
    assert "the feature group 'nobody'" in reason


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"AppManaged": False}, "is only supported when AppManaged is true"),
        (
            {"S3Output": output("x")["S3Output"]},
            "must specify exactly one of S3Output and FeatureStoreOutput",
        ),
    ],
)
def test_the_output_is_managed_by_the_program_alone(
    flow: Flow, role: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told) as raised:
        run(flow, role, **features(flow.rows, **more))
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_script_puts_its_records_itself(desk: Aws, role: str) -> None:
    """The output tells a script where to; to write is its own work."""
    script = """
import json, boto3
config = json.load(open("/opt/ml/config/processingjobconfig.json"))
(output,) = config["ProcessingOutputConfig"]["Outputs"]
record = {"flight": "ZZ9", "at": "2013-01-01T00:00:00Z"}
boto3.client("sagemaker-featurestore-runtime").put_record(
    FeatureGroupName=output["FeatureStoreOutput"]["FeatureGroupName"],
    Record=[{"FeatureName": n, "ValueAsString": v} for n, v in record.items()],
)
"""
    desk("s3").put_object(Bucket="on-time-desk", Key="code/put.py", Body=script)
    place = {
        "S3Uri": "s3://on-time-desk/code/put.py",
        "LocalPath": "/opt/ml/processing/input/code",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    entry = ["python3", "/opt/ml/processing/input/code/put.py"]
    desk("sagemaker").create_processing_job(
        ProcessingJobName="puts",
        AppSpecification={"ImageUri": SKLEARN, "ContainerEntrypoint": entry},
        ProcessingInputs=[{"InputName": "code", "S3Input": place}],
        ProcessingResources=instances(1),
        RoleArn=role,
        **features("any"),
    )
    assert ended("puts")["ProcessingJobStatus"] == "Completed"
    assert get(desk(RUNTIME), "ZZ9")
