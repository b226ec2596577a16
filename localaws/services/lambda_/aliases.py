"""Aliases: names for a version, which may share calls out over two."""

from typing import Any

from localaws.services.context import Context
from localaws.services.lambda_.errors import conflict, invalid, missing
from localaws.services.lambda_.names import LATEST, split
from localaws.services.lambda_.operations import page
from localaws.services.lambda_.state import State, state_of

Members = dict[str, Any]


def create_alias(context: Context, given: Members) -> Members:
    """Name a version."""
    state = state_of(context)
    with state.lock:
        function = state.function(given["FunctionName"])
        arn = _arn(state, function, given["Name"])
        if given["Name"] in function["aliases"]:
            raise conflict(f"Alias already exists: {arn}")
        alias = {"AliasArn": arn, "Name": given["Name"], "Description": ""}
        _set(state, function, alias, given)
    return alias


def update_alias(context: Context, given: Members) -> Members:
    """Let an alias name another version, or share calls out differently."""
    state = state_of(context)
    with state.lock:
        function, alias = _found(state, given)
        _set(state, function, alias, given)
    return alias


def _set(state: State, function: Members, alias: Members, given: Members) -> None:
    stored = ("FunctionVersion", "Description", "RoutingConfig")
    state.revise(alias, given)
    alias |= {name: given[name] for name in stored if name in given}
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights") or {}
    for version in (alias["FunctionVersion"], *weights):
        if version not in function["versions"]:
            arn = _arn(state, function, version)
            raise missing(f"Function not found: {arn}")
    if not weights:
        alias.pop("RoutingConfig", None)
    if weights and LATEST in (alias["FunctionVersion"], *weights):
        raise invalid(
            "$LATEST is not supported for an alias pointing to more than 1 version"
        )
    if len(weights) > 1 or alias["FunctionVersion"] in weights:
        raise invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1, and "
            "its version must differ from FunctionVersion."
        )
    if any(not 0 <= weight <= 1 for weight in weights.values()):
        raise invalid("A weight in AdditionalVersionWeights is from 0.0 to 1.0.")
    function["aliases"][alias["Name"]] = alias
    state.save("function", function["name"], function)


def _arn(state: State, function: Members, name: str) -> str:
    return state.place.arn("function", function["name"], name)


def _found(state: State, given: Members) -> tuple[Members, Members]:
    function = state.function(given["FunctionName"])
    alias = function["aliases"].get(given["Name"])
    if alias is None:
        arn = _arn(state, function, given["Name"])
        raise missing(f"Cannot find alias arn: {arn}")
    return function, alias


def get_alias(context: Context, given: Members) -> Members:
    """Describe an alias."""
    return _found(state_of(context), given)[1]


def list_aliases(context: Context, given: Members) -> Members:
    """Describe every alias of a function, or of one of its versions."""
    function = state_of(context).function(given["FunctionName"])
    version = given.get("FunctionVersion")
    found = [
        alias
        for alias in function["aliases"].values()
        if version in (None, alias["FunctionVersion"])
    ]
    return page("Aliases", found, given)


def delete_alias(context: Context, given: Members) -> None:
    """Remove an alias; one that is not there is no error."""
    state = state_of(context)
    name, _ = split(given["FunctionName"])
    with state.lock:
        function = state.function(name)
        if function["aliases"].pop(given["Name"], None):
            state.save("function", name, function)


OPERATIONS = {
    "CreateAlias": create_alias,
    "UpdateAlias": update_alias,
    "GetAlias": get_alias,
    "ListAliases": list_aliases,
    "DeleteAlias": delete_alias,
}
