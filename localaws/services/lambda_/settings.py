"""How many may run at once, and what becomes of asynchronous events."""

from typing import Any

from localaws.errors import NotImplementedHere
from localaws.services.context import Context
from localaws.services.lambda_.destinations import KINDS
from localaws.services.lambda_.errors import invalid, missing
from localaws.services.lambda_.names import LATEST, split
from localaws.services.lambda_.operations import page
from localaws.services.lambda_.state import State, state_of

Members = dict[str, Any]
_ACCOUNT, _LEAST = 1000, 100
_STORED = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
_CODE_BYTES = 80_530_636_800


def put_function_concurrency(context: Context, given: Members) -> Members:
    """Reserve places for a function, which are also its limit."""
    state, wanted = state_of(context), given["ReservedConcurrentExecutions"]
    with state.lock:
        function = state.function(given["FunctionName"])
        others = (f for f in state.functions() if f["name"] != function["name"])
        kept = sum(one["concurrency"] or 0 for one in others)
        if _ACCOUNT - kept - wanted < _LEAST:
            raise invalid(
                "Specified ReservedConcurrentExecutions for function decreases "
                "account's UnreservedConcurrentExecution below its minimum value of "
                f"[{_LEAST}]."
            )
        function["concurrency"] = wanted
        state.save("function", function["name"], function)
    return {"ReservedConcurrentExecutions": wanted}


def get_function_concurrency(context: Context, given: Members) -> Members:
    """Return how many places a function has reserved; nothing if it has none."""
    function = state_of(context).function(given["FunctionName"])
    return {"ReservedConcurrentExecutions": function["concurrency"]}


def delete_function_concurrency(context: Context, given: Members) -> None:
    """Give the reserved places back."""
    state = state_of(context)
    with state.lock:
        function = state.function(given["FunctionName"])
        function["concurrency"] = None
        state.save("function", function["name"], function)


def get_account_settings(context: Context, given: Members) -> Members:
    """Return the limits of the account, and what is used of them."""
    functions = list(state_of(context).functions())
    kept = sum(one["concurrency"] or 0 for one in functions)
    versions = [v for one in functions for v in one["versions"].values()]
    return {
        "AccountLimit": {
            "TotalCodeSize": _CODE_BYTES,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": _ACCOUNT,
            "UnreservedConcurrentExecutions": _ACCOUNT - kept,
        },
        "AccountUsage": {
            "TotalCodeSize": sum(one["CodeSize"] for one in versions),
            "FunctionCount": len(functions),
        },
    }


def put_function_event_invoke_config(context: Context, given: Members) -> Members:
    """Say how asynchronous events are retried, and where their results go."""
    return _set(context, given, {})


def update_function_event_invoke_config(context: Context, given: Members) -> Members:
    """Change some of it."""
    state = state_of(context)
    function, key = _key(state, given)
    return _set(context, given, _config(state, function, key))


def _key(state: State, given: Members) -> tuple[Members, str]:
    name, qualifier = split(given["FunctionName"], given.get("Qualifier"))
    function = state.function(name)
    state.configuration(function, qualifier)
    return function, qualifier or LATEST


def _config(state: State, function: Members, key: str) -> Members:
    if key not in function["events"]:
        arn = state.place.arn("function", function["name"], key)
        raise missing(f"The function {arn} doesn't have an EventInvokeConfig")
    return function["events"][key]


def _set(context: Context, given: Members, held: Members) -> Members:
    state = state_of(context)
    for member, target in (given.get("DestinationConfig") or {}).items():
        _check(member, target.get("Destination"))
    with state.lock:
        function, key = _key(state, given)
        held = held | {name: given[name] for name in _STORED if name in given}
        config = {"OnSuccess": {}, "OnFailure": {}}
        config |= held.get("DestinationConfig", {})
        held |= {
            "FunctionArn": state.place.arn("function", function["name"], key),
            "DestinationConfig": config | (given.get("DestinationConfig") or {}),
            "LastModified": context.clock.now().timestamp(),
        }
        function["events"][key] = held
        state.save("function", function["name"], function)
    return held


def _check(member: str, target: str | None) -> None:
    if not target:
        return
    kind = target.split(":")[2] if target.count(":") >= 5 else target
    if kind == "s3":
        raise NotImplementedHere(
            f"lambda:PutFunctionEventInvokeConfig {member}={target}",
            "writes the record to a bucket",
        )
    if kind not in KINDS:
        raise invalid(f"The provided destination config {member}={target} is invalid.")


def get_function_event_invoke_config(context: Context, given: Members) -> Members:
    """Return the settings of a function, version or alias."""
    state = state_of(context)
    return _config(state, *_key(state, given))


def list_function_event_invoke_configs(context: Context, given: Members) -> Members:
    """Return every setting of a function."""
    function = state_of(context).function(given["FunctionName"])
    found = list(function["events"].values())
    return page("FunctionEventInvokeConfigs", found, given)


def delete_function_event_invoke_config(context: Context, given: Members) -> None:
    """Forget the settings of a function, version or alias."""
    state = state_of(context)
    with state.lock:
        function, key = _key(state, given)
        _config(state, function, key)
        del function["events"][key]
        state.save("function", function["name"], function)


OPERATIONS = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": get_function_concurrency,
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "GetAccountSettings": get_account_settings,
    "PutFunctionEventInvokeConfig": put_function_event_invoke_config,
    "UpdateFunctionEventInvokeConfig": update_function_event_invoke_config,
    "GetFunctionEventInvokeConfig": get_function_event_invoke_config,
    "ListFunctionEventInvokeConfigs": list_function_event_invoke_configs,
    "DeleteFunctionEventInvokeConfig": delete_function_event_invoke_config,
}
