"""Amazon S3: request metrics of buckets that ask for them."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.metric_tally import Tally
from localaws.services.s3_address import (
    bucket_of,
    key_of,
    malformed,
    option,
    tree,
    xml_response,
)
from localaws.wire import Request, Response

Handler = Callable[[Context, Request], Response]
_RECORD = "s3-metrics"
_COUNTED = {
    "GetObject": "GetRequests",
    "HeadObject": "HeadRequests",
    "PutObject": "PutRequests",
    "CopyObject": "PutRequests",
    "UploadPart": "PutRequests",
    "UploadPartCopy": "PutRequests",
    "CreateMultipartUpload": "PostRequests",
    "CompleteMultipartUpload": "PostRequests",
    "DeleteObjects": "PostRequests",
    "DeleteObject": "DeleteRequests",
    "AbortMultipartUpload": "DeleteRequests",
    "ListObjects": "ListRequests",
    "ListObjectsV2": "ListRequests",
    "ListObjectVersions": "ListRequests",
}
_UPLOADS = ("PutObject", "UploadPart")


class Configurations:
    """Which buckets are measured, and under what names.

    Args:
        context: Where the journal is.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.found: dict[str, dict[str, str]] = {}

    def set(self, bucket: str, name: str, prefix: str | None) -> None:
        """Measure what has a prefix under a name; None ends it."""
        payload = {"bucket": bucket, "name": name, "prefix": prefix}
        self._context.journal.record(_RECORD, payload)
        self.restore(payload)

    def restore(self, payload: Mapping[str, Any]) -> None:
        """Take a configuration as it was written down."""
        named = self.found.setdefault(payload["bucket"], {})
        if payload["prefix"] is None:
            named.pop(payload["name"], None)
        else:
            named[payload["name"]] = payload["prefix"]


def _put(context: Context, request: Request) -> Response:
    _check_bucket(context, request)
    root = tree(request.body)
    name, chosen = root.findtext("Id"), root.find("Filter")
    if not name or name != option(request, "id"):
        raise malformed()
    others = [child.tag for child in chosen] if chosen is not None else []
    for other in others:
        if other != "Prefix":
            raise NotImplementedHere(
                f"s3:PutBucketMetricsConfiguration Filter.{other}",
                "measures what has those tags or comes by that access point",
            )
    prefix = (chosen.findtext("Prefix") or "") if chosen is not None else ""
    context.part(Configurations).set(bucket_of(request), name, prefix)
    return Response(200, {}, b"")


def _get(context: Context, request: Request) -> Response:
    name = option(request, "id")
    prefix = _named(context, request)[name]
    root = ElementTree.Element("MetricsConfiguration")
    _describe(root, name, prefix)
    return xml_response(ElementTree.tostring(root))


def _list(context: Context, request: Request) -> Response:
    _check_bucket(context, request)
    root = ElementTree.Element("ListMetricsConfigurationsResult")
    ElementTree.SubElement(root, "IsTruncated").text = "false"
    named = context.part(Configurations).found.get(bucket_of(request), {})
    for name, prefix in sorted(named.items()):
        child = ElementTree.SubElement(root, "MetricsConfiguration")
        _describe(child, name, prefix)
    return xml_response(ElementTree.tostring(root))


def _delete(context: Context, request: Request) -> Response:
    _named(context, request)
    context.part(Configurations).set(bucket_of(request), option(request, "id"), None)
    return Response(204, {}, b"")


def _named(context: Context, request: Request) -> dict[str, str]:
    _check_bucket(context, request)
    named = context.part(Configurations).found.get(bucket_of(request), {})
    if option(request, "id") not in named:
        raise AwsError(
            "NoSuchConfiguration", "The specified configuration does not exist.", 404
        )
    return named


def _describe(element: ElementTree.Element, name: str, prefix: str) -> None:
    ElementTree.SubElement(element, "Id").text = name
    if prefix:
        chosen = ElementTree.SubElement(element, "Filter")
        ElementTree.SubElement(chosen, "Prefix").text = prefix


def _check_bucket(context: Context, request: Request) -> None:
    s3 = context.aws.client("s3")
    try:
        s3.head_bucket(Bucket=bucket_of(request))
    except s3.exceptions.ClientError as error:
        raise AwsError(
            "NoSuchBucket", "The specified bucket does not exist", 404
        ) from error


def measured(known: Mapping[tuple[str, str], Handler]) -> dict[Any, Handler]:
    """Return handlers that measure what a bucket is asked for.

    Args:
        known: The handlers that answer, where it is not moto.
    """

    def moto(context: Context, request: Request) -> Response:
        return context.moto(request)

    return {
        ("s3", name): _measured(name, known.get(("s3", name), moto))
        for name in _COUNTED
    }


def _measured(operation: str, answer: Handler) -> Handler:
    def handle(context: Context, request: Request) -> Response:
        named = context.part(Configurations).found.get(bucket_of(request))
        if not named:
            return answer(context, request)
        status = 500
        try:
            response = answer(context, request)
            status = response.status
        except AwsError as error:
            status = error.status
            raise
        finally:
            size = _uploaded(request) if operation in _UPLOADS else 0
            values = {
                "AllRequests": 1,
                _COUNTED[operation]: 1,
                "4xxErrors": int(400 <= status < 500),
                "5xxErrors": int(status >= 500),
            }
            if size:
                values["BytesUploaded"] = size
            if operation == "GetObject" and status < 300:
                values["BytesDownloaded"] = len(response.body)
            _count(context, request, named, values)
        return response

    return handle


def _uploaded(request: Request) -> int:
    """Return the bytes of what is stored, without the marks of its chunks."""
    return int(request.header("x-amz-decoded-content-length") or len(request.body))


def _count(
    context: Context,
    request: Request,
    named: Mapping[str, str],
    values: Mapping[str, float],
) -> None:
    key = key_of(request) or option(request, "prefix")
    for name, prefix in named.items():
        if not key.startswith(prefix):
            continue
        dimensions = {"BucketName": bucket_of(request), "FilterId": name}
        for metric, value in values.items():
            unit = "Bytes" if metric.startswith("Bytes") else "Count"
            context.part(Tally).add("AWS/S3", dimensions, metric, value, unit)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("s3", "PutBucketMetricsConfiguration"): _put,
    ("s3", "GetBucketMetricsConfiguration"): _get,
    ("s3", "ListBucketMetricsConfigurations"): _list,
    ("s3", "DeleteBucketMetricsConfiguration"): _delete,
}
RESTORERS = {
    _RECORD: lambda context, payload, body: context.part(Configurations).restore(
        payload
    )
}
