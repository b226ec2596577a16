"""Lineage entities: artifacts, actions, contexts and trial components."""

import functools
from collections.abc import Callable
from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.lineage_graph import GRAPH, Graph
from localaws.sagemaker.lineage_records import catch_up
from localaws.sagemaker.lineage_store import TRIALS, artifact_name, create
from localaws.store import resource_type

Members = dict[str, Any]
Handler = Callable[[Engine, Members], Members]
_NOUNS = ("Artifact", "Action", "Context", "TrialComponent")


def created(noun: str) -> Handler:
    """Return the handler of a Create operation."""
    arn = resource_type(noun).arn

    def create_(engine: Engine, request: Members) -> Members:
        return {arn: create(engine, noun, request)[arn]}

    return create_


def updated(noun: str) -> Handler:
    """Return the handler of an Update operation: maps are replaced, then cut."""
    kind = resource_type(noun)

    def update(engine: Engine, request: Members) -> Members:
        document = engine.store.find(noun, request[kind.key])
        change = {
            name: value
            for name, value in request.items()
            if name != kind.key and not name.endswith("ToRemove")
        }
        for name, keys in request.items():
            member = name.removesuffix("ToRemove")
            if member != name:
                left = change.get(member, document.get(member, {}))
                change[member] = {k: v for k, v in left.items() if k not in keys}
        engine.store.change(document, **change, LastModifiedBy={})
        return {kind.arn: document[kind.arn]}

    return update


def deleted(noun: str) -> Handler:
    """Return the handler of a Delete operation, which wants no association left."""
    kind = resource_type(noun)

    def delete(engine: Engine, request: Members) -> Members:
        name = request.get(kind.key)
        if name is None:
            if "Source" not in request:
                raise ValidationError("Provide either ArtifactArn or Source.")
            name = artifact_name(request["Source"])
        with engine.store.lock:
            found = engine.store.find(noun, name)
            arn = found[kind.arn]
            if found.get(TRIALS):
                raise ValidationError(
                    f"{noun} {arn} is associated with the trials "
                    f"{', '.join(found[TRIALS])}; disassociate it first."
                )
            if engine.part(Graph).touches(arn):
                raise ValidationError(
                    f"{noun} {arn} has associations; delete them first."
                )
            engine.store.delete(noun, name)
        return {kind.arn: arn}

    return delete


def after_catch_up(handler: Handler) -> Handler:
    """Let a handler see what the other families have done until now."""

    @functools.wraps(handler)
    def handle(engine: Engine, request: Members) -> Members:
        catch_up(engine)
        return handler(engine, request)

    return handle


HANDLERS: dict[str, Handler] = {
    name: after_catch_up(handler)
    for name, handler in {
        **{f"Create{noun}": created(noun) for noun in _NOUNS},
        **{f"Describe{noun}": described(noun) for noun in _NOUNS},
        **{f"List{noun}s": listed(noun) for noun in _NOUNS[:3]},
        **{f"Update{noun}": updated(noun) for noun in _NOUNS},
        **{f"Delete{noun}": deleted(noun) for noun in _NOUNS},
        **GRAPH,
    }.items()
}
