"""Flow files made node by node, jobs that run them, and what the jobs stored."""

import io
import json
from pathlib import Path
from typing import Any

import boto3
import pandas as pd

from localaws.wrangler.__main__ import main
from tests.localaws.sagemaker.processed import ended, instances

IMAGE = (
    "663277389841.dkr.ecr.us-east-1.amazonaws.com/sagemaker-data-wrangler-container:3.x"
)
BASE = "/opt/ml/processing"
BUCKET = "on-time-desk"
SPARK = "sagemaker.spark."
Members = dict[str, Any]
TABLE = pd.DataFrame(
    {
        "flight": ["UA1", "AA2", "UA3", None, "B64", "UA1", "DL5", "AA2"],
        "carrier": ["UA", "AA", "UA", "UA", None, "UA", "DL", "AA"],
        "delay": [10.5, None, 30.0, -4.0, 500.0, 10.5, 2.0, 7.25],
        "seats": pd.array([150, 180, None, 150, 90, 150, 200, 180], dtype="Int64"),
        "at": [f"2013-0{m}-15 0{m}:30:00" for m in (1, 2, 3, 4, 5, 1, 7, 8)],
    }
)
TABLE_CSV = TABLE.to_csv(index=False)


class Flow:
    """A flow that grows: each method adds a node and returns its id."""

    def __init__(self) -> None:
        self.nodes: list[Members] = []
        self.parameters: list[Members] = []
        self.rows = ""

    def node(self, type_: str, operator: str, parameters: Members, *of: str) -> str:
        """Add a node that takes outputs, named `id` or `id.output`."""
        name = f"{len(self.nodes):08x}-0000-4000-8000-000000000000"
        ports = [(one.partition(".")[0], one.partition(".")[2]) for one in of]
        outputs = [{"name": "default"}]
        if operator.endswith("split_0.1"):
            (inner,) = (v for k, v in parameters.items() if k != "operator")
            outputs = [{"name": split["name"]} for split in inner["splits"]]
        self.nodes.append(
            {
                "node_id": name,
                "type": type_,
                "operator": operator,
                "parameters": parameters,
                "inputs": [
                    {"name": "df", "node_id": id_, "output_name": port or "default"}
                    for id_, port in ports
                ],
                "outputs": outputs,
            }
        )
        return name

    def source(self, name: str, uri: str, form: str = "csv", **more: Any) -> str:
        """Add a source in S3."""
        context = {"s3Uri": uri, "s3ContentType": form, "s3HasHeader": True, **more}
        definition = {
            "__typename": "S3CreateDatasetDefinitionOutput",
            "datasetSourceType": "S3",
            "name": name,
            "description": None,
            "s3ExecutionContext": context,
        }
        return self.node(
            "SOURCE", "sagemaker.s3_source_0.1", {"dataset_definition": definition}
        )

    def step(self, operator: str, parameters: Members, *of: str) -> str:
        """Add a transform of Spark's."""
        return self.node("TRANSFORM", f"{SPARK}{operator}_0.1", parameters, *of)

    def typed(self, of: str) -> str:
        """Add the node that infers types."""
        return self.step("infer_and_cast_type", {}, of)

    def chosen(
        self, operator: str, choice: str, member: str, of: str, **given: Any
    ) -> str:
        """Add a transform that makes one choice."""
        return self.step(operator, {"operator": choice, member: given}, of)

    def destination(self, of: str, uri: str, **config: Any) -> str:
        """Add a destination in S3."""
        told = {"output_path": uri, "output_content_type": "Parquet", **config}
        return self.node(
            "DESTINATION", f"{SPARK}s3_destination_0.1", {"output_config": told}, of
        )

    @property
    def document(self) -> Members:
        """The flow's JSON."""
        metadata = {"version": 1, "disable_limits": False}
        return {
            "metadata": metadata,
            "parameters": self.parameters,
            "nodes": self.nodes,
        }


def store(key: str, frame: pd.DataFrame | str) -> str:
    """Store a frame as CSV, or a text, and return its URI."""
    text = frame if isinstance(frame, str) else frame.to_csv(index=False)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    return f"s3://{BUCKET}/{key}"


