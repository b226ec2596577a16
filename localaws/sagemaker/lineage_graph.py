"""Associations between lineage entities, and walks along them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.lineage_store import KINDS, find, noun_of, type_of
from localaws.store import page

Members = dict[str, Any]
Edge = tuple[str, str]
DEEPEST = 10
MOST_VERTICES = 50


class Step(NamedTuple):
    """One association, as it was walked."""

    near: str
    far: str
    edge: Edge


class Graph:
    """The associations, by source and destination.

    Args:
        engine: Gives the time of each.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = engine.store.lock
        self._edges: dict[Edge, Members] = {}

    def add(
        self,
        source: str,
        destination: str,
        kind: str | None,
        at: dt.datetime | None = None,
    ) -> None:
        """Associate two entities; an association that is there is replaced."""
        with self._lock:
            edge = {
                "SourceArn": source,
                "DestinationArn": destination,
                "AssociationType": kind,
                "CreationTime": at or self._engine.clock.now(),
                "CreatedBy": {},
            }
            self._engine.journal.record("edge", edge)
            self._edges[source, destination] = edge

    def has(self, source: str, destination: str) -> bool:
        """Whether two entities are associated."""
        return (source, destination) in self._edges

    def remove(self, source: str, destination: str) -> None:
        """Dissociate two entities."""
        with self._lock:
            if (source, destination) not in self._edges:
                raise AwsError(
                    "ResourceNotFound",
                    f"There is no association from {source} to {destination}.",
                )
            self._engine.journal.record("edge", {"gone": [source, destination]})
            del self._edges[source, destination]

    def recall(self, payload: Members) -> None:
        """Take up a change of the journal again."""
        if "gone" in payload:
            source, destination = payload["gone"]
            self._edges.pop((source, destination), None)
        else:
            self._edges[payload["SourceArn"], payload["DestinationArn"]] = payload

    def touches(self, arn: str) -> bool:
        """Whether an entity has any association."""
        with self._lock:
            return any(arn in edge for edge in self._edges)

    def edges(self) -> list[Members]:
        """Return every association, oldest first."""
        with self._lock:
            return list(self._edges.values())

    def walk(self, start: str, forwards: bool, depth: int) -> list[Step]:
        """Return the steps from an entity in one direction, nearest first."""
        steps: list[Step] = []
        reached, at = {start}, [start]
        for _ in range(depth):
            found = [
                Step(edge[not forwards], edge[forwards], edge)
                for edge in self._edges
                if edge[not forwards] in at
            ]
            steps += found
            at = [*dict.fromkeys(s.far for s in found if s.far not in reached)]
            reached |= set(at)
        return steps


def add_association(engine: Engine, request: Members) -> Members:
    """Associate two entities that exist."""
    source, destination = request["SourceArn"], request["DestinationArn"]
    for arn in (source, destination):
        find(engine, arn)
    engine.part(Graph).add(source, destination, request.get("AssociationType"))
    return {"SourceArn": source, "DestinationArn": destination}


def delete_association(engine: Engine, request: Members) -> Members:
    """Dissociate two entities."""
    engine.part(Graph).remove(request["SourceArn"], request["DestinationArn"])
    return {name: request[name] for name in ("SourceArn", "DestinationArn")}


def list_associations(engine: Engine, request: Members) -> Members:
    """List associations with the names and types of their ends."""
    found = []
    for edge in engine.part(Graph).edges():
        shown = dict(edge)
        for end in ("Source", "Destination"):
            arn = edge[f"{end}Arn"]
            noun, entity = noun_of(arn), find(engine, arn)
            shown[f"{end}Type"] = type_of(noun, entity)
            shown[f"{end}Name"] = entity.get(f"{noun}Name")
        found.append(shown)
    for name in (
        "SourceArn",
        "DestinationArn",
        "SourceType",
        "DestinationType",
        "AssociationType",
    ):
        if name in request:
            found = [edge for edge in found if edge[name] == request[name]]
    found = [
        edge for edge in found if _within(edge["CreationTime"], request, "Created")
    ]
    found.sort(
        key=lambda edge: edge[request.get("SortBy", "CreationTime")],
        reverse=request.get("SortOrder", "Descending") == "Descending",
    )
    return page("AssociationSummaries", found, request)


