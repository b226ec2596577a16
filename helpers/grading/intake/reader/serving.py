"""The loop of the reading process: each file is read by a fork of its own, with limits.

A fork takes a millisecond or two where the process holds the standard library alone,
and whatever a file does to its reader, the next file finds a fresh one.
"""

import gc
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from . import archive, notebook, opening, owners
from .bounds import ANSWER_BYTES, CPU_SECONDS, MEMORY, WALL_SECONDS
from .refusal import CLEAR, SAVE_AGAIN, Refused

JSON = dict[str, Any]


def main() -> None:
    """Answer the requests on standard input, one a line, until it is closed."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    gc.freeze()
    for line in sys.stdin.buffer:
        answer, ended = _forked(line)
        request = json.loads(line)
        if request.get("whole_class") and answer.startswith(b'{"value"') and not ended:
            opening.remember(request["root"])
        head = json.dumps({"length": len(answer), "ended": ended}).encode()
        sys.stdout.buffer.write(head + b"\n" + answer)
        sys.stdout.buffer.flush()


def _forked(request: bytes) -> tuple[bytes, str]:
    """Give the last whole line that the fork wrote, and what ended it, if anything."""
    inner, outer = os.pipe()
    pid = os.fork()
    if not pid:
        _answer(json.loads(request), outer)
    os.close(outer)
    written, ended = _collected(inner)
    os.close(inner)
    if ended:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status) and not ended:
        number = os.WTERMSIG(status)
        ended = "CPU time" if number == signal.SIGXCPU else f"signal {number}"
    elif status and not ended:
        ended = "a fault"
    end = written.rfind(b"\n") + 1
    return bytes(written[written.rfind(b"\n", 0, max(end - 1, 0)) + 1 : end]), ended


def _collected(pipe: int) -> tuple[bytearray, str]:
    written, until = bytearray(), time.monotonic() + WALL_SECONDS
    while len(written) <= ANSWER_BYTES:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return written, "time"
        part = os.read(pipe, 1 << 20)
        if not part:
            return written, ""
        written += part
    return written, "the length of what it holds"


def _answer(request: JSON, pipe: int) -> NoReturn:
    code = 1
    try:
        gc.disable()
        os.close(0)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for answer in _answers(request):
            _write(pipe, json.dumps(answer).encode() + b"\n")
        code = 0
    finally:
        os._exit(code)


def _answers(request: JSON) -> Iterator[JSON]:
    try:
        for value in _DOES[request["do"]](request):
            yield {"value": value}
    except Refused as refused:
        yield {"refused": [refused.reason, refused.next_step]}
    except MemoryError:
        reason = f"takes more than {MEMORY >> 30} GB of memory to read"
        yield {"refused": [reason, CLEAR]}
    except OSError as error:
        yield {"refused": [f"cannot be read: {error.strerror}", SAVE_AGAIN]}


def _notebook(request: JSON) -> Iterator[JSON]:
    yield from notebook.read(opening.content(request))


def _listing(request: JSON) -> Iterator[JSON]:
    found = opening.archive(opening.opened(request))
    yield {"entries": archive.listing(found, request["whole_class"])}


def _owners(request: JSON) -> Iterator[JSON]:
    yield {"owners": owners.owners(opening.opened(request))}


_DOES = {"notebook": _notebook, "listing": _listing, "owners": _owners}


def _write(pipe: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(pipe, rest) :]
