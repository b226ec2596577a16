"""AWS Lambda: Python functions that really run, each in processes of its own.

`state` holds what there is, `environments` the processes, `invocations` one run;
`trigger` is how other services have a function invoked.
"""

from localaws.services.context import Context
from localaws.services.lambda_ import (
    aliases,
    asynchronous,
    environments,
    functions,
    invoke,
    layers,
    mappings,
    permissions,
    pollers,
    settings,
    trigger,
)
from localaws.services.lambda_.operations import handlers
from localaws.services.lambda_.state import state_of
from localaws.services.tickers import Ticker

HANDLERS = {
    **handlers(functions.OPERATIONS),
    **handlers(aliases.OPERATIONS),
    **handlers(layers.OPERATIONS),
    **handlers(mappings.OPERATIONS),
    **handlers(permissions.OPERATIONS),
    **handlers(settings.OPERATIONS),
    ("lambda", "Invoke"): invoke.invoke,
}


def _sweep(context: Context) -> None:
    environments.of(context).sweep()


def _restore(context: Context, payload: dict, body: bytes) -> None:
    state_of(context).restore(payload, body)


TICKERS: list[Ticker] = [asynchronous.tick, pollers.tick, _sweep]
RESTORERS = {"lambda": _restore}
RESUMERS = (asynchronous.resume,)
LISTENERS = (trigger.listen,)
