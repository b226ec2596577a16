"""The documents of FSx: their ids, their tables, their pages."""

import hashlib
from collections.abc import Callable, Collection
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

ACCOUNT = "123456789012"
SYSTEMS, ASSOCIATIONS, TASKS = "fsx-system", "fsx-association", "fsx-task"
MACHINES, VOLUMES = "fsx-machine", "fsx-volume"
_WORDS = {
    SYSTEMS: ("FileSystemNotFound", "File system"),
    ASSOCIATIONS: ("DataRepositoryAssociationNotFound", "Data repository association"),
    TASKS: ("DataRepositoryTaskNotFound", "Data repository task"),
    MACHINES: ("StorageVirtualMachineNotFound", "Storage virtual machine"),
    VOLUMES: ("VolumeNotFound", "Volume"),
}


def identity(context: Context, prefix: str) -> str:
    """Return a new id."""
    number = context.clock.count(prefix)
    return f"{prefix}-{hashlib.sha256(f'{prefix}{number}'.encode()).hexdigest()[:17]}"


def arn(context: Context, kind: str, name: str) -> str:
    """Return the ARN of a resource."""
    return f"arn:aws:fsx:{context.aws.region}:{ACCOUNT}:{kind}/{name}"


def find(context: Context, table: str, name: str) -> Members:
    """Return a document.

    Raises:
        AwsError: There is none.
    """
    found = context.part(Records).get(table, name)
    if found is None:
        code, word = _WORDS[table]
        raise AwsError(code, f"{word} '{name}' does not exist.")
    return found


def listed(
    context: Context,
    table: str,
    member: str,
    given: Members,
    names: Collection[str],
    filters: dict[str, Callable[[Members], Any]],
) -> Members:
    """Return one page of a table's documents.

    Args:
        context: The endpoint.
        table: Of what.
        member: Output member that holds them.
        given: The input.
        names: The ids that were asked for; none for all.
        filters: By name of a filter, what it looks at.
    """
    if names:
        found = [find(context, table, name) for name in names]
    else:
        found = list(context.part(Records).all(table).values())
    for one in given.get("Filters", ()):
        look = filters[one["Name"]]
        found = [item for item in found if look(item) in one["Values"]]
    return page(member, found, given, 1000)
