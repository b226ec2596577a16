"""Clusters as they start, run their steps, wait, and end."""

import datetime as dt
import logging
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localaws.jobs import Job
from localaws.limits import limit, limits
from localaws.services.context import Context
from localaws.services.emr import instances
from localaws.services.emr.documents import (
    CLUSTERS,
    OVER,
    PENDING,
    RUNNING,
    STEPS,
    steps_of,
)
from localaws.services.emr.step_run import StepRun
from localaws.services.records import Records

# As many as a machine of two cores bears; more wait, although they are RUNNING.
_AT_ONCE = 2
# Seconds that a Describe moves a standing clock at most: four polls of a waiter.
_POLL = 120
_BRIEF = 0.5
_PASSING = ("STARTING", "BOOTSTRAPPING", "TERMINATING")
_LOST = "The local endpoint was restarted while the step ran."
TERMINATE = ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW")
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Clusters:
    """The clusters of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="emr")
        self._due: dict[str, dt.datetime] = {}
        self._jobs: dict[str, Job] = {}
        self._asked: dict[str, str] = {}
        self._home = context.home / "emr-steps"
        self._changed = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Stop what runs, and remove its files."""
        self._closed = True
        for step in list(self._jobs):
            self._stop(step, "INTERRUPTED")
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def ready(self, now: dt.datetime) -> dt.datetime:
        """Return when the machines of a cluster that starts now are there."""
        return now + dt.timedelta(seconds=self._seconds("STARTING"))

    def create(self, cluster: Members) -> None:
        """Start a cluster whose document and steps are complete."""
        with self._records.lock:
            self._records.put(CLUSTERS, cluster["Id"], cluster)
            self._follow(cluster)

    def _follow(self, cluster: Members) -> None:
        if cluster.get("due") is None:
            self._due.pop(cluster["Id"], None)
        else:
            self._due[cluster["Id"]] = cluster["due"]

    def tick(self) -> dt.datetime | None:
        """Let each cluster do what is due; return when the next has something."""
        with self._records.lock:
            while True:
                now = self._context.clock.now()
                late = [key for key, when in self._due.items() if when <= now]
                if not late:
                    return min(self._due.values(), default=None)
                for key in late:
                    self._pass(key)

    def _seconds(self, state: str) -> float:
        standing = self._context.clock.standing
        return limits("emr", "seconds")[state] if standing else _BRIEF

    def _pass(self, key: str) -> None:
        """Take a cluster from a state that has lasted its time to the next."""
        cluster = self._records.get(CLUSTERS, key) or {}
        when, state = cluster["due"], cluster["State"]
        if state == "STARTING":
            due = when + dt.timedelta(seconds=self._seconds("BOOTSTRAPPING"))
            reason = {"Message": "Configuring cluster software"}
            cluster["rented"] = self._context.clock.now()
            self._become(cluster, "BOOTSTRAPPING", reason, due)
            instances.rent(self._context, cluster)
        elif state == "BOOTSTRAPPING":
            cluster["Timeline"]["ReadyDateTime"] = when
            reason = {"Message": "Cluster ready to run steps."}
            self._become(cluster, "WAITING", reason, None)
            self.go_on(key)
        elif state == "TERMINATING":
            cluster["Timeline"]["EndDateTime"] = when
            failed = cluster["Reason"]["Code"] == "STEP_FAILURE"
            last = "TERMINATED_WITH_ERRORS" if failed else "TERMINATED"
            self._become(cluster, last, cluster["Reason"], None)
        else:
            reason = {"Code": "ALL_STEPS_COMPLETED", "Message": "Cluster was idle"}
            self.end(key, reason)

    def _become(
        self, cluster: Members, state: str, reason: Members, due: dt.datetime | None
    ) -> None:
        cluster |= {"State": state, "Reason": reason, "due": due}
        self._records.put(CLUSTERS, cluster["Id"], cluster)
        self._follow(cluster)

    def go_on(self, key: str) -> None:
        """Start the steps that can be started, or wait, or end."""
        with self._records.lock:
            cluster = self._records.get(CLUSTERS, key) or {}
            if cluster["State"] not in ("RUNNING", "WAITING") or self._closed:
                return
            steps = steps_of(self._context, key)
            running = sum(one["State"] in RUNNING for one in steps)
            pending = [one for one in steps if one["State"] == PENDING]
            free = max(0, cluster["StepConcurrencyLevel"] - running)
            for step in pending[:free]:
                self._start(step, steps.index(step) + 1)
            if running or pending:
                if cluster["State"] != "RUNNING":
                    cluster.pop("since", None)
                    self._become(cluster, "RUNNING", {"Message": "Running step"}, None)
            elif cluster["keep"]:
                self._wait(cluster, bool(steps))
            else:
                reason = {"Code": "ALL_STEPS_COMPLETED", "Message": "Steps completed"}
                self.end(key, reason)

    def _wait(self, cluster: Members, worked: bool) -> None:
        text = "Cluster ready to run steps."
        if worked:
            text = "Cluster ready after last step completed."
        idle = cluster.get("idle")
        since = cluster.setdefault("since", self._context.clock.now())
        due = since + dt.timedelta(seconds=idle) if idle else None
        self._become(cluster, "WAITING", {"Message": text}, due)

    def end(self, key: str, reason: Members) -> None:
        """Terminate a cluster."""
        with self._records.lock:
            cluster = self._records.get(CLUSTERS, key) or {}
            if cluster["State"] in OVER:
                return
            now = self._context.clock.now()
            due = now + dt.timedelta(seconds=self._seconds("TERMINATING"))
            cluster["released"] = now
            self._become(cluster, "TERMINATING", reason, due)
            instances.release(self._context, cluster)
            self.cancel_pending(key)
            for step in steps_of(self._context, key):
                if step["State"] in RUNNING:
                    self._stop(step["Id"], "INTERRUPTED")

    def cancel_pending(self, key: str) -> None:
        """Cancel the steps of a cluster that have not begun."""
        for step in steps_of(self._context, key):
            if step["State"] == PENDING:
                self._records.change(STEPS, step["Id"], State="CANCELLED")

    def cancel(self, key: str) -> None:
        """Cancel a step that runs."""
        self._records.change(STEPS, key, State="CANCEL_PENDING")
        self._stop(key, "CANCELLED")

    def _stop(self, key: str, state: str) -> None:
        with self._changed:
            self._asked.setdefault(key, state)
            job = self._jobs.get(key)
        if job is not None:
            job.stop()

    def _start(self, step: Members, number: int) -> None:
        now = self._context.clock.now()
        line = {**step["Timeline"], "StartDateTime": now}
        self._records.change(STEPS, step["Id"], State="RUNNING", Timeline=line)
        self._pool.submit(self._run, step["Id"], number)

    def _begin(self, key: str, job: Job) -> None:
        """Note the process of a step; one that is to end does not begin."""
        with self._changed:
            self._jobs[key] = job
            if key in self._asked or self._closed:
                job.stop()

    def _run(self, key: str, number: int) -> None:
        step = self._records.get(STEPS, key) or {}
        cluster = self._records.get(CLUSTERS, step["cluster"]) or {}
        began = time.monotonic()
        run = StepRun(self._context, cluster, step, number, self._home / key)
        try:
            details = run.run(lambda job: self._begin(key, job))
            self._finish(run, step, details, time.monotonic() - began)
        except Exception as error:
            if not self._closed:
                log.exception("step %s", key)
                self._over(step, "FAILED", {"Reason": str(error)})
        finally:
            run.close()
            with self._changed:
                self._jobs.pop(key, None)
                self._asked.pop(key, None)

    def _finish(
        self, run: StepRun, step: Members, details: Members | None, seconds: float
    ) -> None:
        clock = self._context.clock
        state = self._asked.get(step["Id"], "FAILED" if details else "COMPLETED")
        modelled = limit("emr", "step_seconds")
        took = modelled if clock.standing else max(1, round(seconds))
        if state in ("FAILED", "COMPLETED"):
            clock.elapse(step["Timeline"]["StartDateTime"], modelled)
        if not self._closed:
            run.publish(state, int(took))
            self._over(step, state, details)

    def _over(self, step: Members, state: str, details: Members | None) -> None:
        """Take note of a step's end, and do what follows from it."""
        end = self._context.clock.now()
        more = {"FailureDetails": details} if state == "FAILED" else {}
        with self._records.lock:
            if self._closed:
                return
            line = {**step["Timeline"], "EndDateTime": end}
            self._records.change(STEPS, step["Id"], State=state, Timeline=line, **more)
            self._after(step, state)

    def _after(self, step: Members, state: str) -> None:
        key, action = step["cluster"], step["ActionOnFailure"]
        cluster = self._records.get(CLUSTERS, key) or {}
        alone = cluster["StepConcurrencyLevel"] == 1
        if state == "FAILED" and action != "CONTINUE" and alone:
            if action in TERMINATE and not cluster["TerminationProtected"]:
                text = "Shut down as step failed"
                self.end(key, {"Code": "STEP_FAILURE", "Message": text})
                return
            self.cancel_pending(key)
        self.go_on(key)

    def polled(self, *keys: str) -> None:
        """Let a Describe move the clock on, if that stands and a cluster is under way.

        On a standing clock nothing else would end the wait of who polls.
        """
        clock = self._context.clock
        every = self._records.all(CLUSTERS)
        states = (every.get(key, {}) for key in keys or every)
        due = [one["due"] for one in states if one.get("State") in _PASSING]
        if clock.standing and due:
            left = (min(due) - clock.now()).total_seconds()
            clock.advance(min(max(left, 0), _POLL))
        self.tick()

    def resume(self) -> None:
        """Fail the steps that the kill of the endpoint has ended, and go on."""
        with self._records.lock:
            for cluster in self._records.all(CLUSTERS).values():
                self._follow(cluster)
            for step in self._records.all(STEPS).values():
                if step["State"] in RUNNING:
                    known = step["State"] == "RUNNING"
                    state = "FAILED" if known else "CANCELLED"
                    self._over(step, state, {"Reason": _LOST})
            for key in self._records.all(CLUSTERS):
                self.go_on(key)


def tick(context: Context) -> dt.datetime | None:
    """Let each cluster do what is due; return when the next has something."""
    return context.part(Clusters).tick()


def resume(context: Context) -> None:
    """Take up the clusters of an endpoint that was killed."""
    if context.part(Records).all(CLUSTERS):
        context.part(Clusters).resume()
