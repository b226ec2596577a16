"""Event source mappings: queues whose messages are given to a function in batches."""

import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import NotImplementedHere
from localaws.services.context import Context
from localaws.services.lambda_.errors import conflict, invalid, missing
from localaws.services.lambda_.names import split
from localaws.services.lambda_.operations import page
from localaws.services.lambda_.sources import SOURCES
from localaws.services.lambda_.state import State, state_of

Members = dict[str, Any]
_STORED = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "FunctionResponseTypes",
    "FilterCriteria",
    "ScalingConfig",
    "DestinationConfig",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "ParallelizationFactor",
)


def create_event_source_mapping(context: Context, given: Members) -> Members:
    """Let a function have the messages of a queue or the records of a stream."""
    state = state_of(context)
    source = given.get("EventSourceArn")
    if not source:
        raise invalid("Unrecognized event source, must be kinesis, dynamodb or sqs.")
    kind = SOURCES.get(source.split(":")[2])
    if kind is None:
        raise NotImplementedHere(
            f"lambda:CreateEventSourceMapping EventSourceArn={source!r}",
            "polls that source too",
        )
    function, arn = _function(state, given["FunctionName"])
    _check_new(state, kind.title, source, function, arn)
    number = state.ticket("mapping")
    mapping = {
        "UUID": number,
        "EventSourceMappingArn": state.place.arn("event-source-mapping", number),
        "EventSourceArn": source,
        "FunctionArn": arn,
        "MaximumBatchingWindowInSeconds": 0,
        **kind.defaults,
        "LastProcessingResult": "No records processed",
        "StateTransitionReason": "USER_INITIATED",
    }
    # both ask other services: no lock is held
    _set(context, mapping, given)
    kind.begin(context, mapping, given)
    with state.lock:
        _check_new(state, kind.title, source, function, arn)
        state.save("mapping", number, mapping)
    return mapping | {"State": "Creating"}


def _check_new(
    state: State, title: str, source: str, function: Members, arn: str
) -> None:
    for one in state.all("mapping"):
        if (one["EventSourceArn"], one["FunctionArn"]) == (source, arn):
            raise conflict(
                f'An event source mapping with {title} arn (" {source} ") and '
                f'function (" {function["name"]} ") already exists. Please update or '
                f"delete the existing mapping with UUID {one['UUID']}"
            )


def _function(state: State, given: str) -> tuple[Members, str]:
    name, qualifier = split(given)
    function = state.find("function", name)
    if function is None:
        raise missing("Function does not exist")
    return function, state.configuration(function, qualifier)["FunctionArn"]


def _set(context: Context, mapping: Members, given: Members) -> None:
    """Set the members that an input names, and check the whole.

    Raises:
        AwsError: It cannot be had.
    """
    mapping |= {name: given[name] for name in _STORED if name in given}
    mapping["State"] = "Enabled" if given.get("Enabled", True) else "Disabled"
    for one in (mapping.get("FilterCriteria") or {}).get("Filters", ()):
        _check_filter(one.get("Pattern", ""))
    state = state_of(context)
    name, qualifier = split(mapping["FunctionArn"])
    held = state.configuration(state.function(name), qualifier)
    kind = SOURCES[mapping["EventSourceArn"].split(":")[2]]
    try:
        kind.check(context, mapping, given, held["Timeout"])
    except ClientError as error:
        raise invalid(kind.problem(error)) from error
    mapping["LastModified"] = context.clock.now().timestamp()


def _check_filter(pattern: str) -> None:
    try:
        if isinstance(json.loads(pattern), dict):
            return
    except ValueError:
        pass
    raise invalid("Invalid filter pattern definition.")


def _found(state: State, given: Members) -> Members:
    found = state.find("mapping", given["UUID"])
    if found is None:
        raise missing("The resource you requested does not exist.")
    return found


def update_event_source_mapping(context: Context, given: Members) -> Members:
    """Change a mapping, or switch it on or off."""
    state = state_of(context)
    mapping = _found(state, given)
    if "FunctionName" in given:
        mapping["FunctionArn"] = _function(state, given["FunctionName"])[1]
    on = given.get("Enabled", mapping["State"] == "Enabled")
    _set(context, mapping, {**given, "Enabled": on})
    with state.lock:
        _found(state, given)
        state.save("mapping", mapping["UUID"], mapping)
    return mapping | {"State": "Updating"}


def get_event_source_mapping(context: Context, given: Members) -> Members:
    """Describe a mapping."""
    return _found(state_of(context), given)


def list_event_source_mappings(context: Context, given: Members) -> Members:
    """Describe the mappings of a function, of a source, or all."""
    state = state_of(context)
    source, name = given.get("EventSourceArn"), given.get("FunctionName")
    arn = _function(state, name)[1] if name else None
    found = [
        one
        for one in state.all("mapping")
        if source in (None, one["EventSourceArn"]) and arn in (None, one["FunctionArn"])
    ]
    return page("EventSourceMappings", found, given)


def delete_event_source_mapping(context: Context, given: Members) -> Members:
    """Remove a mapping; what it has received is not given back at once."""
    state = state_of(context)
    with state.lock:
        mapping = _found(state, given)
        state.drop("mapping", mapping["UUID"])
    return mapping | {"State": "Deleting"}


OPERATIONS = {
    "CreateEventSourceMapping": create_event_source_mapping,
    "UpdateEventSourceMapping": update_event_source_mapping,
    "GetEventSourceMapping": get_event_source_mapping,
    "ListEventSourceMappings": list_event_source_mappings,
    "DeleteEventSourceMapping": delete_event_source_mapping,
}
