"""Amazon FSx for Lustre and for NetApp ONTAP: folders with AWS's states."""

from localaws.services.context import Context
from localaws.services.fsx import ontap, repositories, systems, tasks
from localaws.services.json_operations import handlers

HANDLERS = handlers(
    "fsx",
    {
        **systems.OPERATIONS,
        **repositories.OPERATIONS,
        **tasks.OPERATIONS,
        **ontap.OPERATIONS,
    },
    "BadRequest",
)


def resume(context: Context) -> None:
    """Take up what an endpoint that was killed had begun."""
    systems.resume(context)
    repositories.resume(context)
    tasks.resume(context)
    ontap.resume(context)


def known(context: Context) -> set[str]:
    """Return the names of all file systems and volumes that have a folder."""
    return systems.known(context) | ontap.known(context)


__all__ = ["HANDLERS", "known", "resume"]
