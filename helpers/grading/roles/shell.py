"""IPython within a process, as a notebook's kernel runs cells, without its sockets."""

import asyncio
import builtins
import io
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from helpers.grading.sandbox.inner.watch import waited

# Of what a cell, a thread or a command prints, more than this is dropped.
MOST = 1 << 20
# Times that a limit grows by the seconds without a processor, and those too few.
PATIENCE, AT_LEAST = 3, 0.1
PIECE = 1 << 16


class Printed(io.TextIOBase):
    """Takes what is printed, and forgets what is too much."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def write(self, text: str) -> int:
        """Take a text, or its beginning."""
        if not isinstance(text, str):
            raise TypeError(f"write() takes a str, not {type(text).__name__}")
        if self.size < MOST:
            self.parts.append(text[:PIECE])
            self.size += min(len(text), PIECE)
        return len(text)

    def writable(self) -> bool:
        """Say that it takes text."""
        return True

    def taken(self) -> str:
        """Give what came since this was asked last."""
        parts, self.parts = self.parts, []
        return "".join(parts)


class Shell(InteractiveShell):
    """The shell of a notebook that nobody looks at."""

    def showtraceback(
        self,
        exc_tuple: tuple[type, BaseException, TracebackType] | None = None,
        *_: Any,
        **__: Any,
    ) -> None:
        """Print what was raised, in one line: the frames cost more than the cell."""
        kind, error, trace = exc_tuple or sys.exc_info()
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
        name = getattr(kind, "__name__", str(kind))
        print(f"{name}: {error}", file=sys.stderr)

    def system(self, cmd: str) -> None:
        """Run a command line, and print what it prints."""
        line = self.var_expand(cmd, depth=1)
        done = subprocess.run(
            line,
            shell=True,
            executable="/bin/bash",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        print(done.stdout[:MOST].decode(errors="replace"), end="")
        self.user_ns["_exit_code"] = done.returncode

    system_raw = system_piped = system

    def ask_exit(self) -> None:
        """Go on: a kernel that ends would take what comes after it away."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Enable nothing: there is no screen."""


def opened() -> Shell:
    """Give the shell of this process; `get_ipython()` gives the same."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autoindent = False
    shell = Shell.instance(config=config)
    shell.display_formatter.active_types = ["text/plain"]
    return shell


def quiet() -> Printed:
    """Let this process print into nothing but what is given, and read nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    printed = Printed()
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = printed
    builtins.input = _asked
    import getpass

    getpass.getpass = _asked
    return printed


def _asked(*_: Any, **__: Any) -> str:
    raise RuntimeError("input(): nobody is here to answer while a lab is graded")


class Limit:
    """Interrupts what a cell or a call does after some seconds, as a user would."""

    def __init__(self) -> None:
        self.late = False
        self.task: asyncio.Task[Any] | None = None
        self._begun: queue.SimpleQueue[tuple[float, int, threading.Event]]
        self._begun = queue.SimpleQueue()
        # one thread for all: what a student starts may leave none for later cells
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Raise KeyboardInterrupt in what is done here, if it takes longer."""
        self.late = False
        done = threading.Event()
        signal.signal(signal.SIGINT, self._interrupt)
        self._begun.put((seconds, threading.get_ident(), done))
        try:
            yield
        finally:
            done.set()

    def _watch(self) -> None:
        while True:
            self._ring(*self._begun.get())

    def _ring(self, seconds: float, main: int, done: threading.Event) -> None:
        start, left = waited(os.getpid()), seconds
        for _ in range(PATIENCE):
            if done.wait(left):
                return
            # what a busy machine has kept from this process is not its own
            before, start = start, waited(os.getpid())
            left = start - before
            if left < AT_LEAST:
                break
        self.late = True
        signal.pthread_kill(main, signal.SIGINT)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.task is None:
            raise KeyboardInterrupt
        self.task.get_loop().call_soon_threadsafe(self.task.cancel)


async def executed(shell: Shell, source: str, limit: Limit) -> BaseException | None:
    """Run a cell as ipykernel does: in a running loop, awaiting what awaits.

    Returns:
        What it has raised, or None.
    """
    broken = None
    try:
        code = shell.transform_cell(source)
    except Exception as error:
        code, broken = source, (type(error), error, error.__traceback__)
    given = {"transformed_cell": code, "preprocessing_exc_tuple": broken}
    if shell.should_run_async(source, **given):
        running = shell.run_cell_async(source, store_history=True, **given)
        limit.task = asyncio.ensure_future(running)
        try:
            result = await limit.task
        finally:
            limit.task = None
            shell.events.trigger("post_execute")
    else:
        result = shell.run_cell(source, store_history=True)
    return result.error_before_exec or result.error_in_exec
