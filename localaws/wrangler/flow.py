"""A flow file: nodes, what each takes from which, and the order to run them in."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.wrangler.errors import FlowError, NotActed

Members = dict[str, Any]
TYPES = ("SOURCE", "TRANSFORM", "DATASET", "DESTINATION", "VISUALIZATION")
_PLACE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_DEFAULTS = ("value", "default_value", "default")


@dataclass(frozen=True)
class Node:
    """One step of a flow.

    Attributes:
        id: Its `node_id`.
        type: One of TYPES.
        operator: Such as `sagemaker.spark.manage_columns_0.1`.
        document: The node as it stands in the file.
        inputs: Node and output that each input takes.
        outputs: Names of its outputs.
    """

    id: str
    type: str
    operator: str
    document: Members
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]

    @property
    def parameters(self) -> Members:
        """What the author set."""
        return self.document.get("parameters") or {}

    def __str__(self) -> str:
        return f"node {self.id} ({self.operator})"


@dataclass(frozen=True)
class Flow:
    """A whole flow.

    Attributes:
        document: The file's JSON.
        nodes: By id.
    """

    document: Members
    nodes: dict[str, Node]

    def order(self, wanted: Iterable[str]) -> list[Node]:
        """Return the nodes that others need, each after its inputs."""
        found: dict[str, Node] = {}

        def visit(name: str, trail: tuple[str, ...]) -> None:
            if name in trail:
                raise FlowError(f"the flow runs in a circle through node {name}")
            if name in found:
                return
            node = self.nodes[name]
            for source, _ in node.inputs:
                visit(source, (*trail, name))
            found[name] = node

        for name in wanted:
            visit(name, ())
        return list(found.values())


def read_flow(folder: Path) -> Flow:
    """Read the one file of the job's input `flow`."""
    files = (
        sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
    )
    if len(files) != 1:
        names = ", ".join(path.name for path in files) or "nothing"
        raise FlowError(
            "the job needs one flow file in its input /opt/ml/processing/flow; found "
            f"{names}"
        )
    try:
        document = json.loads(files[0].read_text(encoding="utf-8"))
    except ValueError as error:
        raise FlowError(f"{files[0].name} is not a flow: {error}") from error
    return parse(document, files[0].name)


def parse(document: Any, name: str) -> Flow:
    """Return the flow of a file's JSON."""
    nodes: dict[str, Node] = {}
    try:
        for given in document["nodes"]:
            node = _node(given)
            if node.id in nodes:
                raise FlowError(f"{name} has two nodes {node.id}")
            nodes[node.id] = node
    except (KeyError, TypeError, AttributeError) as error:
        raise FlowError(f"{name} is not a flow: it lacks {error}") from error
    for node in nodes.values():
        for source, output in node.inputs:
            if source not in nodes or output not in nodes[source].outputs:
                raise FlowError(f"{node} takes {source}.{output}, which is not there")
    return Flow(document, nodes)


def _node(given: Members) -> Node:
    if given["type"] not in TYPES:
        raise FlowError(f"node {given['node_id']} has the type {given['type']!r}")
    inputs = given.get("inputs") or ()
    return Node(
        given["node_id"],
        given["type"],
        given["operator"],
        given,
        tuple((i["node_id"], i.get("output_name", "default")) for i in inputs),
        tuple(output["name"] for output in given.get("outputs") or ()),
    )


def parameter_values(document: Members, overrides: Members) -> dict[str, str]:
    """Return the flow's parameters, with those that the job sets anew."""
    values: dict[str, str] = {}
    for parameter in document.get("parameters") or ():
        name, type_ = parameter["name"], str(parameter.get("type", "string")).lower()
        if type_ in ("pattern", "datetime"):
            raise NotActed(
                f"the flow parameter {name!r} of type {type_}",
                "takes every object whose key fits",
            )
        found = (parameter[key] for key in _DEFAULTS if parameter.get(key) is not None)
        values[name] = str(next(found, ""))
    unknown = sorted(set(overrides) - set(values))
    if unknown:
        raise FlowError(
            f"--parameter-override of unknown parameters: {', '.join(unknown)}"
        )
    return values | {name: str(value) for name, value in overrides.items()}


def filled(text: str, values: dict[str, str]) -> str:
    """Return a text with the parameters that it names in double braces."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise FlowError(f"{text!r} names {found[1]!r}, no parameter of the flow")
        return values[found[1]]

    return _PLACE.sub(value, text)
