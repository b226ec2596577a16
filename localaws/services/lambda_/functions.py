"""Functions: made, described, changed, published, deleted."""

from collections.abc import Callable
from typing import Any

from localaws.services.context import Context
from localaws.services.lambda_ import archives, configuration, environments
from localaws.services.lambda_.errors import conflict, invalid, missing
from localaws.services.lambda_.names import LATEST, is_version, split
from localaws.services.lambda_.operations import page
from localaws.services.lambda_.state import State, create, state_of

Members = dict[str, Any]
_ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful"}


def create_function(context: Context, given: Members) -> Members:
    """Store a function; its code is unpacked when it first runs."""
    state = state_of(context)
    name, qualifier = split(given["FunctionName"])
    if qualifier:
        raise invalid("A function that is created has no qualifier.")
    if state.find("function", name):
        raise conflict(f"Function already exist: {name}")
    code = archives.read(context, given["Code"])
    held = configuration.made(context, {**given, "FunctionName": name})
    held |= {"FunctionArn": state.place.arn("function", name), "Version": LATEST}
    _code(state, held, code)
    _touch(state, held, {})
    function: Members = {
        "name": name,
        "versions": {LATEST: held},
        "next": 1,
        "aliases": {},
        "policies": {},
        "events": {},
        "concurrency": None,
        "tags": given.get("Tags") or {},
    }
    create(state, "function", name, function, f"Function already exist: {name}")
    if given.get("Publish"):
        return publish_version(context, {"FunctionName": name})
    return held | {
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    }


def _code(state: State, held: Members, code: bytes) -> None:
    digest = state.keep_code(code)
    held |= {"CodeSha256": digest, "CodeSize": len(code)}


def _touch(state: State, held: Members, given: Members) -> None:
    state.revise(held, given)
    held |= {"LastModified": state.stamp(), **_ACTIVE}


def _update(
    context: Context, given: Members, change: Callable[[State, Members], None]
) -> Members:
    state = state_of(context)
    name, qualifier = split(given["FunctionName"])
    if qualifier not in (None, LATEST):
        raise invalid(
            "Function versions and aliases cannot be updated; only $LATEST can."
        )
    state.function(name)
    with state.lock:
        function = state.function(name)
        held = function["versions"][LATEST]
        change(state, held)
        _touch(state, held, given)
        state.save("function", name, function)
    environments.of(context).retire(name, LATEST)
    return held


def update_function_code(context: Context, given: Members) -> Members:
    """Replace the code of $LATEST."""
    code = archives.read(context, given)
    if given.get("DryRun"):
        state = state_of(context)
        held = state.configuration(state.function(given["FunctionName"]), None)
        _code(state, held, code)
        return held
    held = _update(context, given, lambda state, held: _code(state, held, code))
    if given.get("Publish"):
        return publish_version(context, {"FunctionName": held["FunctionName"]})
    return held | _updating()


def update_function_configuration(context: Context, given: Members) -> Members:
    """Change the configuration of $LATEST."""
    state_of(context).function(given["FunctionName"])
    configuration.check(context, given)
    held = _update(
        context, given, lambda _, held: configuration.changed(context, held, given)
    )
    return held | _updating()


def _updating() -> Members:
    return {
        "LastUpdateStatus": "InProgress",
        "LastUpdateStatusReason": "The function is being created.",
        "LastUpdateStatusReasonCode": "Creating",
    }


def get_function(context: Context, given: Members) -> Members:
    """Return a function's configuration, tags and reserved concurrency."""
    state = state_of(context)
    name, qualifier = split(given["FunctionName"], given.get("Qualifier"))
    function = _known(state, name, qualifier)
    answer: Members = {
        "Configuration": state.configuration(function, qualifier),
        "Code": {"RepositoryType": "S3"},
        "Tags": function["tags"] or None,
    }
    if function["concurrency"] is not None:
        reserved = {"ReservedConcurrentExecutions": function["concurrency"]}
        answer["Concurrency"] = reserved
    return answer


def get_function_configuration(context: Context, given: Members) -> Members:
    """Return a version's configuration."""
    state = state_of(context)
    name, qualifier = split(given["FunctionName"], given.get("Qualifier"))
    return state.configuration(_known(state, name, qualifier), qualifier)


def _known(state: State, name: str, qualifier: str | None) -> Members:
    """Return a function; if it is missing, say so with the asked qualifier."""
    found = state.find("function", name)
    if found is None:
        arn = state.place.arn("function", name, *([qualifier] if qualifier else []))
        raise missing(f"Function not found: {arn}")
    return found


