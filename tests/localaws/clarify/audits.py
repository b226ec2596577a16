"""Analyses by the image's entry point in a tree of its own, and by jobs."""

import json
from pathlib import Path
from typing import Any

import boto3
import pandas as pd

from localaws.clarify.__main__ import main
from tests.localaws.sagemaker.desk import BUCKET, ROLE
from tests.localaws.sagemaker.processed import ended, instances

IMAGE = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
BASE = "/opt/ml/processing"
Members = dict[str, Any]
LOANS = pd.DataFrame(
    {
        "sex": ["f", "f", "f", "f", "m", "m", "m", "m", "m", "m"],
        "age": [25, 33, 41, 58, 22, 36, 47, 52, 61, 70],
        "score": [0.2, 0.9, 0.4, 0.7, 0.1, 0.6, 0.8, 0.3, 0.95, 0.5],
        "branch": ["n", "n", "s", "s", "n", "n", "n", "s", "s", "s"],
        "grade": ["a", "b", "c", "a", "a", "a", "b", "a", "b", "c"],
        "paid": [0, 1, 0, 0, 1, 1, 1, 0, 1, 1],
    }
)


def asked(*facets: Members | str, metrics: Any = "all", **more: Any) -> Members:
    """Return an analysis configuration without a report: `asked("sex", label=...)`."""
    return {
        "dataset_type": "text/csv",
        "label": "paid",
        "label_values_or_threshold": [1],
        "facet": [
            {"name_or_index": one} if isinstance(one, str | int) else one
            for one in facets
        ],
        "methods": {"pre_training_bias": {"methods": metrics}},
        **more,
    }


def facet(column: Any, *values: Any) -> Members:
    """Return a facet with its values."""
    return {"name_or_index": column, "value_or_threshold": list(values)}


def run(tree: Path, config: Any, *files: tuple[str, str | bytes]) -> int:
    """Run the entry point on a data set, and return the exit code.

    Args:
        tree: An empty folder that plays `/opt/ml`.
        config: The analysis configuration, or its text.
        files: Name and content of the data set's files; `LOANS` as CSV by default.
    """
    for folder in ("config", "output", "in/config", "in/data"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    for old in (tree / "in" / "data").iterdir():
        old.unlink()
    for name, content in files or [("loans.csv", LOANS.to_csv(index=False))]:
        data = content.encode() if isinstance(content, str) else content
        (tree / "in" / "data" / name).write_bytes(data)
    text = config if isinstance(config, str) else json.dumps(config)
    (tree / "in" / "config" / "analysis_config.json").write_text(text)
    inputs = {"dataset": "data", "analysis_config": "config"}
    place = {"LocalPath": str(tree / "out"), "S3Uri": "s3://b/out"}
    told = {
        "ProcessingResources": instances(1),
        "ProcessingInputs": [
            {"InputName": name, "S3Input": {"LocalPath": str(tree / "in" / folder)}}
            for name, folder in inputs.items()
        ],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "analysis_result", "S3Output": place}]
        },
    }
    (tree / "config" / "processingjobconfig.json").write_text(json.dumps(told))
    return main(tree, [])


def found(tree: Path, config: Members, *files: tuple[str, str | bytes]) -> Members:
    """Return the section of analysis.json that an analysis writes."""
    code = run(tree, config, *files)
    assert code == 0, (tree / "output" / "failure").read_text()
    document = json.loads((tree / "out" / "analysis.json").read_text())
    assert document["version"] == "1.0"
    return document["pre_training_bias_metrics"]


def refusal(tree: Path, config: Any, *files: tuple[str, str | bytes]) -> str:
    """Return the reason of an analysis that must fail."""
    assert run(tree, config, *files) == 1
    assert not (tree / "out").exists()
    return (tree / "output" / "failure").read_text()


def values(group: Members) -> dict[str, float | None]:
    """Return the metrics of one group by name."""
    return {metric["name"]: metric["value"] for metric in group["metrics"]}


def store(key: str, content: Any) -> str:
    """Store a frame as CSV, or a configuration or a text, and return its URI."""
    if isinstance(content, pd.DataFrame):
        content = content.to_csv(index=False)
    elif isinstance(content, dict):
        content = json.dumps(content)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
    return f"s3://{BUCKET}/{key}"


def place(name: str, uri: str, path: str) -> Members:
    """Return one input of a job."""
    where = {
        "S3Uri": uri,
        "LocalPath": f"{BASE}/input/{path}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": name, "S3Input": where}


def audit(config: Any, name: str = "audit", **more: Any) -> Members:
    """Run a job of Clarify's image to its end, and return its description."""
    inputs = [place("analysis_config", store("analysis_config.json", config), "config")]
    if "dataset_uri" not in config:
        inputs.append(place("dataset", store("loans.csv", LOANS), "data"))
    output = {
        "S3Uri": f"s3://{BUCKET}/result",
        "LocalPath": f"{BASE}/output",
        "S3UploadMode": "EndOfJob",
    }
    request = {
        "ProcessingJobName": name,
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "analysis_result", "S3Output": output}]
        },
        "ProcessingResources": instances(1),
        "RoleArn": ROLE,
        **more,
    }
    boto3.client("sagemaker").create_processing_job(**request)
    return ended(name)
