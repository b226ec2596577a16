"""What an asynchronous endpoint tells its Amazon SNS topics of each inference."""

import base64
import datetime as dt
import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import ValidationError

_INCLUDED = 128 * 1024
_TOPICS = {
    True: ("SuccessTopic", "SUCCESS_NOTIFICATION_TOPIC", "Completed"),
    False: ("ErrorTopic", "ERROR_NOTIFICATION_TOPIC", "Failed"),
}
Members = dict[str, Any]


def check_topics(output: Members) -> None:
    """Check the `NotificationConfig` of an `OutputConfig`.

    Raises:
        ValidationError: Answers are to go to a topic that is not named.
    """
    config = output.get("NotificationConfig", {})
    for topic, included, _ in _TOPICS.values():
        wanted = included in config.get("IncludeInferenceResponseIn", ())
        if wanted and topic not in config:
            raise ValidationError(
                f"IncludeInferenceResponseIn names {included}, but there is no {topic}."
            )


class Notices:
    """Publishes the ends of inferences of one endpoint.

    Args:
        sns: Client with the endpoint's role.
        region: Of the endpoint.
        endpoint: Its name.
        output: Its `OutputConfig`.
    """

    def __init__(self, sns: Any, region: str, endpoint: str, output: Members) -> None:
        self._sns = sns
        self._region = region
        self._endpoint = endpoint
        self._config = output.get("NotificationConfig", {})

    def send(
        self,
        done: bool,
        request: Members,
        outcome: Members,
        times: tuple[dt.datetime, dt.datetime],
        answer: bytes | None,
    ) -> str | None:
        """Publish one notice, if there is a topic for it.

        Args:
            done: Whether the inference succeeded.
            request: What was asked: members of `requestParameters`, and `inferenceId`.
            outcome: `responseParameters`, or `failureReason`.
            times: When the request came, and when it ended.
            answer: What the container answered; None if it did not.

        Returns:
            Why the topic could not be told; None if it was, or there is none.
        """
        topic, included, status = _TOPICS[done]
        if topic not in self._config:
            return None
        request = {**request, "endpointName": self._endpoint}
        number = request.pop("inferenceId")
        received, ended = times
        message: Members = {
            "awsRegion": self._region,
            "eventTime": _stamp(ended),
            "receivedTime": _stamp(received),
            "invocationStatus": status,
            "requestParameters": dict(sorted(request.items())),
            **outcome,
            "inferenceId": number,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }
        if answer and included in self._config.get("IncludeInferenceResponseIn", ()):
            message |= _included(answer)
        try:
            self._sns.publish(TopicArn=self._config[topic], Message=json.dumps(message))
        except ClientError as error:
            found = error.response["Error"]
            return f"{self._config[topic]}: {found['Code']}: {found['Message']}"
        return None


def _included(body: bytes) -> Members:
    """Return the answer as a notice holds it: small ones only, in Base64."""
    if len(body) > _INCLUDED:
        return {}
    content = base64.b64encode(body).decode()
    return {"responseBody": {"content": content, "encoding": "BASE64"}}


def _stamp(when: dt.datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"
