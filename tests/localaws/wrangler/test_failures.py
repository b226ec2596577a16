"""Flows that cannot be run: the job's reason names the node and what is wrong."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.processed import ended, instances
from tests.localaws.wrangler.flows import (
    BUCKET,
    Flow,
    failure,
    keys,
    output,
    refusal,
    request,
    run,
)


def to(node: str) -> dict[str, Any]:
    """Return the member that holds one output."""
    return {"ProcessingOutputConfig": {"Outputs": [output(node)]}}


def vectorize(**more: Any) -> dict[str, Any]:
    """Return the parameters of a node that counts words."""
    given = {
        "input_column": "carrier",
        "tokenizer": "Standard",
        "vectorizer": "Count Vectorizer",
        "apply_idf": "No",
        "output_format": "Vector",
    }
    return {"operator": "Vectorize", "vectorize_parameters": given | more}


@pytest.mark.parametrize(
    ("operator", "parameters", "told"),
    [
        (
            "manage_columns",
            {
                "operator": "Drop column",
                "drop_column_parameters": {"column_to_drop": "x"},
            },
            "The column 'x' is not in the data, which has: flight, carrier, delay",
        ),
        (
            "manage_columns",
            {"operator": "Paint"},
            "operator must be one of 'Drop column'",
        ),
        (
            "manage_columns",
            {
                "operator": "Drop column",
                "drop_column_parameters": {"column_to_drop": "at", "colour": "red"},
            },
            "unknown parameters: colour",
        ),
        (
            "process_numeric",
            {
                "operator": "Scale values",
                "scale_values_parameters": {
                    "scaler": "Standard scaler",
                    "standard_scaler_parameters": {"input_column": "carrier"},
                },
            },
            "must be numeric, not string",
        ),
        (
            "manage_rows",
            {"operator": "Filter"},
            "'Filter' does not act on the local endpoint; on AWS it keeps the rows",
        ),
        (
            "balance_data",
            {"operator": "SMOTE"},
            "on AWS it makes rows between those of",
        ),
        (
            "featurize_text",
            vectorize(vectorizer="Hashing", output_format="Columns"),
            "output_format Columns needs the Count Vectorizer",
        ),
        ("featurize_text", vectorize(apply_idf="Perhaps"), "apply_idf must be one of"),
        ("featurize_text", vectorize(input_column="seats"), "must be a string"),
        (
            "featurize_text",
            vectorize(tokenizer="Custom", tokenizer_custom_parameters={"pattern": "["}),
            "the pattern '[' is not legal",
        ),
        (
            "featurize_text",
            vectorize(
                vectorizer_count_vectorizer_parameters={"minimum_document_frequency": 9}
            ),
            "no word is in the vocabulary",
        ),
        (
            "featurize_text",
            {
                "operator": "Character statistics",
                "character_statistics_parameters": {"input_column": "carrier"},
            },
            "has missing values: fill them first",
        ),
        (
            "encode_categorical",
            {
                "operator": "Similarity encode",
                "similarity_encode_parameters": {
                    "input_column": "carrier",
                    "target_dimension": 0,
                },
            },
            "target_dimension must be 1 to 1000; found 0",
        ),
        ("group_by", {}, "GROUP BY in an SQL transform and groupBy in a PySpark"),
        ("fold_proteins", {}, "on AWS it transforms the data with Spark"),
    ],
)
def test_the_reason_names_node_and_operator(
    sketch: Flow, tmp_path: Path, operator: str, parameters: dict[str, Any], told: str
) -> None:
    node = sketch.step(operator, parameters, sketch.rows)
    reason = refusal(sketch, tmp_path, of=node)
    assert reason.startswith(f"node {node} (sagemaker.spark.{operator}_0.1): ")
    assert told in reason


def test_an_operator_of_nobody(flow: Flow, role: str) -> None:
    node = flow.node("TRANSFORM", "acme.spark.magic", {}, flow.rows)
    reason = failure(flow, role, **to(node))
    assert reason == (
        f"AlgorithmError: node {node} (acme.spark.magic): 'acme.spark.magic' is not an "
        "operator of Data Wrangler, exit code: 1"
    )
    assert keys("out/") == []


def test_what_no_output_needs_is_not_run(flow: Flow, role: str) -> None:
    flow.node("VISUALIZATION", "sagemaker.visualizations.describe_0.1", {}, flow.rows)
    flow.step("fold_proteins", {}, flow.rows)
    assert run(flow, role, **to(flow.rows))["ProcessingJobStatus"] == "Completed"


def test_a_source_that_is_not_there(flow: Flow, role: str) -> None:
    node = flow.source("gone", f"s3://{BUCKET}/gone/")
    reason = failure(flow, role, **to(node))
    assert f"{node} (sagemaker.s3_source_0.1)" in reason
    assert f"there is no object at s3://{BUCKET}/gone/" in reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"nodes": [', "wrangle.flow is not a flow: Expecting value"),
        ('{"metadata": {}}', "wrangle.flow is not a flow: it lacks 'nodes'"),
        ('{"nodes": [{"node_id": "a"}]}', "it lacks 'type'"),
        (
            '{"nodes": [{"node_id": "a", "type": "TRANSFORM", "operator": "x", '
            '"inputs": [{"node_id": "b"}]}]}',
            "node a (x) takes b.default, which is not there",
        ),
        (
            '{"nodes": [{"node_id": "a", "type": "TRANSFORM", "operator": "x", '
            '"inputs": [{"node_id": "a"}], "outputs": [{"name": "default"}]}]}',
            "the flow runs in a circle through node a",
        ),
    ],
)
def test_a_file_that_is_no_flow(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(text, tmp_path, of="a")


def test_a_job_whose_file_is_no_flow(role: str, bucket: str) -> None:
    assert "wrangle.flow is not a flow" in failure("[", role, **to("a"))


def test_outputs_must_name_nodes(flow: Flow, role: str) -> None:
    assert "names no node; there are" in failure(flow, role, **to("x.default"))
    renamed = output(flow.rows) | {"OutputName": "clean"}
    reason = failure(flow, role, "two", ProcessingOutputConfig={"Outputs": [renamed]})
    assert "'clean' must be named <node_id>.<output>" in reason
    assert "the job has no output, and its flow no destination" in failure(
        flow, role, "three"
    )


def test_one_instance_runs_a_flow(flow: Flow, role: str) -> None:
    reason = failure(flow, role, ProcessingResources=instances(2), **to(flow.rows))
    assert "a flow runs on one instance" in reason


def test_an_isolated_job_cannot_read_from_s3(flow: Flow, role: str) -> None:
    isolated = {"EnableNetworkIsolation": True}
    try:
        reason = failure(flow, role, NetworkConfig=isolated, **to(flow.rows))
    except ClientError as error:
        # a machine whose users make no network namespaces
        assert "NotImplemented" in error.response["Error"]["Code"]
    else:
        assert "credentials" in reason


def test_a_job_is_stopped(flow: Flow, role: str) -> None:
    code = "import time\nprint('waiting', flush=True)\ntime.sleep(60)\n"
    node = flow.step("custom_pandas", {"code": code}, flow.rows)
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_processing_job(**request(flow, role, **to(node)))
    sagemaker.stop_processing_job(ProcessingJobName="wrangle")
    assert ended("wrangle")["ProcessingJobStatus"] == "Stopped"
