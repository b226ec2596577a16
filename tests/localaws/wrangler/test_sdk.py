"""Data Wrangler by the SageMaker Python SDK v3, and a flow over real flights."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from helpers.samples import sample
from localaws.daemon import Connection
from tests.localaws.sagemaker.flying import RUNTIME, group, made
from tests.localaws.sagemaker.processed import messages
from tests.localaws.services.lake import two_flights
from tests.localaws.wrangler.flows import (
    BASE,
    BUCKET,
    IMAGE,
    Flow,
    keys,
    output,
    read,
    run,
    store,
)

pytestmark = pytest.mark.filterwarnings("ignore")


def flow_input(flow: Flow) -> Any:
    """Return the input that holds a flow."""
    from sagemaker.core.shapes import ProcessingInput, ProcessingS3Input

    uri = store("data_wrangler_flows/sdk.flow", json.dumps(flow.document))
    place = ProcessingS3Input(
        s3_uri=uri,
        local_path=f"{BASE}/flow",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
        s3_data_distribution_type="FullyReplicated",
    )
    return ProcessingInput(input_name="flow", s3_input=place)


def test_a_processor_runs_a_flow_as_exported_notebooks_do(
    endpoint: Connection, flow: Flow, role: str
) -> None:
    from sagemaker.core import image_uris
    from sagemaker.core.processing import Processor
    from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output

    uri = image_uris.retrieve("data-wrangler", "us-east-1", version="3.x")
    assert uri == IMAGE
    name = f"{flow.rows}.default"
    place = ProcessingS3Output(
        s3_uri=f"s3://{BUCKET}/export",
        local_path=f"{BASE}/output",
        s3_upload_mode="EndOfJob",
    )
    processor = Processor(
        image_uri=uri,
        role=role,
        instance_count=1,
        instance_type="ml.m5.4xlarge",
        base_job_name="flow",
    )
    processor.run(
        inputs=[flow_input(flow)],
        outputs=[ProcessingOutput(output_name=name, s3_output=place)],
        arguments=[
            f"--output-config '{json.dumps({name: {'content_type': 'CSV'}})}'",
            """--refit-trained-params '{"refit": false, "output_flow": "x.flow"}'""",
        ],
        logs=False,
    )
    job = processor.latest_job
    job.refresh()
    assert job.processing_job_status == "Completed"
    results = f"export/{job.processing_job_name}/{name.replace('.', '/')}/"
    assert len(read(results)) == 8
    assert f"{name}: 8 rows in 1 files" in " ".join(messages(job.processing_job_name))


def test_a_processing_job_feeds_a_feature_group(
    endpoint: Connection, aws: Callable[[str], Any], flow: Flow, role: str, bucket: str
) -> None:
    from sagemaker.core.resources import ProcessingJob
    from sagemaker.core.shapes import (
        AppSpecification,
        ProcessingClusterConfig,
        ProcessingFeatureStoreOutput,
        ProcessingOutput,
        ProcessingOutputConfig,
        ProcessingResources,
    )

    aws("sagemaker").create_feature_group(**group(role, bucket))
    made(aws)
    node = flow.chosen(
        "manage_columns",
        "Drop column",
        "drop_column_parameters",
        flow.chosen(
            "handle_missing", "Drop missing", "drop_missing_parameters", flow.rows
        ),
        column_to_drop="carrier",
    )
    to = ProcessingOutput(
        output_name=f"{node}.default",
        feature_store_output=ProcessingFeatureStoreOutput(feature_group_name="flights"),
        app_managed=True,
    )
    cluster = ProcessingClusterConfig(
        instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10
    )
    job = ProcessingJob.create(
        processing_job_name="ingest",
        processing_inputs=[flow_input(flow)],
        processing_output_config=ProcessingOutputConfig(outputs=[to]),
        processing_resources=ProcessingResources(cluster_config=cluster),
        app_specification=AppSpecification(image_uri=IMAGE),
        role_arn=role,
    )
    job.wait(poll=1, logs=False)
    assert job.processing_job_status == "Completed"
    listed = aws(RUNTIME).list_records(FeatureGroupName="flights")
    assert listed["RecordIdentifiers"] == ["AA2", "DL5", "UA1"]


def test_a_query_of_athena_is_a_source(
    aws: Callable[[str], Any], flow: Flow, role: str
) -> None:
    two_flights(aws)
    statement = {
        "Effect": "Allow",
        "Action": ["s3:*", "athena:*", "glue:*"],
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    aws("iam").put_role_policy(
        RoleName="work", PolicyName="lake", PolicyDocument=json.dumps(document)
    )
    definition = {
        "datasetSourceType": "Athena",
        "name": "flights",
        "catalogName": "AwsDataCatalog",
        "databaseName": "desk",
        "queryString": "SELECT carrier, flight, delay, day FROM flights",
        "s3OutputLocation": f"s3://{BUCKET}/athena/",
        "outputFormat": "parquet",
    }
    operator = "sagemaker.athena_source_0.1"
    node = flow.node("SOURCE", operator, {"dataset_definition": definition})
    wrong = {**definition, "queryString": "SELECT nothing FROM nowhere"}
    bad = flow.node("SOURCE", operator, {"dataset_definition": wrong})
    forms = {f"{node}.default": {"content_type": "Parquet"}}
    done = run(
        flow,
        role,
        arguments=["--output-config", json.dumps(forms)],
        ProcessingOutputConfig={"Outputs": [output(node)]},
    )
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    found = read("out/").sort_values("flight", ignore_index=True)
    assert found["flight"].tolist() == [1141, 1545]
    assert found["delay"].fillna(-1).tolist() == [-1, 2.5]
    assert [str(day) for day in found["day"]] == ["2013-01-02", "2013-01-01"]
    done = run(flow, role, "bad", ProcessingOutputConfig={"Outputs": [output(bad)]})
    assert "the Athena query failed" in done["FailureReason"]


def test_flights_are_cleaned_encoded_and_split(
    aws: Callable[[str], Any], role: str, bucket: str
) -> None:
    flights = pd.read_parquet(sample("flights_20k.parquet"))
    airlines = pd.read_csv(sample("airlines.csv"))
    made = Flow()
    rows = made.typed(made.source("flights.csv", store("raw/flights.csv", flights)))
    names = made.typed(made.source("airlines.csv", store("raw/airlines.csv", airlines)))
    known = made.chosen(
        "handle_missing",
        "Drop missing",
        "drop_missing_parameters",
        rows,
        input_column="arr_delay",
    )
    late = made.step(
        "custom_formula",
        {"formula": "if(arr_delay > 15, 1, 0)", "output_column": "late"},
        known,
    )
    keys_ = {"left_column": "carrier", "right_column": "carrier", "join_type": "inner"}
    joined = made.step("join_tables", keys_, late, names)
    hot = made.chosen(
        "encode_categorical",
        "One-hot encode",
        "one_hot_encode_parameters",
        joined,
        input_column=["origin"],
        invalid_handling_strategy="Keep",
        drop_last=False,
        output_style="Columns",
    )
    splits = [
        {"name": "Train", "percentage": 0.8},
        {"name": "Test", "percentage": 0.2},
    ]
    halves = made.chosen(
        "split",
        "Stratified split",
        "stratified_split_parameters",
        hot,
        splits=splits,
        input_column="late",
        error=0.0005,
    )
    for part in ("Train", "Test"):
        node = made.node(
            "DATASET", "sagemaker.dataset.identity_0.1", {}, f"{halves}.{part}"
        )
        made.destination(node, f"s3://{BUCKET}/{part.lower()}")
    done = run(made, role, "flights")
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    expected = flights.dropna(subset=["arr_delay"]).merge(airlines, on="carrier")
    train, test = read("train/"), read("test/")
    assert len(train) + len(test) == len(expected)
    assert abs(len(test) - 0.2 * len(expected)) <= 2
    both = pd.concat([train, test])
    assert both["late"].sum() == (expected["arr_delay"] > 15).sum()
    for origin in ("EWR", "JFK", "LGA"):
        assert both[f"origin_{origin}"].sum() == (expected["origin"] == origin).sum()
    assert both["name"].value_counts().to_dict() == (
        expected["name"].value_counts().to_dict()
    )
    shares = [part["late"].mean() for part in (train, test)]
    assert shares[0] == pytest.approx(shares[1], abs=1e-3)
    assert len(keys("train/flights/")) == 1
