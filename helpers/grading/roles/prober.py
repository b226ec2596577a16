"""The prober's box: calls a student's answers from afar, and reads AWS by itself.

It knows the checks of the lab and what the hidden seed has drawn, and no right answer.
No code of a student runs here: his values come by `crossing`, and what his jobs have
left is unpickled in another box.
"""

import socket
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from helpers.check import Check, CheckFailed, crossed
from helpers.grading.crossing import failures
from helpers.grading.crossing.lines import Broken, Lines
from helpers.grading.crossing.remote import Far, dumped
from helpers.grading.roles import attached

JSON = dict[str, Any]
LONGEST = 2_000
# Smaller seeds are found among the numbers of any data.
SECRET = 1 << 40


def prepare() -> None:
    """Warm what every probe uses, before this process is forked."""
    attached.warm()


def run(sock: socket.socket, settings: JSON) -> None:
    """Serve the grader until it closes the connection."""
    prober = Prober(Lines(sock))
    try:
        prober.serve()
    except Broken:
        return


class Prober:
    """The checks of one lab, and the connection to the student's box."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.checks: dict[str, Check] = {}

    def serve(self) -> None:
        """Answer one request after the other."""
        while True:
            asked = self.lines.receive()
            act = {"lab": self._lab, "probe": self._probe}[asked["op"]]
            self.lines.send({"id": asked["id"], **act(asked)})

    def _lab(self, asked: JSON) -> JSON:
        self.checks = checks(asked["module"], asked["source"])
        attached.attach(asked["connection"])
        return {}

    def _probe(self, asked: JSON) -> JSON:
        from boto3 import client

        from helpers import artefacts

        secret = seeds(asked["inputs"])
        far = Far(self._ask, secret)

        def scored(*given: Any) -> Any:
            arguments = dumped((given, {}), secret)
            return far.result(self._ask({"op": "score", "arguments": arguments}))

        artefacts.scores = scored
        try:
            answer = far.result({"value": asked["answer"]})
            found = self.checks[asked["task"]].probe(asked["inputs"], answer, client)
            return {"evidence": crossed(found)}
        except CheckFailed as error:
            words = {"asked": error.asked, "found": error.found, "look": error.look}
            return {"failed": {name: word[:LONGEST] for name, word in words.items()}}
        except Broken:
            raise
        except Exception as error:
            if told := getattr(error, "told", None):
                return {"raised": told, "by": "answer"}
            return {"raised": failures.clean(failures.told(error)), "by": "probe"}

    def _ask(self, document: JSON) -> JSON:
        self.lines.send({"ask": document})
        return self.lines.receive()["told"]


def checks(module: str, source: str) -> dict[str, Check]:
    """Give the checks of a lab by task.

    Args:
        module: where they are, in the course.
        source: their text, where they are not.
    """
    if module:
        found = import_module(module)
    else:
        found = ModuleType("lab_checks")
        sys.modules[found.__name__] = found
        exec(compile(source, "<checks>", "exec"), vars(found))
    return {name: each for name, each in vars(found).items() if type(each) is Check}


def seeds(inputs: JSON) -> tuple[bytes, ...]:
    """Give the bytes that a pickle with one of the seeds in it would hold."""
    found: list[bytes] = []
    for value in inputs.values():
        if type(value) is int and value >= SECRET:
            raw = value.to_bytes((value.bit_length() + 8) // 8, "little")
            found += [raw, str(value).encode()]
    return tuple(found)
