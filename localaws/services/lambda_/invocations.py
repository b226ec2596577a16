"""One run of a function: its place, its log, its metrics, its price."""

import datetime as dt
import json
import math
import random
import sys
from dataclasses import dataclass
from typing import Any

from localaws.clock import real_now
from localaws.errors import AwsError
from localaws.jobs import Reply
from localaws.services.context import Context
from localaws.services.lambda_ import environments
from localaws.services.lambda_.environments import Environment
from localaws.services.lambda_.logbook import Logbook
from localaws.services.lambda_.names import is_version
from localaws.services.lambda_.state import State, state_of

Members = dict[str, Any]
RESPONSE_BYTES = 6_291_556
# On a standing clock: a cold start, a run but for what it sleeps, memory in use.
_INIT_MS, _RUN_MS, _MEMORY_MB = 250.0, 20.0, 64
_FAILED = ("timeout", "memory", "exit")


@dataclass(frozen=True)
class Call:
    """What is asked of a function.

    Attributes:
        function: Its document.
        qualifier: The version or alias that is called; None for neither.
        event: JSON.
        number: Id of the request.
        began: When it begins.
        client: The client context: JSON, or None.
    """

    function: Members
    qualifier: str | None
    event: bytes
    number: str
    began: dt.datetime
    client: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        payload: JSON: the result or the error.
        failed: Whether the function failed.
        version: The version that ran.
        tail: The end of its log.
        ended: When it ended.
    """

    payload: bytes
    failed: bool
    version: str
    tail: bytes
    ended: dt.datetime


def run(context: Context, call: Call) -> Outcome:
    """Run a function once.

    Raises:
        AwsError: It has no such version, no place or no role: it was not run.
    """
    state = state_of(context)
    held = chosen(context, state, call.function, call.qualifier)
    try:
        with environments.of(context).place(call.function) as count:
            environment, new = environments.of(context).take(held)
            try:
                return _Run(context, call, held, environment, count).through(new)
            finally:
                environments.of(context).give(environment)
    except AwsError as error:
        if error.status == 429:
            measure(context, call, {"Throttles": (1.0, "Count")})
        raise


def chosen(
    context: Context, state: State, function: Members, qualifier: str | None
) -> Members:
    """Return the version that answers a call; an alias may share it out by weight."""
    alias = function["aliases"].get(qualifier) if qualifier else None
    held = state.configuration(function, qualifier)
    weights = alias and alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    if weights:
        arn = held["FunctionArn"]
        draw = random.Random(f"{arn} {context.clock.count(arn)}").random()
        for version, weight in weights.items():
            if draw < weight:
                return state.configuration(function, version)
            draw -= weight
        held = state.configuration(function, alias["FunctionVersion"])
    return held


def measure(context: Context, call: Call, found: dict[str, tuple[float, str]]) -> None:
    """Publish metrics of a call: value and unit by name, at the time it began."""
    name = call.function["name"]
    dimensions = [[{"Name": "FunctionName", "Value": name}]]
    if call.qualifier:
        resource = f"{name}:{call.qualifier}"
        dimensions.append([*dimensions[0], {"Name": "Resource", "Value": resource}])
    data = [
        {
            "MetricName": metric,
            "Value": value,
            "Unit": unit,
            "Timestamp": call.began,
            "Dimensions": where,
        }
        for metric, (value, unit) in found.items()
        for where in dimensions
    ]
    context.aws.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda", MetricData=data
    )


class _Run:
    def __init__(
        self,
        context: Context,
        call: Call,
        held: Members,
        environment: Environment,
        count: int,
    ) -> None:
        self._context = context
        self._call = call
        self._held = held
        self._environment = environment
        self._count = count
        self._log: Logbook = environment.log
        self._standing = context.clock.standing
        self._init = 0.0
        self._began = call.began
        if self._standing:
            self._began = max(call.began, environment.ended or call.began)

    def through(self, new: bool) -> Outcome:
        call, log = self._call, self._log
        log.begin(self._began)
        first = self._started() if new else None
        begins = self._began + dt.timedelta(milliseconds=self._init)
        log.at(begins)
        log.mark()
        log.platform(f"START RequestId: {call.number} Version: {self._version}")
        reply = first if first and first.kind != "ready" else self._asked(begins)
        took = self._took(reply)
        ended = begins + dt.timedelta(milliseconds=took)
        log.at(ended)
        payload, status = self._verdict(reply)
        self._report(reply, took, status)
        log.flush()
        failed = reply.kind != "result" or status != ""
        figures = {
            "Invocations": (1.0, "Count"),
            "Errors": (float(failed), "Count"),
            "Duration": (took, "Milliseconds"),
            "ConcurrentExecutions": (float(self._count), "Count"),
        }
        measure(self._context, call, figures)
        if not self._standing:
            ended = self._context.clock.now()
        self._environment.ended = ended
        return Outcome(payload, failed, self._version, log.tail(), ended)

    @property
    def _version(self) -> str:
        return self._held["Version"]

    def _started(self) -> Reply:
        runtime = self._held["Runtime"].replace("python", "python:")
        real = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._log.platform(f"INIT_START Runtime Version: {runtime}.local{real}")
        reply = self._environment.start()
        self._init = _INIT_MS if self._standing else reply.seconds * 1000
        return reply

    def _asked(self, begins: dt.datetime) -> Reply:
        call, timeout = self._call, self._held["Timeout"]
        header = {
            "invoke_id": call.number,
            "invoked_function_arn": state_of(self._context).configuration(
                call.function, call.qualifier
            )["FunctionArn"],
            "deadline_time_in_ms": int((real_now().timestamp() + timeout) * 1000),
            "client_context": call.client,
            "now": begins.timestamp() if self._standing else None,
        }
        return self._environment.ask(header, call.event, timeout)

    def _took(self, reply: Reply) -> float:
        if reply.kind == "timeout":
            return self._held["Timeout"] * 1000.0
        if reply.kind == "init error":
            return 0.0
        if self._standing:
            return _RUN_MS + round(reply.slept * 1000, 2)
        return reply.seconds * 1000

    def _verdict(self, reply: Reply) -> tuple[bytes, str]:
        """Return the payload, and what the report says of its status."""
        number = f"RequestId: {self._call.number}"
        if reply.kind == "result":
            if len(reply.body) <= RESPONSE_BYTES:
                return reply.body, ""
            kind = "Function.ResponseSizeTooLarge"
            text = (
                "Response payload size exceeded maximum allowed payload size "
                f"({RESPONSE_BYTES} bytes)."
            )
            return _error(kind, text), f"error\tError Type: {kind}"
        if reply.kind not in _FAILED:
            body = self._environment.shown(reply.body.decode()).encode()
            kind = json.loads(body).get("errorType", "")
            wrong = reply.kind == "init error"
            return body, f"error\tError Type: {kind}" if wrong else ""
        if reply.kind == "timeout":
            seconds = self._held["Timeout"]
            text = f"Task timed out after {seconds:.2f} seconds"
            stamp = self._call.began.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            self._log.platform(f"{stamp} {self._call.number} {text}\n")
            return _error("Sandbox.Timedout", f"{number} Error: {text}"), "timeout"
        if reply.kind == "exit" and reply.exit_code == 0:
            text = f"{number} Error: Runtime exited without providing a reason"
        else:
            text = f"{number} Error: Runtime exited with error: {_ending(reply)}"
        self._log.platform(f"{text}\nRuntime.ExitError")
        kind = "Runtime.ExitError"
        return _error(kind, text), f"error\tError Type: {kind}"

    def _report(self, reply: Reply, took: float, status: str) -> None:
        size = self._held["MemorySize"]
        billed = math.ceil(round(took + self._init, 2))
        used = _MEMORY_MB if self._standing else max(1, reply.memory >> 20)
        used = size if reply.kind == "memory" else min(used, size)
        words = [
            f"REPORT RequestId: {self._call.number}",
            f"Duration: {took:.2f} ms",
            f"Billed Duration: {billed} ms",
            f"Memory Size: {size} MB",
            f"Max Memory Used: {used} MB",
        ]
        if self._init:
            words.append(f"Init Duration: {self._init:.2f} ms")
        if status:
            words.append(f"Status: {status}")
        self._log.platform(f"END RequestId: {self._call.number}")
        self._log.platform("\t".join(words))
        meter, name = self._context.meter, self._call.function["name"]
        meter.add("lambda-requests", 1, resource=name)
        seconds = billed / 1000 * size / 1024
        meter.add("lambda-gb-seconds", seconds, resource=name)


def _ending(reply: Reply) -> str:
    code = reply.exit_code
    if reply.kind == "memory" or code is None or code == -9:
        return "signal: killed"
    return f"exit status {code}" if code >= 0 else f"signal: {-code}"


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def qualified(function: Members, qualifier: str | None) -> bool:
    """Whether a function has a version or alias."""
    if qualifier is None:
        return True
    kind = "versions" if is_version(qualifier) else "aliases"
    return qualifier in function[kind]
