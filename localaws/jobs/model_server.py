"""The serving container: a process that holds one model and answers HTTP.

`serving.ModelServer` starts it with a listening socket as descriptor 3 and its orders
in the variable LOCALAWS_SERVER. GET /ping, POST /invocations; every request must carry
the secret header.
"""

import hmac
import json
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws.jobs import http1
from localaws.jobs.handlers import (
    HANDLERS,
    AlgorithmHandler,
    LoadError,
    PyTorchHandler,
    Response,
    ScriptHandler,
    find_program,
)
from localaws.jobs.wire import INHERITED, ORDERS, SECRET_HEADER

_OURS = frozenset(
    str(Path(__file__).with_name(f"{name}.py"))
    for name in ("model_server", "handlers", "defaults")
)
Handler = Callable[[bytes, str, str], Response]


def main() -> int:
    """Load the model and serve; returns an exit code when loading fails."""
    orders = json.loads(os.environ.pop(ORDERS))
    descriptor = int(os.environ.pop(INHERITED, "3"))
    listener = socket.socket(fileno=descriptor)
    os.set_inheritable(descriptor, False)
    try:
        handler = _load(orders)
    except LoadError as error:
        print(f"Error: {error}", flush=True)
        return 1
    except Exception as error:
        print(_trace(error), end="", flush=True)
        return 1
    while True:
        connection, _ = listener.accept()
        threading.Thread(
            target=_serve, args=(connection, handler, orders["secret"]), daemon=True
        ).start()


def _load(orders: dict[str, Any]) -> Handler:
    model_dir = Path(orders["model_dir"])
    folders = [Path(one) for one in orders["code_dirs"]]
    folders += [model_dir / "code", model_dir]
    script = find_program(folders, orders["program"])
    name = orders["algorithm"]
    if script is not None:
        os.chdir(script.parent)
        return HANDLERS.get(name, ScriptHandler)(script, model_dir)
    if name is None:
        raise LoadError("there is no serving script: set SAGEMAKER_PROGRAM")
    if name == "pytorch":
        return PyTorchHandler(None, model_dir)
    from localaws.algorithms import by_name

    return AlgorithmHandler(by_name(name), model_dir)


def _trace(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename in _OURS:
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame))


def _serve(connection: socket.socket, handler: Handler, secret: str) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as stream:
        try:
            while (request := http1.read(stream)) is not None:
                http1.send_response(connection, *_answer(request, handler, secret))
        except http1.ProtocolError as error:
            http1.send_response(connection, 400, str(error).encode(), "text/plain")
        except ConnectionError:
            # the client has gone, with or without its answer
            return


def _answer(request: http1.Message, handler: Handler, secret: str) -> Response:
    method, path, _ = request.start
    headers = request.headers
    if not hmac.compare_digest(
        headers.get(SECRET_HEADER, "").encode(), secret.encode()
    ):
        return 403, b"", "text/plain"
    if (method, path) == ("GET", "/ping"):
        return 200, b"", "text/plain"
    if (method, path) != ("POST", "/invocations"):
        return 404, b"", "text/plain"
    content_type = headers.get("content-type", "")
    try:
        status, body, kind = handler(
            request.body, content_type, headers.get("accept", "")
        )
    except Exception as error:
        print(_trace(error), end="", flush=True)
        return 500, f"{type(error).__name__}: {error}".encode(), "text/plain"
    if "\r" in kind or "\n" in kind:
        return 500, b"the content type of the answer holds a line break", "text/plain"
    return status, body, kind


if __name__ == "__main__":
    sys.exit(main())
