"""The process that draws inputs and gives verdicts: trusted code on untrusted evidence.

It is kept warm for a worker's life, holds no student's work, and has limits of its own:
evidence that makes a verdict raise, loop or grow costs a task and nothing else.
"""

import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from helpers.check import CheckFailed
from helpers.grading.crossing.lines import Broken, Gone, Lines, Unfit

JSON = dict[str, Any]
ROOT = Path(__file__).parents[2]
# Verdicts train models: lab 1.3 fits a support vector machine.
SECONDS = 120.0
MEMORY = 4 << 30
LONGEST = 4_000
# A judge that has gone may have been killed by the machine, for others' memory.
TRIES = 2


class JudgeError(Exception):
    """No verdict could be had, and no submission is to blame."""


class Judge:
    """A judge process and the connection to it.

    Args:
        seconds: how long one verdict may take.
        memory: how much memory it may take.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: Lines | None = None
        self._lab: JSON = {}

    def inputs(self, module: str, source: str, seed: int) -> JSON:
        """Give what a seed draws for each task of a lab, by its name.

        Raises:
            JudgeError: if the lab's checks cannot do it.
        """
        self._lab = {"module": module, "source": source}
        reply = self._asked({"op": "inputs", "seed": seed})
        if "inputs" not in reply:
            raise JudgeError(f"the checks of the lab: {reply.get('error')}")
        return reply["inputs"]

    def verdict(self, task: str, inputs: JSON, evidence: JSON) -> JSON:
        """Judge evidence.

        Returns:
            `passed` with a line; or `failed` with asked, found and look; or `error`
            with what the verdict has raised.
        """
        ask = {"op": "verdict", "task": task, "inputs": inputs, "evidence": evidence}
        return self._asked(ask)

    def close(self) -> None:
        """End the process."""
        process, lines = self._process, self._lines
        self._process = self._lines = None
        if lines:
            lines.sock.close()
        if process:
            process.kill()
            process.wait()

    def _asked(self, document: JSON) -> JSON:
        why = ""
        for _ in range(TRIES):
            lines = self._open()
            try:
                lines.send({**document, **self._lab}, self.seconds)
                return lines.receive(self.seconds)
            except Broken as error:
                self.close()
                why = str(error)
                if not isinstance(error, Gone):
                    break
        return {"error": f"the verdict was stopped: {why}"}

    def _open(self) -> Lines:
        if self._lines and self._process and self._process.poll() is None:
            return self._lines
        self.close()
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(self.memory)],
                cwd=ROOT,
                env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "HOME": "/"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._lines = Lines(ours)
        try:
            self._lines.receive(self.seconds)
        except Broken as error:
            self.close()
            raise JudgeError(f"the judge does not start: {error}") from None
        return self._lines


def judged(lines: Lines) -> None:
    """Be the judge, until the connection is closed."""
    from helpers.grading.roles.prober import checks

    labs: dict[str, JSON] = {}
    lines.send({"ready": True})
    while True:
        try:
            asked = lines.receive()
        except Unfit as error:
            lines.send({"error": str(error)})
            continue
        try:
            key = asked["module"] or asked["source"]
            if key not in labs:
                labs[key] = checks(asked["module"], asked["source"])
            reply = _reply(labs[key], asked)
        except CheckFailed as error:
            words = {"asked": error.asked, "found": error.found, "look": error.look}
            cut = {name: str(word)[:LONGEST] for name, word in words.items()}
            reply = {"failed": cut}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"[:LONGEST]}
        lines.send(reply)


def _reply(lab: JSON, asked: JSON) -> JSON:
    from helpers.check import crossed

    if asked["op"] == "inputs":
        drawn = {
            name: crossed(check.inputs(asked["seed"])) for name, check in lab.items()
        }
        return {"inputs": drawn}
    line = lab[asked["task"]].verdict(asked["inputs"], asked["evidence"])
    return {"passed": str(line)[:LONGEST]}


if __name__ == "__main__":
    descriptor, memory = map(int, sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        judged(Lines(socket.socket(fileno=descriptor)))
    except Broken:
        sys.exit(0)
