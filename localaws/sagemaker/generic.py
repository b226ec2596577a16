"""Describe and List of resources that need nothing but the store."""

from collections.abc import Callable
from typing import Any

from localaws.sagemaker.engine import Engine
from localaws.store import operation, resource_type
from localaws.wire import project

Members = dict[str, Any]


def described(noun: str) -> Callable[[Engine, Members], Members]:
    """Return a handler that answers with the resource as it stands."""

    def describe(engine: Engine, request: Members) -> Members:
        document = engine.store.find(noun, request[resource_type(noun).key])
        with engine.store.lock:
            return project(operation(f"Describe{noun}").output_shape, document)

    return describe


def listed(noun: str) -> Callable[[Engine, Members], Members]:
    """Return a handler that answers with the summaries that pass the filters."""

    def list_(engine: Engine, request: Members) -> Members:
        return engine.store.list(noun, request)

    return list_
