"""One run of one notebook: a pod with its roles, and what the grader asks of them."""

import select
import socket
import time
from typing import Any

from helpers.grading.crossing.lines import Broken, Gone, Late, Lines
from helpers.grading.lab import Lab
from helpers.grading.limits import Limits
from helpers.grading.sandbox import PodLost

JSON = dict[str, Any]
EPOCH = "2026-01-05T08:00:00+00:00"
STARTS = 120.0
# An interrupt comes first; who ignores it is ended after so many seconds more.
GRACE = 5.0
PROBE_TIMES = 2
# Times that a limit may grow by what a busy machine has kept from a box.
PATIENCE = 3
WHY = {
    "memory": "it took more memory than a submission may",
    "wall time": "the run took longer than it may",
    "cpu time": "the run took more CPU time than it may",
    "output": "it printed more than it may",
    "processes": "it started more processes than it may",
}


class InfrastructureError(Exception):
    """The grader failed, and no submission is to blame."""


class Stopped(Exception):
    """The run had to be given up, in what the student's code was doing."""


class Run:
    """A pod in which a notebook runs.

    Args:
        pod: spawns roles, and says why it was stopped.
        lab: what is graded.
        limits: what the run may use.
    """

    def __init__(self, pod: Any, lab: Lab, limits: Limits) -> None:
        self.pod, self.lab, self.limits = pod, lab, limits
        self._end = time.monotonic() + limits.run_seconds
        self._number = 0
        self._waited = self._used = 0.0
        self._asked = time.monotonic()
        self._bench: Lines | None = None

    def open(self, visible: JSON) -> None:
        """Start the endpoint, the student's box and the prober.

        Raises:
            InfrastructureError: if one of them does not start.
        """
        try:
            self._endpoint = self._spawned("endpoint", {"epoch": EPOCH})
            self._student = self._spawned("student", {})
            self._prober = self._spawned("prober", {})
            self._ready = self._endpoint.receive(STARTS)
            if not self._ready.get("ready"):
                raise InfrastructureError(f"endpoint: {self._ready.get('error')}")
            self._begin(self._student, visible)
            checks = {"module": self.lab.module, "source": self.lab.source}
            connection = {"connection": self._ready["prober"]}
            self._told(self._prober, {"op": "lab", **checks, **connection}, STARTS)
        except Broken as error:
            raise InfrastructureError(f"a box does not start: {error}") from None

    def _spawned(self, role: str, settings: JSON) -> Lines:
        try:
            sock: socket.socket = self.pod.spawn(role, settings)
        except (PodLost, OSError) as error:
            raise Gone(f"no box could be made: {error}") from None
        return Lines(sock, 2 * self.limits.result_bytes)

    def _begin(self, box: Lines, visible: JSON) -> None:
        given = {"inputs": visible, "connection": self._ready["student"]}
        reply = self._told(box, {"op": "begin", **given}, STARTS)
        if "raised" in reply:
            raise InfrastructureError(f"the set-up of a box: {reply['raised']}")

    def cell(self, source: str) -> JSON:
        """Run a cell; give what it raised and printed.

        Raises:
            Stopped: if it ended the run.
        """
        return self._student_asked({"op": "cell", "source": source})

    def answer(self, name: str) -> JSON:
        """Look for the answer to a task: `found`, its `mark`, and its `value`.

        Raises:
            Stopped: if the run has ended.
        """
        return self._student_asked({"op": "answer", "name": name})

    def probe(self, task: str, inputs: JSON, value: Any) -> JSON:
        """Probe an answer: `evidence`, `failed` or `raised`; and `late`.

        Raises:
            Stopped: if the answer ended the run, or the probe takes too long.
        """
        end = time.monotonic() + PROBE_TIMES * self.limits.cell_seconds
        end = min(end, self._end) + GRACE
        late = False
        document = {"op": "probe", "task": task, "inputs": inputs, "answer": value}
        try:
            self._sent(self._prober, document)
            while True:
                told = self._received(self._prober, end - time.monotonic())
                if "ask" not in told:
                    break
                reply = self._acted(told["ask"])
                raised = reply.get("raised")
                late |= isinstance(raised, dict) and raised.get("late") is True
                self._prober.send({"told": reply}, STARTS)
        except Broken as error:
            raise self._stopped(error) from None
        self.healthy()
        return {**told, "late": late}

    def healthy(self) -> None:
        """Make sure that nothing of the pod has ended.

        Raises:
            Stopped: if the endpoint, which must not be another's, has gone.
        """
        boxes = (self._endpoint, self._prober, self._student)
        if select.select([box.sock for box in boxes], [], [], 0)[0]:
            raise self._stopped(Broken("a part of it ended, or spoke unasked"))

    def _acted(self, ask: JSON) -> JSON:
        """Send on what the prober asks, to the student's box or to a fresh one."""
        if ask["op"] != "score":
            return self._student_asked(ask)
        try:
            if self._bench is None:
                self._bench = self._spawned("student", {})
                self._begin(self._bench, {})
        except Broken as error:
            raise self._stopped(error) from None
        return self._box_asked(self._bench, ask)

    def _student_asked(self, document: JSON) -> JSON:
        return self._box_asked(self._student, document)

    def _box_asked(self, box: Lines, document: JSON) -> JSON:
        seconds = self.allowed(document)
        try:
            bounds = {"seconds": seconds, "most": self.limits.result_bytes}
            return self._told(box, {**document, **bounds}, seconds + GRACE)
        except Broken as error:
            raise self._stopped(error) from None

    def allowed(self, document: JSON) -> float:
        """Give the seconds that what is asked of a box may take."""
        left = self._end - time.monotonic()
        return max(0.1, min(self.limits.cell_seconds, left))

    def _told(self, box: Lines, document: JSON, seconds: float) -> JSON:
        number = self._sent(box, document)
        reply = self._received(box, seconds)
        if reply.get("id") != number:
            raise Broken("it answered what it was not asked")
        return reply

    def _received(self, box: Lines, seconds: float) -> JSON:
        """Wait for a box, but no longer than the endpoint lives."""
        end = time.monotonic() + seconds
        longest = end + PATIENCE * seconds
        while True:
            both = [box.sock, self._endpoint.sock]
            select.select(both, [], [], max(0, end - time.monotonic()))
            if select.select([self._endpoint.sock], [], [], 0)[0]:
                raise Broken("the endpoint ended")
            try:
                return box.receive(end - time.monotonic())
            except Late:
                end += self._starved()
                if end > longest or end < time.monotonic():
                    raise

    def _starved(self) -> float:
        """Give the seconds, since it was asked last, that others had the processors.

        What the pod has used itself does not count: it may have kept itself waiting.
        """
        used, now = self.pod.usage(), time.monotonic()
        before, self._waited = self._waited, used.waited_seconds
        others = (now - self._asked) - (used.cpu_seconds - self._used)
        self._asked, self._used = now, used.cpu_seconds
        return max(0.0, min(others, used.waited_seconds - before))

    def _sent(self, box: Lines, document: JSON) -> int:
        self._number += 1
        box.send({**document, "id": self._number}, STARTS)
        return self._number

    def _stopped(self, error: Broken) -> Stopped:
        why = self.pod.stopped
        if why in WHY:
            return Stopped(WHY[why])
        if isinstance(error, Late):
            return Stopped("it took too long, and could not be interrupted")
        return Stopped(f"the process ended ({error})")