def list_functions(context: Context, given: Members) -> Members:
    """Return the configuration of each function, or of each version."""
    state = state_of(context)
    every = given.get("FunctionVersion") == "ALL"
    found = [
        _listed(state, function, version)
        for function in state.functions()
        for version in (function["versions"] if every else (LATEST,))
    ]
    return page("Functions", found, given)


def _listed(state: State, function: Members, version: str) -> Members:
    held = state.configuration(function, version)
    hidden = ("State", "LastUpdateStatus")
    return {name: value for name, value in held.items() if name not in hidden} | (
        {"FunctionArn": state.place.arn("function", function["name"])}
        if version == LATEST
        else {}
    )


def delete_function(context: Context, given: Members) -> None:
    """Remove a function with all that belongs to it, or one of its versions."""
    state = state_of(context)
    name, qualifier = split(given["FunctionName"], given.get("Qualifier"))
    with state.lock:
        function = _known(state, name, qualifier)
        if qualifier is None:
            state.drop("function", name)
        else:
            _drop_version(state, function, qualifier)
    environments.of(context).retire(name, qualifier)


def _drop_version(state: State, function: Members, version: str) -> None:
    if not is_version(version):
        raise invalid("Deletion of aliases is not currently supported.")
    if version == LATEST:
        raise invalid(
            "$LATEST version cannot be deleted without deleting the function."
        )
    arn = state.place.arn("function", function["name"], version)
    using = [
        alias["Name"]
        for alias in function["aliases"].values()
        if version in (alias["FunctionVersion"], *_weights(alias))
    ]
    if using:
        raise conflict(
            f"Function versions with aliases can't be deleted: {arn} is used by "
            f"{', '.join(using)}."
        )
    if function["versions"].pop(version, None) is None:
        return
    state.save("function", function["name"], function)


def _weights(alias: Members) -> Members:
    return alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def publish_version(context: Context, given: Members) -> Members:
    """Make a version of $LATEST that does not change any more.

    One that differs in nothing from the last version is not made again.
    """
    state = state_of(context)
    name, _ = split(given["FunctionName"])
    with state.lock:
        function = state.function(name)
        latest = function["versions"][LATEST]
        wanted = given.get("CodeSha256")
        if wanted and wanted != latest["CodeSha256"]:
            raise invalid(
                f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in "
                f"$LATEST ({latest['CodeSha256']}). Please try again with the "
                "CodeSHA256 in $LATEST."
            )
        number = function["next"]
        last = function["versions"].get(str(number - 1))
        if (
            last
            and last["_of"] == latest["RevisionId"]
            and not given.get("Description")
        ):
            return last
        state.revise({"RevisionId": latest["RevisionId"]}, given)
        arn = state.place.arn("function", name, str(number))
        version = {
            **latest,
            "_of": latest["RevisionId"],
            "Version": str(number),
            "FunctionArn": arn,
            "RevisionId": state.ticket("revision"),
        }
        if given.get("Description"):
            version["Description"] = given["Description"]
        function["versions"][str(number)] = version
        function["next"] = number + 1
        state.save("function", name, function)
    return version


def list_versions_by_function(context: Context, given: Members) -> Members:
    """Return the configuration of each version, $LATEST first."""
    state = state_of(context)
    function = state.function(given["FunctionName"])
    versions = list(function["versions"].values())
    for one in versions:
        arn = state.place.arn("function", function["name"], one["Version"])
        one["FunctionArn"] = arn
    return page("Versions", versions, given)


def list_tags(context: Context, given: Members) -> Members:
    """Return the tags of a function."""
    return {"Tags": state_of(context).function(given["Resource"])["tags"]}


def tag_resource(context: Context, given: Members) -> None:
    """Add tags to a function."""
    _retag(context, given, lambda tags: tags | given["Tags"])


def untag_resource(context: Context, given: Members) -> None:
    """Remove tags from a function."""
    gone = set(given["TagKeys"])
    _retag(context, given, lambda tags: {k: tags[k] for k in tags if k not in gone})


def _retag(
    context: Context,
    given: Members,
    change: Callable[[dict[str, str]], dict[str, str]],
) -> None:
    state = state_of(context)
    with state.lock:
        function = state.function(given["Resource"])
        function["tags"] = change(function["tags"])
        state.save("function", function["name"], function)


OPERATIONS = {
    "CreateFunction": create_function,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "ListFunctions": list_functions,
    "DeleteFunction": delete_function,
    "PublishVersion": publish_version,
    "ListVersionsByFunction": list_versions_by_function,
    "ListTags": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
