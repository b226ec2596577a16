"""The configuration of a function: what it may hold, and what it holds by default."""

import json
from typing import Any

from localaws import trust
from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.lambda_.errors import invalid
from localaws.services.lambda_.state import state_of

Members = dict[str, Any]
PRINCIPAL = "lambda.amazonaws.com"
_STORED = (
    "Runtime",
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "EphemeralStorage",
    "TracingConfig",
)
_DEFAULTS: Members = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "EphemeralStorage": {"Size": 512},
    "TracingConfig": {"Mode": "PassThrough"},
}
# botocore's model has the limits of managed instances
_LIMITS = {"Timeout": (1, 900), "MemorySize": (128, 10_240)}
_ENVIRONMENT_BYTES = 4096
_LAYERS = 5
_RESERVED = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
}


def made(context: Context, given: Members) -> Members:
    """Return the configuration of a new function.

    Raises:
        AwsError: It cannot be had.
    """
    if not given.get("Runtime") or not given.get("Handler"):
        raise invalid(
            "Runtime and Handler are mandatory parameters for functions created with "
            "deployment packages."
        )
    check(context, given)
    name = given["FunctionName"]
    found = {**_DEFAULTS, "FunctionName": name, "PackageType": "Zip"}
    found |= {"Architectures": given.get("Architectures") or ["x86_64"]}
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    found["LoggingConfig"] = logging
    changed(context, found, given)
    return found


def check(context: Context, given: Members) -> None:
    """Refuse a role that Lambda may not assume, and numbers that are out of range.

    It asks another service, so it is done before any lock is taken.
    """
    for member, (least, most) in _LIMITS.items():
        _check_range(member, given.get(member, least), least, most)
    if "Role" in given and not trust.trusts(context.aws, given["Role"], PRINCIPAL):
        raise invalid("The role defined for the function cannot be assumed by Lambda.")


def changed(context: Context, held: Members, given: Members) -> None:
    """Set the members of a configuration that an input names.

    Raises:
        AwsError: One of them cannot be had; the configuration may be half changed.
    """
    held |= {name: given[name] for name in _STORED if name in given}
    if "Environment" in given:
        variables = given["Environment"].get("Variables") or {}
        _check_variables(variables)
        held["Environment"] = {"Variables": variables}
        if not variables:
            del held["Environment"]
    if "Layers" in given:
        if len(given["Layers"]) > _LAYERS:
            raise invalid(f"Cannot reference more than {_LAYERS} layers.")
        contents = [(arn, _layer(context, arn)) for arn in given["Layers"]]
        held["Layers"] = [
            {"Arn": arn, "CodeSize": content["CodeSize"]} for arn, content in contents
        ]
        held["_layers"] = [content["CodeSha256"] for _, content in contents]
    if "DeadLetterConfig" in given:
        target = given["DeadLetterConfig"].get("TargetArn")
        _check_dead_letters(target)
        held["DeadLetterConfig"] = {"TargetArn": target}
        if not target:
            del held["DeadLetterConfig"]
    if given.get("LoggingConfig"):
        held["LoggingConfig"] = {**held["LoggingConfig"], **given["LoggingConfig"]}


def _check_range(member: str, value: int, least: int, most: int) -> None:
    if least <= value <= most:
        return
    word, limit = ("less", most) if value > most else ("greater", least)
    raise ValidationError(
        f"1 validation error detected: Value '{value}' at "
        f"'{member[0].lower()}{member[1:]}' failed to satisfy constraint: Member must "
        f"have value {word} than or equal to {limit}"
    )


def _check_variables(variables: dict[str, str]) -> None:
    reserved = [name for name in variables if name in _RESERVED]
    if reserved:
        raise invalid(
            "Lambda was unable to configure your environment variables because the "
            "environment variables you have provided contains reserved keys that are "
            "currently not supported for modification. Reserved keys used in this "
            f"request: {', '.join(reserved)}"
        )
    text = json.dumps(variables, separators=(",", ":"))
    if len(text.encode()) > _ENVIRONMENT_BYTES:
        raise invalid(
            "Lambda was unable to configure your environment variables because the "
            "environment variables you have provided exceeded the 4KB limit. String "
            f"measured: {text}"
        )


def _check_dead_letters(target: str | None) -> None:
    if target and target.split(":")[2] not in ("sqs", "sns"):
        raise invalid(
            "The provided target is not supported as a dead-letter queue: "
            f"{target} is neither a queue nor a topic."
        )


def _layer(context: Context, arn: str) -> Members:
    name, _, version = arn.rpartition(":")
    found = state_of(context).find("layer", name.rpartition(":")[2])
    held = found["versions"].get(version) if found else None
    if held is None or held["LayerVersionArn"] != arn:
        raise invalid(f"Layer version {arn} does not exist.")
    return held["Content"]
