"""Resource policies: which service may invoke a function, and for which source."""

import fnmatch
import json
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.lambda_.errors import conflict, missing
from localaws.services.lambda_.names import split
from localaws.services.lambda_.state import State, state_of

Members = dict[str, Any]
_INVOKE = "lambda:InvokeFunction"


def add_permission(context: Context, given: Members) -> Members:
    """Add a statement to the policy of a function, version or alias."""
    state = state_of(context)
    with state.lock:
        function, key, policy = _policy(state, given)
        sid = given["StatementId"]
        if any(one["Sid"] == sid for one in policy["statements"]):
            raise conflict(
                f"The statement id ({sid}) provided already exists. Please provide a "
                "new statement id, or remove the existing statement."
            )
        state.revise(policy, given)
        arn = state.configuration(function, key or None)["FunctionArn"]
        statement = _statement(arn, given)
        policy["statements"].append(statement)
        function["policies"][key] = policy
        state.save("function", function["name"], function)
    return {"Statement": json.dumps(statement)}


def _policy(state: State, given: Members) -> tuple[Members, str, Members]:
    name, qualifier = split(given["FunctionName"], given.get("Qualifier"))
    function = state.function(name)
    state.configuration(function, qualifier)
    key = qualifier or ""
    return function, key, function["policies"].get(key, {"statements": []})


def _statement(arn: str, given: Members) -> Members:
    who = given["Principal"]
    principal: Any = {"Service": who}
    if who.isdecimal():
        principal = {"AWS": f"arn:aws:iam::{who}:root"}
    elif who.startswith("arn:"):
        principal = {"AWS": who}
    elif who == "*":
        principal = "*"
    statement = {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": principal,
        "Action": given["Action"],
        "Resource": arn,
    }
    condition = {}
    if given.get("SourceAccount"):
        account = {"AWS:SourceAccount": given["SourceAccount"]}
        condition["StringEquals"] = account
    if given.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": given["SourceArn"]}
    if condition:
        statement["Condition"] = condition
    return statement


def remove_permission(context: Context, given: Members) -> None:
    """Remove a statement."""
    state = state_of(context)
    with state.lock:
        function, key, policy = _policy(state, given)
        sid = given["StatementId"]
        kept = [one for one in policy["statements"] if one["Sid"] != sid]
        if len(kept) == len(policy["statements"]):
            raise missing(f"Statement {sid} is not found in resource policy.")
        state.revise(policy, given)
        policy["statements"] = kept
        function["policies"][key] = policy
        if not kept:
            del function["policies"][key]
        state.save("function", function["name"], function)


def get_policy(context: Context, given: Members) -> Members:
    """Return the policy of a function, version or alias."""
    state = state_of(context)
    _, _, policy = _policy(state, given)
    if not policy["statements"]:
        raise missing("The resource you requested does not exist.")
    document = {
        "Version": "2012-10-17",
        "Id": "default",
        "Statement": policy["statements"],
    }
    return {"Policy": json.dumps(document), "RevisionId": policy["RevisionId"]}


def check(
    state: State, function: Members, qualifier: str | None, who: str, source: str
) -> None:
    """Refuse a service that may not invoke a function for a source.

    Args:
        state: Where the account is known.
        function: The document of the function.
        qualifier: The version or alias that is called; None for neither.
        who: The service, such as `s3.amazonaws.com`.
        source: ARN of the bucket, rule or topic.

    Raises:
        AwsError: AccessDeniedException.
    """
    policy = function["policies"].get(qualifier or "", {"statements": []})
    if not any(_allows(state, one, who, source) for one in policy["statements"]):
        arn = state.configuration(function, qualifier)["FunctionArn"]
        raise AwsError(
            "AccessDeniedException",
            f"User: {who} is not authorized to perform: {_INVOKE} on resource: {arn} "
            f"because no resource-based policy allows the {_INVOKE} action",
            403,
        )


def _allows(state: State, statement: Members, who: str, source: str) -> bool:
    principal, condition = statement["Principal"], statement.get("Condition", {})
    known = principal == "*" or principal.get("Service") == who
    action = fnmatch.fnmatchcase(_INVOKE, statement["Action"])
    pattern = condition.get("ArnLike", {}).get("AWS:SourceArn", "*")
    account = condition.get("StringEquals", {}).get("AWS:SourceAccount")
    return (
        known
        and action
        and fnmatch.fnmatchcase(source, pattern)
        and account in (None, state.place.account)
    )


OPERATIONS = {
    "AddPermission": add_permission,
    "RemovePermission": remove_permission,
    "GetPolicy": get_policy,
}
