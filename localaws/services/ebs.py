"""Amazon EBS: the limits of volumes, their modifications and what they cost."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from localaws import compat
from localaws.errors import AwsError
from localaws.limits import limit
from localaws.query import parse_query
from localaws.services import ebs_limits, rentals
from localaws.services.context import Context
from localaws.services.ec2_xml import first, response, with_iops
from localaws.services.records import Records
from localaws.store import model
from localaws.wire import Request, Response

MODIFICATIONS, _TOKENS = "ebs-modification", "ebs-token"
_DAY = dt.timedelta(hours=24)
_ATTRIBUTES = ("Size", "VolumeType", "Iops", "Throughput")
Members = dict[str, Any]
Handler = Callable[[Context, Request], Response]


def given_to(operation: str, request: Request) -> Members:
    """Return the input of an operation of EC2."""
    shape = model("ec2").operation_model(operation).input_shape
    return parse_query(shape, request.body, "ec2")


def volume(context: Context, name: str) -> Members:
    """Return a volume as it is described.

    Raises:
        AwsError: There is none.
    """
    ec2 = context.aws.client("ec2")
    with _as_aws():
        return dict(ec2.describe_volumes(VolumeIds=[name])["Volumes"][0])


@contextlib.contextmanager
def _as_aws() -> Iterator[None]:
    """Pass on what EC2 says of something that it was asked for."""
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]
        raise AwsError(said["Code"], said["Message"]) from error


def _asking(request: Request, given: Members, wanted: Members) -> Request:
    """Return a request that names what AWS takes where nothing is given."""
    more = {key: value for key, value in wanted.items() if key not in given and value}
    body = request.body + (f"&{urlencode(more)}".encode() if more else b"")
    return compat.with_body(request, body)


def create(context: Context, request: Request) -> Response:
    """Answer CreateVolume."""
    given = given_to("CreateVolume", request)
    records, token = context.part(Records), given.get("ClientToken")
    before = records.get(_TOKENS, token) if token else None
    if before is not None:
        return Response(200, {"Content-Type": "text/xml"}, before["body"])
    asked = dict(given)
    if "Size" not in given and given.get("SnapshotId"):
        ec2, names = context.aws.client("ec2"), [given["SnapshotId"]]
        with _as_aws():
            found = ec2.describe_snapshots(SnapshotIds=names)["Snapshots"]
        asked["Size"] = found[0]["VolumeSize"]
    wanted = ebs_limits.checked(asked)
    answer = context.moto(_asking(request, given, wanted))
    if answer.status == 200:
        name = first(answer, "volumeId")
        rentals.rent(context, name, ebs_limits.costs(wanted))
        answer = with_iops(answer, creating=True)
        if token:
            records.put(_TOKENS, token, {"body": answer.body})
    return answer


def describe(context: Context, request: Request) -> Response:
    """Answer DescribeVolumes, with the baseline of the types that have one."""
    return with_iops(context.moto(request))


def delete(context: Context, request: Request) -> Response:
    """Answer DeleteVolume."""
    answer = context.moto(request)
    if answer.status == 200:
        name = given_to("DeleteVolume", request)["VolumeId"]
        rentals.end(context, name)
        context.part(Records).drop(MODIFICATIONS, name)
    return answer


def detach(context: Context, request: Request) -> Response:
    """Answer DetachVolume, for which the volume alone is enough."""
    given = given_to("DetachVolume", request)
    name = given["VolumeId"]
    attached = volume(context, name)["Attachments"]
    if not attached:
        raise AwsError(
            "IncorrectState", f"Volume '{name}' is in the 'available' state."
        )
    return context.moto(
        _asking(request, given, {"InstanceId": attached[0]["InstanceId"]})
    )


def modify(context: Context, request: Request) -> Response:
    """Answer ModifyVolume: the change takes its time on the endpoint's clock."""
    given = given_to("ModifyVolume", request)
    name = given["VolumeId"]
    before = volume(context, name)
    wanted = ebs_limits.changed(before, given)
    records, now = context.part(Records), context.clock.now()
    with records.lock:
        past = (records.get(MODIFICATIONS, name) or {"all": []})["all"]
        _check_rate(name, past, now)
        answer = context.moto(_asking(request, given, wanted))
        if answer.status != 200:
            return answer
        change = {"volumeId": name, "startTime": now}
        for member in _ATTRIBUTES:
            if before.get(member) is not None:
                change[f"original{member}"] = before[member]
            if wanted.get(member) is not None:
                change[f"target{member}"] = wanted[member]
        records.put(MODIFICATIONS, name, {"all": [*past, change]})
        rentals.rent(context, name, ebs_limits.costs(wanted))
    shown = {"volumeModification": _shown(change, now)}
    return response("ModifyVolume", shown)


def _check_rate(name: str, past: list[Members], now: dt.datetime) -> None:
    if past and (state := _shown(past[-1], now)["modificationState"]) != "completed":
        raise AwsError(
            "IncorrectModificationState",
            f"Volume {name} cannot be modified in modification state {state.upper()}.",
        )
    recent = [one for one in past if now - one["startTime"] < _DAY]
    if len(recent) >= limit("ebs", "modifications"):
        raise AwsError(
            "VolumeModificationRateExceeded",
            "You've reached the maximum modification rate per volume limit of four in "
            f"24 hours. Wait until {recent[0]['startTime'] + _DAY:%Y-%m-%dT%H:%M:%SZ}.",
        )


def _shown(change: Members, now: dt.datetime) -> Members:
    """Return a modification with its state at a time."""
    begun = limit("ebs_modification", "modifying_seconds")
    whole = begun + limit("ebs_modification", "optimizing_seconds")
    passed = (now - change["startTime"]).total_seconds()
    state = "completed" if passed >= whole else "optimizing"
    if passed < begun:
        state = "modifying"
    progress = min(100, int(100 * passed / whole))
    found = {**change, "modificationState": state, "progress": progress}
    if state == "completed":
        found["endTime"] = change["startTime"] + dt.timedelta(seconds=whole)
    return found


def describe_modifications(context: Context, request: Request) -> Response:
    """Answer DescribeVolumesModifications: the last one of each volume."""
    given = given_to("DescribeVolumesModifications", request)
    names = given.get("VolumeIds", [])
    for name in names:
        volume(context, name)
    now = context.clock.now()
    found = [
        _shown(one["all"][-1], now)
        for name, one in context.part(Records).all(MODIFICATIONS).items()
        if not names or name in names
    ]
    for rule in given.get("Filters", ()):
        found = [one for one in found if _passes(one, rule)]
    return response("DescribeVolumesModifications", {"volumeModificationSet": found})


def _passes(change: Members, rule: Members) -> bool:
    first, *rest = rule["Name"].split("-")
    member = first + "".join(word.capitalize() for word in rest)
    return str(change.get(member)) in rule["Values"]


HANDLERS: dict[tuple[str, str], Handler] = {
    ("ec2", "CreateVolume"): create,
    ("ec2", "DescribeVolumes"): describe,
    ("ec2", "DeleteVolume"): delete,
    ("ec2", "DetachVolume"): detach,
    ("ec2", "ModifyVolume"): modify,
    ("ec2", "DescribeVolumesModifications"): describe_modifications,
}
