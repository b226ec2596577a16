"""The student's box: runs the cells of a notebook, and acts on what they have made.

Nothing here is trusted once the first cell has run. It holds no check, no hidden seed
and no expected answer: what a student finds here is what he may know.
"""

import asyncio
import itertools
import json
import socket
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from helpers.grading.crossing import failures, remote, values
from helpers.grading.crossing.lines import Gone, Lines
from helpers.grading.roles import attached, shell

JSON = dict[str, Any]
MOST_KEPT = 100_000
MOST = 32 << 20
AT_ONCE, SOON = 256, 0.05
KEPT_BYTES = 4_096


def prepare() -> None:
    """Import and warm what every notebook uses, before this process is forked."""
    import matplotlib.font_manager  # noqa: F401

    attached.warm()
    main = sys.modules["__main__"]
    trial = shell.opened()
    trial.run_cell("pass")
    type(trial).clear_instance()
    sys.modules["__main__"] = main


def run(sock: socket.socket, settings: JSON) -> None:
    """Serve the grader until it closes the connection."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # as a kernel has it: modules beside the notebook are found
    sys.path.insert(0, "")
    student = Student(Lines(sock))
    try:
        loop.run_until_complete(student.serve(loop))
    except Gone:
        return


class Student:
    """A notebook that is run, and its objects that are kept for the prober."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.printed = shell.quiet()
        self.limit = shell.Limit()
        self.kept: list[Any] = [None]
        self.numbers: dict[int, int] = {}
        self.shell = shell.opened()

    async def serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer one request after the other; between them the loop runs on."""
        while True:
            arrived = asyncio.Event()
            loop.add_reader(self.lines.sock, arrived.set)
            await arrived.wait()
            loop.remove_reader(self.lines.sock)
            asked = self.lines.receive()
            reply = await self._reply(asked)
            self.lines.send({"id": asked["id"], **reply})

    async def _reply(self, asked: JSON) -> JSON:
        act: Callable[[JSON], Any] = getattr(self, f"_op_{asked['op']}")
        try:
            with self.limit.within(asked.get("seconds", 60)):
                done = act(asked)
                reply = await done if asyncio.iscoroutine(done) else done
                if len(json.dumps(reply)) > asked.get("most", MOST):
                    raise ValueError("what was returned is too large to be taken")
                return reply
        except BaseException as error:
            return {"raised": failures.told(error, self.limit.late)}

    def _op_begin(self, asked: JSON) -> JSON:
        import helpers
        from helpers import check

        given = Given(asked["inputs"])
        helpers.check = sys.modules[type(check).__module__].check = given
        attached.attach(asked["connection"])
        return {}

    async def _op_cell(self, asked: JSON) -> JSON:
        raised = await shell.executed(self.shell, asked["source"], self.limit)
        told = raised and failures.told(raised, self.limit.late)
        output = self.printed.taken().encode(errors="replace")[:KEPT_BYTES]
        return {"error": told, "output": output.decode(errors="replace")}

    def _op_answer(self, asked: JSON) -> JSON:
        name = asked["name"]
        if name not in self.shell.user_ns:
            return {"found": False}
        answer = self.shell.user_ns[name]
        return {"found": True, "mark": id(answer), "value": self._encoded(answer)}

    def _op_do(self, asked: JSON) -> JSON:
        on = self.kept[asked["handle"]]
        given, named = remote.loaded(asked["arguments"], self.kept.__getitem__)
        return {"value": self._encoded(ACTS[asked["what"]](on, *given, **named))}

    def _op_score(self, asked: JSON) -> JSON:
        """Load what a training job has left, and let it score rows."""
        from helpers import artefacts

        given, named = remote.loaded(asked["arguments"], self.kept.__getitem__)
        return {"value": self._encoded(artefacts.scores(*given, **named))}

    def _encoded(self, value: Any) -> Any:
        return values.encoded(value, self._handle)

    def _handle(self, value: Any) -> JSON:
        number = self.numbers.setdefault(id(value), len(self.kept))
        if number == len(self.kept):
            if number > MOST_KEPT:
                raise ValueError("too many objects have been returned")
            self.kept.append(value)
        kind = type(value)
        able = [name for name in remote.ACTS if _has(kind, name)]
        if _has(kind, "__getitem__") and "__iter__" not in able:
            able.append("__iter__")
        sent = {"handle": number, "able": able}
        return {values.MARK: "handle", "v": sent | {"kind": kind.__name__}}


class Given:
    """The `check` of a notebook that is graded: it gives inputs, and checks nothing."""

    def __init__(self, inputs: JSON) -> None:
        self._inputs = inputs

    def lab(self, name: str, *, seed: int) -> None:
        """Take what the notebook says of its lab; the grader knows it."""

    def inputs(self, task: str) -> JSON:
        """Give what the seed of the lab has drawn for a task."""
        if task not in self._inputs:
            known = ", ".join(self._inputs)
            raise LookupError(f"this lab has no task {task!r}; it has {known}")
        return deepcopy(self._inputs[task])

    def __call__(self, task: str, answer: object) -> None:
        """Say that the grader checks."""
        print(f"{task}: the grader checks it.")


def _has(kind: type, name: str) -> bool:
    """Tell whether objects of a class have a special method, as Python looks for it."""
    found = (vars(base)[name] for base in kind.__mro__ if name in vars(base))
    return next(found, None) is not None


def _get(on: Any, name: str) -> Any:
    return getattr(on, name)


def _next_items(on: Any) -> tuple[list[Any], bool]:
    """Give the next items, as many as come soon, and whether there may be more."""
    items: list[Any] = []
    end = time.monotonic() + SOON
    for item in itertools.islice(on, AT_ONCE):
        items.append(item)
        if time.monotonic() > end:
            return items, True
    return items, len(items) == AT_ONCE


ACTS: dict[str, Callable[..., Any]] = {
    "call": lambda on, *given, **named: on(*given, **named),
    "get": _get,
    "iter": lambda on: Walker(iter(on)),
    "next_items": _next_items,
    "next": next,
    "len": len,
    "item": lambda on, key: on[key],
    "contains": lambda on, item: bool(item in on),
    "float": float,
    "int": int,
    "index": lambda on: int(on.__index__()),
    "bool": bool,
    "str": lambda on: f"{on!s}",
    "repr": repr,
    "array": lambda on, *_, **__: np.asarray(on),
}


class Walker:
    """An iterator that the prober walks: of an own class, so that it is a handle."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def __iter__(self) -> Any:
        return self.items
