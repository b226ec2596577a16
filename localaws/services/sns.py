"""Amazon SNS: moto keeps topics and subscriptions; the messages are delivered here."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotImplementedHere
from localaws.query import parse_query
from localaws.services.context import Context
from localaws.services.sns_delivery import Message, deliver
from localaws.store import model
from localaws.wire import Request, Response

_LIMIT = 262_144
_BATCH = 10
_TYPES = ("String", "Number", "Binary")
_TOPIC = {
    "DisplayName",
    "Policy",
    "KmsMasterKeyId",
    "FifoTopic",
    "ContentBasedDeduplication",
}
_SUBSCRIPTION = {
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
}
Members = dict[str, Any]


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {message}")


def _check(operation: str, honoured: set[str]) -> Any:
    def check(request: Mapping[str, Any]) -> None:
        """Refuse an attribute that has no effect."""
        given = {*request.get("Attributes", ())}
        if "AttributeName" in request:
            given.add(request["AttributeName"])
        for name in sorted(given - honoured):
            raise NotImplementedHere(
                f"sns:{operation} {name}", "acts as its documentation says"
            )

    return check


def publish(context: Context, request: Request) -> Response:
    """Answer Publish: the message is with every subscriber when this returns."""
    shape = model("sns").operation_model("Publish").input_shape
    given = parse_query(shape, request.body)
    arn = given.get("TopicArn") or given["TargetArn"]
    return _answer("Publish", _publish(context, arn, given))


def publish_batch(context: Context, request: Request) -> Response:
    """Answer PublishBatch: each entry succeeds or fails by itself."""
    shape = model("sns").operation_model("PublishBatch").input_shape
    given = parse_query(shape, request.body)
    entries = given["PublishBatchRequestEntries"]
    if len(entries) > _BATCH:
        raise AwsError(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        )
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise AwsError(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        )
    _topic(context, given["TopicArn"])
    done, failed = [], []
    for entry in entries:
        try:
            made = _publish(context, given["TopicArn"], entry)
            done.append({"Id": entry["Id"], **made})
        except AwsError as error:
            reason = {"Code": error.code, "Message": error.message}
            failed.append({"Id": entry["Id"], **reason, "SenderFault": "true"})
    return _answer("PublishBatch", {"Successful": done, "Failed": failed})


def _publish(context: Context, arn: str, given: Members) -> dict[str, str]:
    """Check one message and deliver it; return what identifies it."""
    attributes = _topic(context, arn)
    fifo = attributes.get("FifoTopic") == "true"
    texts = _texts(given)
    for name, attribute in given.get("MessageAttributes", {}).items():
        _check_attribute(name, attribute)
    number = context.clock.count("sns message")
    answer = {
        "MessageId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"localaws:sns/{number}"))
    }
    deduplication = given.get("MessageDeduplicationId")
    if fifo:
        deduplication = _deduplication(given, attributes)
        sequence = context.clock.count(f"sns sequence {arn}")
        answer["SequenceNumber"] = f"{10**19 + sequence * 1000}"
    elif deduplication:
        raise _invalid(
            "MessageDeduplicationId Reason: The request includes "
            "MessageDeduplicationId parameter that is not valid for this topic type"
        )
    message = Message(
        answer["MessageId"],
        arn,
        texts,
        given.get("Subject"),
        given.get("MessageAttributes", {}),
        context.clock.now(),
        given.get("MessageGroupId"),
        deduplication,
        answer.get("SequenceNumber"),
    )
    deliver(context, message)
    return answer


def _topic(context: Context, arn: str) -> dict[str, str]:
    sns = context.aws.client("sns")
    try:
        return sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    except ClientError as error:
        raise AwsError("NotFound", "Topic does not exist", 404) from error


def _texts(given: Members) -> dict[str, str]:
    """Return the text for each protocol; `default` is for all others."""
    text, subject = given.get("Message", ""), given.get("Subject")
    if not text:
        raise _invalid("Empty message")
    if len(text.encode()) > _LIMIT:
        raise _invalid("Message too long")
    if subject is not None and not 0 < len(subject) <= 100:
        raise _invalid("Subject")
    structure = given.get("MessageStructure")
    if structure is None:
        return {"default": text}
    if structure != "json":
        raise _invalid(f"Message Structure - {structure} is not json")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _invalid(
            "Message Structure - JSON message body failed to parse"
        ) from error
    if not isinstance(found, dict) or "default" not in found:
        raise _invalid("Message Structure - No default entry in JSON message body")
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _check_attribute(name: str, attribute: Members) -> None:
    kind = attribute.get("DataType", "")
    if kind.partition(".")[0] not in _TYPES:
        raise AwsError(
            "ParameterValueInvalid",
            f"The message attribute '{name}' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String.",
        )
    value = attribute.get("BinaryValue", attribute.get("StringValue"))
    if not value:
        raise AwsError(
            "ParameterValueInvalid",
            f"The message attribute '{name}' must contain non-empty message attribute "
            f"value for message attribute type '{kind}'.",
        )
    if kind == "Number":
        try:
            float(value)
        except ValueError as error:
            raise AwsError(
                "ParameterValueInvalid",
                f"Could not cast message attribute '{name}' value to number.",
            ) from error


def _deduplication(given: Members, topic: Mapping[str, str]) -> str:
    if "MessageGroupId" not in given:
        raise _invalid("The MessageGroupId parameter is required for FIFO topics")
    if "MessageDeduplicationId" in given:
        return given["MessageDeduplicationId"]
    if topic.get("ContentBasedDeduplication") != "true":
        raise _invalid(
            "The topic should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )
    return hashlib.sha256(given["Message"].encode()).hexdigest()


def _answer(operation: str, result: Mapping[str, Any]) -> Response:
    space = model("sns").metadata["xmlNamespace"]
    body = (
        f'<{operation}Response xmlns="{space}"><{operation}Result>'
        f"{_xml(result)}</{operation}Result><ResponseMetadata>"
        f"<RequestId>localaws</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Response(200, {"Content-Type": "text/xml"}, body.encode())


def _xml(members: Mapping[str, Any]) -> str:
    parts = []
    for name, value in members.items():
        if isinstance(value, list):
            inner = "".join(f"<member>{_xml(item)}</member>" for item in value)
        else:
            inner = escape(value)
        parts.append(f"<{name}>{inner}</{name}>")
    return "".join(parts)


HANDLERS = {("sns", "Publish"): publish, ("sns", "PublishBatch"): publish_batch}
CHECKS = {
    ("sns", "CreateTopic"): _check("CreateTopic", _TOPIC),
    ("sns", "SetTopicAttributes"): _check("SetTopicAttributes", _TOPIC),
    ("sns", "Subscribe"): _check("Subscribe", _SUBSCRIPTION),
    ("sns", "SetSubscriptionAttributes"): _check(
        "SetSubscriptionAttributes", _SUBSCRIPTION
    ),
}
