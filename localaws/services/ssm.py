"""AWS Systems Manager: Run Command, for load on the volumes of an instance.

No machine is behind an instance here, so that one command alone is known: fio, on the
device of an attached volume. A volume holds nothing but zeros, so what fio reads and
writes changes no byte; how long it takes is a model, and the report says so.
"""

import datetime as dt
import uuid
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.background import Background
from localaws.services.context import Context
from localaws.services.ebs_load import drive
from localaws.services.json_operations import Members, handlers
from localaws.services.records import Records
from localaws.services.ssm_fio import FioError, parse, report

_TABLE = "ssm-invocation"
_DOCUMENT = "AWS-RunShellScript"
_ENDED = ("Success", "Failed")


def _send(context: Context, given: Members) -> Members:
    if given["DocumentName"] != _DOCUMENT:
        raise NotImplementedHere(
            f"ssm:SendCommand DocumentName={given['DocumentName']!r} (here only "
            f"{_DOCUMENT!r})",
            "runs this document",
        )
    instances = given.get("InstanceIds", [])
    lines = given.get("Parameters", {}).get("commands", [])
    others = set(given.get("Parameters", {})) - {"commands"}
    if others:
        raise NotImplementedHere(
            f"ssm:SendCommand Parameters.{min(others)}", "is a setting of the command"
        )
    if not instances or not lines:
        raise AwsError("InvalidParameters", "InstanceIds and commands are required.")
    for line in lines:
        try:
            parse(line)
        except FioError:
            continue
    for instance in instances:
        _check(context, instance)
    now = context.clock.now()
    number = context.clock.count("ssm-command")
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"ssm/{number}"))
    for instance in instances:
        document = {
            "CommandId": key,
            "InstanceId": instance,
            "DocumentName": _DOCUMENT,
            "Comment": given.get("Comment", ""),
            "PluginName": "aws:runShellScript",
            "ResponseCode": -1,
            "Status": "Pending",
            "StatusDetails": "Pending",
            "_lines": lines,
        }
        context.part(Records).put(_TABLE, f"{key} {instance}", document)
        context.part(Background).submit(_run, context, f"{key} {instance}")
    return {
        "Command": {
            "CommandId": key,
            "DocumentName": _DOCUMENT,
            "Comment": given.get("Comment", ""),
            "Parameters": given["Parameters"],
            "InstanceIds": instances,
            "RequestedDateTime": now,
            "Status": "Pending",
            "StatusDetails": "Pending",
            "TargetCount": len(instances),
            "CompletedCount": 0,
            "ErrorCount": 0,
        }
    }


def _check(context: Context, instance: str) -> None:
    ec2 = context.aws.client("ec2")
    try:
        found = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        running = found[0]["Instances"][0]["State"]["Name"] == "running"
    except (ClientError, LookupError):
        running = False
    if not running:
        raise AwsError(
            "InvalidInstanceId", f"Instances {instance} not in a valid state."
        )


def _run(context: Context, key: str) -> None:
    records = context.part(Records)
    document = records.get(_TABLE, key) or {}
    began = context.clock.now()
    records.change(_TABLE, key, Status="InProgress", StatusDetails="InProgress")
    output, error, code, seconds = "", "", 0, 0.0
    for line in document["_lines"]:
        try:
            run = parse(line)
            volume = _volume(context, document["InstanceId"], run.device)
            at = began + dt.timedelta(seconds=seconds)
            operations, took = drive(context, volume, run, at)
            output += report(run, operations, took)
            seconds, code = seconds + took, 0
        except FioError as failed:
            error, code = f"{error}{failed}\n", 1
    status = "Failed" if code else "Success"
    records.change(
        _TABLE,
        key,
        Status=status,
        StatusDetails=status,
        ResponseCode=code,
        StandardOutputContent=output[:24_000],
        StandardErrorContent=error[:8_000],
        **_times(began, seconds),
    )


def _times(began: dt.datetime, seconds: float) -> Members:
    end = began + dt.timedelta(seconds=seconds)
    return {
        "ExecutionStartDateTime": f"{began:%Y-%m-%dT%H:%M:%SZ}",
        "ExecutionEndDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "ExecutionElapsedTime": f"PT{seconds:.3f}S",
    }


def _volume(context: Context, instance: str, device: str) -> Members:
    ec2: Any = context.aws.client("ec2")
    for one in ec2.describe_volumes()["Volumes"]:
        for place in one["Attachments"]:
            if (place["InstanceId"], place["Device"]) == (instance, device):
                return dict(one)
    raise FioError(f"fio: failed opening {device}: No such file or directory")


def _get(context: Context, given: Members) -> Members:
    key = f"{given['CommandId']} {given['InstanceId']}"
    found = context.part(Records).get(_TABLE, key)
    if found is None:
        raise AwsError("InvocationDoesNotExist", "")
    return found


def resume(context: Context) -> None:
    """End the commands that ran when the endpoint was killed."""
    records = context.part(Records)
    for key, one in records.all(_TABLE).items():
        if one["Status"] not in _ENDED:
            why = {"StandardErrorContent": "The local endpoint was restarted."}
            records.change(
                _TABLE, key, Status="Failed", StatusDetails="Undeliverable", **why
            )


HANDLERS = handlers(
    "ssm", {"SendCommand": _send, "GetCommandInvocation": _get}, "ValidationException"
)
