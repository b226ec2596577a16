"""Amazon EFS: moto keeps the state, a folder holds the files."""

import dataclasses
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws import rest
from localaws.errors import AwsError
from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.file_systems import FileSystems
from localaws.wire import Request, Response

SERVICE = "elasticfilesystem"
_PATH = re.compile(r"(/|(/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4})")
Members = dict[str, Any]
Handler = Callable[[Context, Request], Response]


def _given(request: Request) -> Members:
    found = rest.find("efs", request)
    assert found is not None
    return found[1]


def _bad(message: str) -> AwsError:
    return AwsError("BadRequest", message, ErrorCode="BadRequest")


def _answer(response: Response, document: Members) -> Response:
    headers = response.headers
    pairs = headers.items() if isinstance(headers, dict) else headers
    kept = [pair for pair in pairs if pair[0].lower() != "content-length"]
    body = json.dumps(document).encode()
    return dataclasses.replace(response, headers=kept, body=body)


def create(context: Context, request: Request) -> Response:
    """Answer CreateFileSystem."""
    given = _given(request)
    mode = given.get("ThroughputMode", "bursting")
    rate = given.get("ProvisionedThroughputInMibps")
    if (mode == "provisioned") != (rate is not None):
        raise _bad(
            "ProvisionedThroughputInMibps is required with ThroughputMode provisioned, "
            "and goes with no other."
        )
    if given.get("PerformanceMode") == "maxIO" and (
        mode == "elastic" or given.get("AvailabilityZoneName")
    ):
        raise _bad(
            "PerformanceMode maxIO is not supported with elastic throughput or One "
            "Zone file systems."
        )
    response = context.moto(request)
    if response.status >= 300:
        return response
    document = json.loads(response.body)
    name = document["FileSystemId"]
    context.part(FileSystems).make(name)
    costs = dict(rentals.by_size("efs-storage"))
    if rate is not None:
        costs["efs-throughput"] = (None, rate)
    rentals.rent(context, name, costs)
    return _answer(response, {**document, "LifeCycleState": "creating"})


def describe(context: Context, request: Request) -> Response:
    """Answer DescribeFileSystems, with the bytes that the files take."""
    response = context.moto(request)
    if response.status != 200:
        return response
    document = json.loads(response.body)
    systems = context.part(FileSystems)
    for one in document["FileSystems"]:
        size = systems.shares.used_bytes(one["FileSystemId"])
        one["SizeInBytes"] |= {"Value": size, "ValueInStandard": size}
    return _answer(response, document)


def delete(context: Context, request: Request) -> Response:
    """Answer DeleteFileSystem."""
    response = context.moto(request)
    if response.status < 300:
        name = _given(request)["FileSystemId"]
        rentals.end(context, name)
        context.part(FileSystems).shares.remove(name)
    return response


def create_access_point(context: Context, request: Request) -> Response:
    """Answer CreateAccessPoint; its folder is made when it is mounted."""
    given = _given(request)
    aws = context.aws.client("efs")
    known = aws.describe_access_points()["AccessPoints"]
    for one in known:
        if one["ClientToken"] == given["ClientToken"]:
            raise AwsError(
                "AccessPointAlreadyExists",
                "An access point with this ClientToken exists already.",
                409,
                ErrorCode="AccessPointAlreadyExists",
                AccessPointId=one["AccessPointId"],
            )
    _found(context, given["FileSystemId"])
    path = given.get("RootDirectory", {}).get("Path", "/")
    if not _PATH.fullmatch(path) or len(path) > 100:
        raise _bad(f"RootDirectory.Path {path!r} is not a path of up to four folders.")
    response = context.moto(request)
    if response.status >= 300:
        return response
    document = json.loads(response.body)
    return _answer(response, {**document, "LifeCycleState": "creating"})


def _found(context: Context, name: str) -> None:
    try:
        context.aws.client("efs").describe_file_systems(FileSystemId=name)
    except ClientError as error:
        raise AwsError(
            "FileSystemNotFound",
            f"File system '{name}' does not exist.",
            404,
            ErrorCode="FileSystemNotFound",
        ) from error


def update(context: Context, request: Request) -> Response:
    """Answer what names a file system that moto does not look for."""
    _found(context, _given(request)["FileSystemId"])
    return context.moto(request)


def enter(context: Context, name: str, point: str | None) -> tuple[Path, Members]:
    """Mount a file system as a client would.

    Args:
        context: The endpoint.
        name: The file system.
        point: The access point, or None.

    Returns:
        The folder that the client sees as `/`, and the user that every file is
        written as, empty for the client's own.

    Raises:
        AwsError: The access point's folder is not there, and may not be made.
    """
    shares = context.part(FileSystems).shares
    if point is None:
        return shares.inside(name, "/"), {}
    found = context.aws.client("efs").describe_access_points(AccessPointId=point)
    access = found["AccessPoints"][0]
    if access["FileSystemId"] != name:
        raise _bad(f"Access point {point} is not of file system {name}.")
    top = access["RootDirectory"]
    folder = shares.inside(name, top["Path"])
    if not folder.is_dir():
        making = top.get("CreationInfo")
        if making is None:
            raise _bad(
                f"The root directory {top['Path']} of access point {point} does not "
                "exist, and it has no CreationInfo."
            )
        folder.mkdir(parents=True)
        own(folder, making["OwnerUid"], making["OwnerGid"])
        folder.chmod(int(making["Permissions"], 8))
    return folder, access.get("PosixUser") or {}


def own(path: Path, user: int, group: int) -> None:
    """Give a file to a user; only root may, so for others it stays the endpoint's."""
    if os.geteuid() == 0:
        os.chown(path, user, group, follow_symlinks=False)


def known(context: Context) -> set[str]:
    """Return the names of all file systems."""
    found = context.aws.client("efs").get_paginator("describe_file_systems")
    return {
        one["FileSystemId"] for page in found.paginate() for one in page["FileSystems"]
    }


HANDLERS: dict[tuple[str, str], Handler] = {
    (SERVICE, "CreateFileSystem"): create,
    (SERVICE, "DescribeFileSystems"): describe,
    (SERVICE, "DeleteFileSystem"): delete,
    (SERVICE, "CreateAccessPoint"): create_access_point,
    (SERVICE, "PutLifecycleConfiguration"): update,
}
