"""The execution environment of a function: a process that answers one event at a time.

The loop, the context object and the errors are those of AWS's own runtime interface
client; only the way to the service is another: a socket, as descriptor 3.
"""

import json
import logging
import os
import socket
import sys
import time
from types import SimpleNamespace
from typing import Any

from localaws.jobs.channel import Channel
from localaws.jobs.wire import INHERITED


class _Pace:
    """The part of a function's time that is sure: how long it asks to sleep.

    A standing clock models the rest, and the log shows its time.
    """

    def __init__(self, now: float | None) -> None:
        self.now = now
        self.slept = 0.0
        self._sleep = time.sleep
        self._record = logging.getLogRecordFactory()
        time.sleep = self._slept
        logging.setLogRecordFactory(self._stamped)

    def _slept(self, seconds: float) -> None:
        self._sleep(seconds)
        self.slept += seconds

    def _stamped(self, *arguments: Any, **members: Any) -> logging.LogRecord:
        record = self._record(*arguments, **members)
        if self.now is not None:
            record.created = self.now + self.slept
            record.msecs = record.created % 1 * 1000
        return record


class _Client:
    """What the runtime interface client calls to reach the service."""

    def __init__(self, channel: Channel, pace: _Pace) -> None:
        from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

        self.marshaller = LambdaMarshaller()
        self._channel = channel
        self._pace = pace

    def wait_next_invocation(self) -> SimpleNamespace:
        self._channel.send({"kind": "ready", "slept": self._pace.slept})
        try:
            header, body = self._channel.receive()
        except EOFError:
            sys.exit(0)
        self._pace.slept, self._pace.now = 0.0, header.pop("now")
        return SimpleNamespace(
            x_amzn_trace_id=None,
            cognito_identity=None,
            tenant_id=None,
            content_type="application/json",
            event_body=body,
            invocation_id=None,
            **header,
        )

    def post_invocation_result(
        self,
        invoke_id: str,
        result: str | bytes,
        content_type: str = "application/json",
        invocation_id: str | None = None,
    ) -> None:
        body = result if isinstance(result, bytes) else result.encode()
        self._channel.send({"kind": "result"}, body)

    def post_invocation_error(
        self, invoke_id: str, error: str, trace: str, invocation_id: str | None = None
    ) -> None:
        self._channel.send({"kind": "error"}, error.encode())

    def post_init_error(self, error: dict[str, Any], kind: str | None = None) -> None:
        self._channel.send({"kind": "init error"}, json.dumps(error).encode())


def main() -> None:
    """Serve until the owner closes the socket."""
    descriptor = int(os.environ.pop(INHERITED, "3"))
    root = os.environ.pop("LOCALAWS_ROOT")
    now = os.environ.pop("LOCALAWS_NOW", None)
    channel = Channel(socket.socket(fileno=descriptor))
    os.set_inheritable(descriptor, False)
    # it was there for this module; the function's own modules must not see ours
    sys.path[:] = [one for one in sys.path if one != root]
    from awslambdaric import bootstrap

    pace = _Pace(float(now) if now else None)
    bootstrap.run(os.environ["_HANDLER"], _Client(channel, pace))


if __name__ == "__main__":
    main()
