"""Amazon S3's event notifications: to whom, and whether they may come."""

from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.lambda_ import trigger
from localaws.wire import Request, Response

_PRINCIPAL = "s3.amazonaws.com"
# What moto tells of; other events would never come.
_EVENTS = (
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
)


def put(context: Context, request: Request) -> Response:
    """Set a bucket's notifications, if each of their targets can be reached.

    Raises:
        AwsError: InvalidArgument, a target is not there or does not let S3 in.
    """
    bucket = unquote(request.path.strip("/").partition("/")[0])
    try:
        document = ElementTree.fromstring(request.body)
    except ElementTree.ParseError as error:
        raise AwsError("MalformedXML", f"not well-formed XML: {error}") from error
    skip = request.header("x-amz-skip-destination-validation").lower() == "true"
    for place in document.iter():
        kind, text = place.tag.rpartition("}")[2], place.text or ""
        if kind == "Event" and text not in _EVENTS:
            raise NotImplementedHere(
                f"s3:PutBucketNotificationConfiguration Event={text!r}", "is sent"
            )
        if kind in _CHECKS and not skip:
            _check(context, kind, text, f"arn:aws:s3:::{bucket}")
    return context.moto(request)


def _check(context: Context, kind: str, target: str, source: str) -> None:
    try:
        _CHECKS[kind](context, target, source)
    except (AwsError, ClientError) as error:
        raise AwsError(
            "InvalidArgument",
            "Unable to validate the following destination configurations: "
            f"{target}: {error}",
        ) from error


def _function(context: Context, target: str, source: str) -> None:
    trigger.check(context, target, _PRINCIPAL, source)


def _queue(context: Context, target: str, source: str) -> None:
    context.aws.client("sqs").get_queue_url(QueueName=target.rpartition(":")[2])


def _topic(context: Context, target: str, source: str) -> None:
    context.aws.client("sns").get_topic_attributes(TopicArn=target)


_CHECKS: dict[str, Any] = {
    "CloudFunction": _function,
    "Queue": _queue,
    "Topic": _topic,
}
HANDLERS = {("s3", "PutBucketNotificationConfiguration"): put}
