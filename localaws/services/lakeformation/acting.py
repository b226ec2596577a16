"""On whose behalf a service reads and changes the Data Catalog.

A service's own clients are the engine's, and the engine may do everything. Whoever
runs a query may not: what the thread asks of the catalog meanwhile is held against the
permissions of that user or role.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from localaws.services import permissions
from localaws.services.context import Context
from localaws.services.permissions import Caller
from localaws.wire import Request

_ACTING: ContextVar[Caller | None] = ContextVar("acting", default=None)


@contextlib.contextmanager
def on_behalf(caller: Caller) -> Iterator[None]:
    """Hold what this thread asks of the catalog against a caller's permissions."""
    token = _ACTING.set(caller)
    try:
        yield
    finally:
        _ACTING.reset(token)


def unheld(caller: Caller) -> contextlib.AbstractContextManager[None]:
    """Let this thread read the catalog as it is, whoever runs the query."""
    return on_behalf(Caller(caller.aws))


def asking(context: Context, request: Request) -> Caller:
    """Return on whose behalf a request is made."""
    assert request.scope is not None
    return _ACTING.get() or permissions.caller(context.aws, request.scope[0])