def request(flow: Flow | str, role: str, name: str = "wrangle", **more: Any) -> Members:
    """Store a flow and return the input of a job that runs it."""
    text = flow if isinstance(flow, str) else json.dumps(flow.document)
    uri = store(f"data_wrangler_flows/{name}.flow", text)
    place = {
        "S3Uri": uri,
        "LocalPath": f"{BASE}/flow",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    arguments = more.pop("arguments", None)
    application = {"ImageUri": IMAGE}
    if arguments:
        application["ContainerArguments"] = arguments
    return {
        "ProcessingJobName": name,
        "AppSpecification": application,
        "ProcessingInputs": [
            {"InputName": "flow", "S3Input": place},
            *more.pop("inputs", ()),
        ],
        "ProcessingResources": instances(1),
        "RoleArn": role,
        **more,
    }


def run(flow: Flow | str, role: str, name: str = "wrangle", **more: Any) -> Members:
    """Run a flow to its end and return the job's description."""
    given = request(flow, role, name, **more)
    boto3.client("sagemaker").create_processing_job(**given)
    return ended(name)


def output(node: str, prefix: str = "out", **more: Any) -> Members:
    """Return an output of a job in S3."""
    place = {
        "S3Uri": f"s3://{BUCKET}/{prefix}",
        "LocalPath": f"{BASE}/output/{prefix}",
        "S3UploadMode": "EndOfJob",
    }
    name = node if "." in node else f"{node}.default"
    return {"OutputName": name, "S3Output": place, **more}


def keys(prefix: str) -> list[str]:
    """Return the keys below a prefix."""
    listed = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", ())]


def read(prefix: str) -> pd.DataFrame:
    """Return the data set whose files are below a prefix."""
    frames = []
    for key in keys(prefix):
        body = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        reader = pd.read_parquet if key.endswith(".parquet") else pd.read_csv
        frames.append(reader(io.BytesIO(body)))
    assert frames, f"nothing below {prefix}"
    return pd.concat(frames, ignore_index=True)


def results(flow: Flow, role: str, **steps: str) -> dict[str, pd.DataFrame]:
    """Run a flow with a destination for each of these nodes; what each holds."""
    for name, node in steps.items():
        flow.destination(node, f"s3://{BUCKET}/results/{name}")
    done = run(flow, role)
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    return {name: read(f"results/{name}/") for name in steps}


def failure(flow: Flow | str, role: str, name: str = "wrangle", **more: Any) -> str:
    """Run a flow that must fail, and return the reason."""
    done = run(flow, role, name, **more)
    assert done["ProcessingJobStatus"] == "Failed"
    return str(done["FailureReason"])


def refusal(flow: Flow | str, tree: Path, *arguments: str, of: str = "") -> str:
    """Run the image's entry point in a tree, without a job, and return its complaint.

    Args:
        flow: It reads `table.csv` from the input of that name.
        tree: Plays `/opt/ml`.
        arguments: Those of the container.
        of: The node whose output is wanted.
    """
    folders = [tree / "processing" / name for name in ("flow", "table", "out")]
    for folder in (*folders, tree / "config", tree / "output"):
        folder.mkdir(parents=True)
    text = flow if isinstance(flow, str) else json.dumps(flow.document)
    (folders[0] / "wrangle.flow").write_text(text)
    (folders[1] / "table.csv").write_text(TABLE_CSV)
    given = {"InputName": "table", "S3Input": {"LocalPath": str(folders[1])}}
    place = {"S3Uri": "s3://nowhere/out", "LocalPath": str(folders[2])}
    config = {
        "ProcessingJobName": "wrangle",
        "ProcessingJobArn": "arn:aws:sagemaker:us-east-1:1:processing-job/wrangle",
        "ProcessingInputs": [given],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": f"{of}.default", "S3Output": place}]
        },
        "ProcessingResources": instances(1),
    }
    (tree / "config" / "processingjobconfig.json").write_text(json.dumps(config))
    assert main(tree, list(arguments)) == 1
    assert list(folders[2].iterdir()) == []
    return (tree / "output" / "failure").read_text()