def _within(time: dt.datetime, request: Members, word: str) -> bool:
    after, before = request.get(f"{word}After"), request.get(f"{word}Before")
    stamp = time.timestamp()
    return (after is None or stamp > after) and (before is None or stamp < before)


def query_lineage(engine: Engine, request: Members) -> Members:
    """Walk from one entity, and return what passes the filters."""
    graph, filters = engine.part(Graph), request.get("Filters", {})
    with engine.store.lock:
        starts = request.get("StartArns", [])
        steps: list[Step] = []
        for start in starts:
            find(engine, start)
            steps += _walked(graph, start, request)
        nodes = [step.far for step in steps] if starts else _all(engine)
        wanted = [
            node
            for node in dict.fromkeys(nodes)
            if node not in starts and _passes(engine, node, filters)
        ]
        edges: list[Edge] = []
        if request.get("IncludeEdges"):
            kept = _leading(steps, wanted)
            edges = [*dict.fromkeys(step.edge for step in kept)]
            ends = [node for step in kept for node in (step.near, step.far)]
            wanted = [*dict.fromkeys([*starts, *ends, *wanted])]
        vertices = [_vertex(engine, node) for node in wanted]
        kinds = {(e["SourceArn"], e["DestinationArn"]): e for e in graph.edges()}
        answer = page("Vertices", vertices, {"MaxResults": MOST_VERTICES, **request})
        return answer | {"Edges": [kinds[edge] for edge in edges]}


def _walked(graph: Graph, start: str, request: Members) -> list[Step]:
    direction = request.get("Direction", "Both")
    depth = request.get("MaxDepth", DEEPEST)
    steps: list[Step] = []
    if direction in ("Both", "Ascendants"):
        steps += graph.walk(start, False, depth)
    if direction in ("Both", "Descendants"):
        steps += graph.walk(start, True, depth)
    return steps


def _all(engine: Engine) -> list[str]:
    return [
        entity[f"{noun}Arn"]
        for noun in KINDS.values()
        for entity in engine.store.documents(noun)
    ]


def _leading(steps: list[Step], wanted: Iterable[str]) -> list[Step]:
    """Return the steps on a way to an entity that is wanted."""
    needed, kept = set(wanted), []
    for step in reversed(steps):
        if step.far in needed:
            kept.append(step)
            needed.add(step.near)
    return kept[::-1]


def _passes(engine: Engine, arn: str, filters: Members) -> bool:
    noun, entity = noun_of(arn), find(engine, arn)
    pairs = filters.get("Properties")
    properties = entity.get("Properties", {})
    return (
        ("Types" not in filters or type_of(noun, entity) in filters["Types"])
        and ("LineageTypes" not in filters or noun in filters["LineageTypes"])
        and (not pairs or any(properties.get(k) == v for k, v in pairs.items()))
        and _within(entity["CreationTime"], filters, "Created")
        and _within(entity["LastModifiedTime"], filters, "Modified")
    )


def _vertex(engine: Engine, arn: str) -> Members:
    noun = noun_of(arn)
    return {
        "Arn": arn,
        "Type": type_of(noun, find(engine, arn)),
        "LineageType": noun,
    }


GRAPH = {
    "AddAssociation": add_association,
    "DeleteAssociation": delete_association,
    "ListAssociations": list_associations,
    "QueryLineage": query_lineage,
}


def _restore(engine: Engine, payload: Members, body: bytes) -> None:
    engine.part(Graph).recall(payload)


RESTORERS = {"edge": _restore}
