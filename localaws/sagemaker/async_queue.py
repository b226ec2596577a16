"""The queue of an asynchronous endpoint: requests that wait, answers in S3."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.jobs import Answer, JobError
from localaws.sagemaker.accepted import Accepted, Invocation
from localaws.sagemaker.async_notices import Notices
from localaws.sagemaker.call import Call
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import Logs
from localaws.sagemaker.roles import assume
from localaws.sagemaker.transfer import split

CONCURRENT = 4
_MOST = 16
Members = dict[str, Any]
Ask = Callable[[Call], Answer]
Measure = Callable[[Members, dict[str, float]], None]
_log = logging.getLogger(__name__)


class Failed(Exception):
    """An inference failed.

    Attributes:
        metric: Counts failures of this kind.
        content: What is stored below the failure path.
        answer: What the container answered; None if it did not.
        reason: What the error topic is told.
    """

    def __init__(
        self,
        metric: str,
        message: str,
        answer: bytes | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.metric = metric
        self.content = answer or message.encode()
        self.answer = answer
        self.reason = f"ClientError: {reason or message}"


class Queue:
    """The requests to one endpoint that wait or are answered now.

    It counts among the engine's processes while it holds any.

    Args:
        engine: What it acts with.
        endpoint: The endpoint, with its `AsyncInferenceConfig`.
        ask: Puts one request to the endpoint's model.
        measure: Takes metrics of the endpoint.
    """

    def __init__(
        self, engine: Engine, endpoint: Members, ask: Ask, measure: Measure
    ) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._ask = ask
        self._measure = measure
        self._key = f"{endpoint['EndpointArn']}/queue"
        session = assume(engine.aws, endpoint["_queue_role"])
        self._s3 = engine.aws.client("s3", session)
        self._notices = Notices(
            engine.aws.client("sns", session),
            engine.aws.region,
            endpoint["EndpointName"],
            endpoint["AsyncInferenceConfig"]["OutputConfig"],
        )
        self._lock = threading.Lock()
        self._waiting: deque[Invocation] = deque()
        self._busy = 0
        variant = endpoint["ProductionVariants"][0]["VariantName"]
        self.log = engine.part(Logs).open(
            f"/aws/sagemaker/Endpoints/{endpoint['EndpointName']}",
            f"{variant}/data-log",
        )

    @property
    def limit(self) -> int:
        """How many requests are put to the containers at once."""
        client = self._endpoint["AsyncInferenceConfig"].get("ClientConfig", {})
        each = client.get("MaxConcurrentInvocationsPerInstance", CONCURRENT)
        return min(each * max(self._instances, 1), _MOST)

    @property
    def _instances(self) -> int:
        variants = self._endpoint["ProductionVariants"]
        return sum(variant.get("CurrentInstanceCount", 0) for variant in variants)

    def put(self, invocation: Invocation) -> None:
        """Add a request; it is answered as soon as fewer than `limit` are."""
        with self._lock:
            self._waiting.append(invocation)
            start = self._busy < self.limit
            if start:
                self._busy += 1
                self._engine.register(self._key, self)
        try:
            self._backlog()
        finally:
            if start:
                self._engine.submit(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                invocation = self._waiting.popleft() if self._waiting else None
                if invocation is None:
                    self._busy -= 1
                    if not self._busy:
                        self._engine.release(self._key)
            if invocation is None:
                self._backlog()
                self.log.flush()
                return
            try:
                self._process(invocation)
            except Exception:
                _log.exception("inference %s", invocation.number)
            self._engine.part(Accepted).drop(self._endpoint["EndpointArn"], invocation)

    def _backlog(self) -> None:
        with self._lock:
            size = len(self._waiting) + self._busy
            oldest = min((one.received for one in self._waiting), default=None)
        now = self._engine.clock.now()
        self._measure(
            self._endpoint,
            {
                "ApproximateBacklogSize": size,
                "ApproximateBacklogSizePerInstance": size / max(self._instances, 1),
                "ApproximateAgeOfOldestRequest": (
                    (now - oldest).total_seconds() if oldest else 0.0
                ),
                "HasBacklogWithoutCapacity": float(size > 0 and not self._instances),
            },
        )

    def _process(self, one: Invocation) -> None:
        began = self._engine.clock.now()
        waited = (began - one.received).total_seconds()
        found = {"TimeInBacklog": waited * 1000}
        outcome: Members
        try:
            answer = self._answer(one, waited)
            self._store(one.output, answer.body, answer.content_type)
            found["InvocationsProcessed"] = 1.0
            done, body = True, answer.body
            shown = {"contentType": answer.content_type, "outputLocation": one.output}
            outcome = {"responseParameters": shown}
        except Failed as failure:
            found[failure.metric] = 1.0
            self.log.write(f"[sagemaker logs] [{one.number}] {failure}")
            done, body = False, failure.answer
            outcome = {"failureReason": failure.reason}
            if one.failure:
                self._store(one.failure, failure.content, "text/plain")
                shown = {"contentType": "text/plain", "outputLocation": one.failure}
                outcome["responseParameters"] = shown
        ended = self._engine.clock.now()
        found["TotalProcessingTime"] = (ended - one.received).total_seconds() * 1000
        times = (one.received, ended)
        untold = self._notices.send(done, one.shown(), outcome, times, body)
        if untold:
            found["SNSNotificationFailures"] = 1.0
            self.log.write(f"[sagemaker logs] [{one.number}] {untold}")
        self._measure(self._endpoint, found)

    def _answer(self, one: Invocation, waited: float) -> Answer:
        if waited > one.ttl:
            raise Failed(
                "ExpiredRequests",
                f"The request expired: it waited {waited:.0f} s, and its "
                f"RequestTTLSeconds is {one.ttl}.",
            )
        body = self._fetch(one.location) if one.location else one.body
        try:
            answer = self._ask(
                Call(body, one.content_type, one.accept, one.headers, one.timeout)
            )
        except (AwsError, JobError) as error:
            raise Failed("InvocationFailures", str(error)) from error
        if answer.status >= 400:
            text = answer.body.decode(errors="replace")
            whose = "server" if answer.status >= 500 else "client"
            raise Failed(
                "InvocationFailures",
                f"{answer.status}: {text}",
                answer.body,
                f"Received {whose} error ({answer.status}) from model. See the "
                "SageMaker Endpoint logs in your account for more information.",
            )
        return answer

    def _fetch(self, location: str) -> bytes:
        bucket, key = split(location)
        try:
            return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            found = error.response["Error"]
            raise Failed(
                "RequestDownloadFailures",
                f"Failed to download the input data from {location}: {found['Code']}: "
                f"{found['Message']}",
            ) from error

    def _store(self, location: str, content: bytes, content_type: str) -> None:
        bucket, key = split(location)
        try:
            self._s3.put_object(
                Bucket=bucket, Key=key, Body=content, ContentType=content_type
            )
        except ClientError as error:
            found = error.response["Error"]
            self._measure(self._endpoint, {"ResponseUploadFailures": 1.0})
            self.log.write(
                f"[sagemaker logs] Failed to upload to {location}: {found['Code']}: "
                f"{found['Message']}"
            )

    def close(self) -> None:
        """Forget what waits; what is answered now ends with its container."""
        with self._lock:
            self._waiting.clear()


class Queues:
    """The queues of every asynchronous endpoint.

    Args:
        engine: What they act with.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._queues: dict[str, Queue] = {}

    def of(self, endpoint: Members, ask: Ask, measure: Measure) -> Queue:
        """Return the queue of an endpoint, made when it is first asked for."""
        arn = endpoint["EndpointArn"]
        with self._lock:
            if arn not in self._queues:
                self._queues[arn] = Queue(self._engine, endpoint, ask, measure)
            return self._queues[arn]

    def close(self, endpoint: Members) -> None:
        """Forget an endpoint's queue and what waits in it."""
        with self._lock:
            queue = self._queues.pop(endpoint["EndpointArn"], None)
        if queue:
            queue.close()
