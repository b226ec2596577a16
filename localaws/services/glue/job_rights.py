"""What a run may do: calls of S3, the Data Catalog and Kinesis are held against IAM."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from localaws.errors import AwsError
from localaws.services import iam
from localaws.services.context import Context
from localaws.services.kinesis_iterators import Iterator as ShardIterator
from localaws.services.s3_address import bucket_of, key_of, tree
from localaws.wire import Request, Response, parse_json

Handler = Callable[[Context, Request], Response]
_S3 = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CopyObject": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
}
_GLUE = (
    "GetDatabase",
    "GetTable",
    "GetTables",
    "GetPartition",
    "GetPartitions",
    "CreateTable",
    "UpdateTable",
    "DeleteTable",
    "CreatePartition",
    "BatchCreatePartition",
)
_KINESIS = (
    "DescribeStream",
    "DescribeStreamSummary",
    "GetRecords",
    "GetShardIterator",
    "ListShards",
    "PutRecord",
    "PutRecords",
)


class Rights:
    """The roles of the runs under way, by their access keys.

    Args:
        context: Where policies are.
    """

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._roles: dict[str, str] = {}
        self._sessions: dict[str, str] = {}
        self._known: dict[tuple[str, str, str], bool] = {}
        self._lock = threading.Lock()

    def hold(self, key: str, role: str, session: str = "GlueJobRunnerSession") -> None:
        """Hold the calls of an access key, of a session's name, against a role."""
        with self._lock:
            self._roles[key], self._sessions[key] = role, session

    def drop(self, key: str) -> None:
        """Forget an access key."""
        with self._lock:
            self._roles.pop(key, None)
            self._sessions.pop(key, None)
            self._known = {
                one: is_ for one, is_ in self._known.items() if one[0] != key
            }

    def held(self, key: str) -> bool:
        """Return whether the calls of an access key are held against a role."""
        return key in self._roles

    def demand(self, key: str, action: str, resource: str) -> None:
        """Raise AWS's error unless the role of an access key may do something."""
        asked = (key, action, resource)
        if asked not in self._known:
            found = iam.decision(self._aws, self._roles[key], action, resource)
            self._known[asked] = found == "allowed"
        if not self._known[asked]:
            who = self._roles[key].replace(":role/", ":assumed-role/")
            raise AwsError(
                "AccessDenied" if action.startswith("s3:") else "AccessDeniedException",
                f"User: {who}/{self._sessions[key]}"
                f" is not authorized to perform: {action} on resource: {resource} "
                f"because no identity-based policy allows the {action} action",
                403 if action.startswith("s3:") else 400,
            )


def _demands(
    context: Context, request: Request, operation: str
) -> Iterator[tuple[str, str]]:
    if request.service == "glue":
        yield from _catalog(request, operation)
        return
    if request.service == "kinesis":
        yield f"kinesis:{operation}", _stream(context, request)
        return
    bucket = f"arn:aws:s3:::{bucket_of(request)}"
    if operation.startswith("List"):
        yield _S3[operation], bucket
        return
    keys = [key_of(request)]
    if operation == "DeleteObjects":
        keys = [one.text or "" for one in tree(request.body).iter("Key")]
    for key in keys:
        yield _S3[operation], f"{bucket}/{key}"
    source = unquote(request.header("x-amz-copy-source")).lstrip("/")
    if source:
        yield "s3:GetObject", f"arn:aws:s3:::{source.partition('?')[0]}"


def _catalog(request: Request, operation: str) -> Iterator[tuple[str, str]]:
    given = parse_json(request.body)
    base = "arn:aws:glue:us-east-1:123456789012"
    yield f"glue:{operation}", f"{base}:catalog"
    database = given.get("DatabaseName", given.get("Name", "*"))
    yield f"glue:{operation}", f"{base}:database/{database}"
    table = given.get("TableName") or (
        given.get("Name") if "DatabaseName" in given else None
    )
    if table:
        yield f"glue:{operation}", f"{base}:table/{database}/{table}"


def _stream(context: Context, request: Request) -> str:
    given = parse_json(request.body)
    name = given.get("StreamName")
    if "ShardIterator" in given:
        token = given["ShardIterator"]
        name = ShardIterator.read(token, context.clock.now()).stream
    elif "NextToken" in given:
        name = given["NextToken"].partition("/")[0]
    made = f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}"
    return str(given.get("StreamARN", made))


def held(handlers: Mapping[tuple[str, str], Handler]) -> dict[Any, Handler]:
    """Return handlers that hold the calls of runs against their roles.

    Args:
        handlers: What answers, where it is not moto.
    """

    def moto(context: Context, request: Request) -> Response:
        return context.moto(request)

    services = {"s3": _S3, "glue": _GLUE, "kinesis": _KINESIS}
    named = [(service, name) for service, names in services.items() for name in names]
    return {one: _holding(one[1], handlers.get(one, moto)) for one in named}


def _holding(operation: str, answer: Handler) -> Handler:
    def handle(context: Context, request: Request) -> Response:
        rights = context.part(Rights)
        assert request.scope is not None
        key = request.scope[0]
        if rights.held(key):
            for action, resource in _demands(context, request, operation):
                rights.demand(key, action, resource)
        return answer(context, request)

    return handle
