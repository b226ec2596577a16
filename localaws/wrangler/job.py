"""The job that a flow runs in: its name, inputs and outputs, and its role's clients."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from localaws.wrangler.arguments import Arguments, parse
from localaws.wrangler.errors import FlowError

Members = dict[str, Any]


@dataclass(frozen=True)
class Output:
    """One output of the job.

    Attributes:
        name: `<node_id>.<output of the node>`.
        folder: Where files go that the service uploads; None if the program stores.
        uri: Where in S3 they end up.
        group: The feature group that the records go to, instead.
    """

    name: str
    folder: Path | None
    uri: str
    group: str | None

    @property
    def node(self) -> str:
        """The node's id."""
        return self.name.rpartition(".")[0]

    @property
    def port(self) -> str:
        """The output of the node."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Job:
    """What a flow may use.

    Attributes:
        name: Of the processing job.
        arn: Its ARN.
        opt: The folder that plays `/opt/ml`.
        inputs: Folder of each input but the flow, by name.
        outputs: Where data sets go.
        arguments: What the container was given.
        values: Values of the flow's parameters.
    """

    name: str
    arn: str
    opt: Path
    inputs: dict[str, Path]
    outputs: tuple[Output, ...]
    arguments: Arguments
    values: dict[str, str]

    @property
    def scratch(self) -> Path:
        """A folder for what is on its way."""
        return self.opt / "wrangler"

    def client(self, service: str) -> Any:
        """Return a client with the role's credentials."""
        return boto3.client(service)


def read_job(opt: Path, arguments: list[str]) -> Job:
    """Read the job's configuration.

    Args:
        opt: The folder that plays `/opt/ml`.
        arguments: The container's arguments.
    """
    text = (opt / "config" / "processingjobconfig.json").read_text()
    config = json.loads(text)
    if config["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
        # Spark on AWS shares the work; each process here would do all of it
        raise FlowError(
            "NotImplementedHere: a flow runs on one instance on the local endpoint; "
            "on AWS Spark shares the rows among InstanceCount instances"
        )
    given = config.get("ProcessingInputs") or ()
    outputs = (config.get("ProcessingOutputConfig") or {}).get("Outputs") or ()
    return Job(
        config["ProcessingJobName"],
        config["ProcessingJobArn"],
        opt,
        {one["InputName"]: Path(one["S3Input"]["LocalPath"]) for one in given},
        tuple(map(_output, outputs)),
        parse(arguments),
        {},
    )


def _output(given: Members) -> Output:
    name = given["OutputName"]
    if "." not in name:
        raise FlowError(
            f"the output {name!r} must be named <node_id>.<output>, such as "
            "'0f2b….default'"
        )
    place = given.get("S3Output") or {}
    managed = given.get("AppManaged")
    folder = None if managed or not place else Path(place["LocalPath"])
    group = (given.get("FeatureStoreOutput") or {}).get("FeatureGroupName")
    return Output(name, folder, place.get("S3Uri", ""), group)
