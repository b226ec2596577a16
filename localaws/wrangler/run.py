"""A flow from its sources to the outputs of its job."""

import copy
import dataclasses
import json
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
from botocore.exceptions import BotoCoreError, ClientError

from localaws.wrangler.choices import Members, Step
from localaws.wrangler.destinations import write
from localaws.wrangler.errors import FlowError
from localaws.wrangler.features import ingest
from localaws.wrangler.flow import Flow, Node, parameter_values, read_flow
from localaws.wrangler.frames import normal
from localaws.wrangler.job import Job, Output
from localaws.wrangler.operators import operate

Ports = dict[str, pd.DataFrame]


def run(job: Job) -> None:
    """Run the flow of a job, and store what its outputs name."""
    flow = read_flow(job.opt / "processing" / "flow")
    values = parameter_values(flow.document, job.arguments.overrides)
    job = dataclasses.replace(job, values=values)
    outputs = _outputs(job, flow)
    frames: dict[str, Ports] = {}
    trained = copy.deepcopy(flow.document)
    learned = {node["node_id"]: node for node in trained["nodes"]}
    for node in flow.order(output.node for output in outputs):
        kept = {} if job.arguments.refit else node.document.get("trained_parameters")
        known = copy.deepcopy(kept) or {}
        inputs = [frames[source][port].copy() for source, port in node.inputs]
        frames[node.id] = _operated(node, Step(inputs, node.parameters, known, job))
        if known:
            learned[node.id]["trained_parameters"] = known
    for output in outputs:
        _store(job, flow.nodes[output.node], output, frames[output.node][output.port])
    if job.arguments.refit and job.arguments.output_flow:
        _store_flow(job, outputs, trained)


def _outputs(job: Job, flow: Flow) -> list[Output]:
    """Return the job's outputs; without any, the flow's destinations."""
    outputs = list(job.outputs) or [
        Output(
            f"{node.id}.default", None, str(_config(node).get("output_path", "")), None
        )
        for node in flow.nodes.values()
        if node.type == "DESTINATION"
    ]
    if not outputs:
        raise FlowError("the job has no output, and its flow no destination")
    named = {output.name for output in outputs}
    unknown = sorted(set(job.arguments.outputs) - named)
    if unknown:
        raise FlowError(
            f"--output-config of outputs that are not there: {', '.join(unknown)}"
        )
    for output in outputs:
        node = flow.nodes.get(output.node)
        if node is None or output.port not in (*node.outputs, "default"):
            known = ", ".join(f"{n.id} ({n.operator})" for n in flow.nodes.values())
            raise FlowError(
                f"the output {output.name!r} names no node; there are {known}"
            )
    return outputs


def _config(node: Node) -> Members:
    found = node.parameters.get("output_config")
    return found if isinstance(found, dict) else {}


def _operated(node: Node, step: Step) -> Ports:
    try:
        result = operate(node.operator, step)
        ports = result if isinstance(result, dict) else {"default": result}
        made = {name: normal(frame) for name, frame in ports.items()}
    except (FlowError, ClientError, BotoCoreError) as error:
        raise _within(node, error) from error
    shown = ", ".join(
        f"{len(f)} rows of {len(f.columns)} columns" for f in made.values()
    )
    print(f"{node.type} {node.operator} {node.id}: {shown}")
    return made


def _within(node: Node, error: Exception) -> FlowError:
    return FlowError(f"{node}: {error}")


def _store(job: Job, node: Node, output: Output, frame: pd.DataFrame) -> None:
    if output.group:
        try:
            count = ingest(job, frame, output.group)
        except FlowError as error:
            raise _within(node, error) from error
        print(f"{output.name}: {count} records into the feature group {output.group}")
        return
    form = job.arguments.outputs.get(output.name) or _form(node)
    below = Path(job.name, *output.name.rsplit(".", 1))
    root = output.folder or job.scratch / "outputs" / output.name
    try:
        files = write(frame, root / below, form, f"{job.arn}/{output.name}")
    except FlowError as error:
        raise _within(node, error) from error
    if output.folder is None:
        _upload(job, root, output.uri)
    print(f"{output.name}: {len(frame)} rows in {files} files at {output.uri}")


def _form(node: Node) -> Members:
    config = _config(node)
    names = ("delimiter", "compression", "partition_config")
    return {
        "content_type": config.get("output_content_type"),
        **{name: config[name] for name in names if name in config},
    }


def _upload(job: Job, folder: Path, uri: str) -> None:
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise FlowError(
            f"the output path {uri!r} is not of the form s3://bucket/prefix"
        )
    s3, prefix = job.client("s3"), parts.path.strip("/")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        key = "/".join(filter(None, [prefix, path.relative_to(folder).as_posix()]))
        s3.upload_file(str(path), parts.netloc, key)


def _store_flow(job: Job, outputs: list[Output], document: Members) -> None:
    """Store the flow with what was trained, beside the first data set in S3."""
    output = next((one for one in outputs if not one.group), None)
    if output is None:
        raise FlowError("output_flow needs an output with an S3Output to stand beside")
    name = Path(job.arguments.output_flow).name
    folder = output.folder or job.scratch / "flow"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(document, indent=2), encoding="utf-8")
    if output.folder is None:
        _upload(job, folder, output.uri)
