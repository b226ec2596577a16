"""Applications as they start and stop, and the job runs that they have."""

import datetime as dt
import logging
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from localaws.jobs import Job
from localaws.limits import limit, limits
from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.emrserverless import capacity
from localaws.services.emrserverless.names import (
    APPLICATIONS,
    ENDED,
    RUNS,
    runs_of,
)
from localaws.services.emrserverless.operations import Members
from localaws.services.emrserverless.run import RunFailed, SparkRun
from localaws.services.records import Records

_AT_ONCE = 2
_BRIEF = 0.5
_NEXT = {"CREATING": "CREATED", "STARTING": "STARTED", "STOPPING": "STOPPED"}
_LOST = "Job failed: the local endpoint was restarted during the run."
_LATE = "Job run was cancelled: it is beyond its executionTimeoutMinutes."
log = logging.getLogger(__name__)


class Serverless:
    """The applications and job runs of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="emr-serverless")
        self._due: dict[str, dt.datetime] = {}
        self._late: dict[str, dt.datetime] = {}
        self._jobs: dict[str, Job] = {}
        self._asked: dict[str, str] = {}
        self._changed = threading.Lock()
        self._home = context.home / "emr-serverless-runs"
        self._closed = False

    def close(self) -> None:
        """Stop what runs, and remove its files."""
        self._closed = True
        for key in list(self._jobs):
            self._stop(key, "")
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def create(self, application: Members) -> None:
        """Keep a new application."""
        with self._records.lock:
            self.become(application, application["state"])

    def become(self, application: Members, state: str) -> None:
        """Set the state of an application; some last their time."""
        now, key = self._context.clock.now(), application["id"]
        due = None
        if state in _NEXT:
            standing = self._context.clock.standing
            known = limits("emr_serverless", "seconds")
            due = now + dt.timedelta(seconds=known[state] if standing else _BRIEF)
        elif state == "STARTED":
            due = self._idle(application, now)
        document = {**application, "state": state, "updatedAt": now, "due": due}
        self._records.put(APPLICATIONS, key, document)
        self._follow(document)
        self._rent(document)

    def _idle(self, application: Members, now: dt.datetime) -> dt.datetime | None:
        """Return when an application stops for want of work."""
        stop = application["autoStopConfiguration"]
        if not stop["enabled"] or self.active(application["id"]):
            return None
        return now + dt.timedelta(minutes=stop["idleTimeoutMinutes"])

    def _follow(self, application: Members) -> None:
        if application["due"] is None:
            self._due.pop(application["id"], None)
        else:
            self._due[application["id"]] = application["due"]

    def _rent(self, application: Members) -> None:
        """Charge for the initial capacity that no run uses, while it is there."""
        key, kind = application["id"], application["architecture"]
        workers = capacity.initial(application.get("initialCapacity", {}))
        if application["state"] != "STARTED" or not workers:
            rentals.end(self._context, key)
            return
        have, used = capacity.total(workers), capacity.total(self._taken(key))
        free = [max(0, one - other) for one, other in zip(have, used, strict=True)]
        costs = {
            "emr-serverless-vcpu": (kind, free[0]),
            "emr-serverless-memory": (kind, free[1]),
        }
        rentals.rent(self._context, key, costs)

    def _taken(self, key: str) -> list[capacity.Worker]:
        """Return the workers that runs of an application have."""
        return [
            capacity.Worker(*one)
            for run in self.active(key)
            for one in run.get("workers", ())
        ]

    def active(self, key: str) -> list[Members]:
        """Return the runs of an application that have not ended, oldest first."""
        every = runs_of(self._context, key)[::-1]
        return [one for one in every if one["state"] not in ENDED]

    def tick(self) -> dt.datetime | None:
        """Do what is due; return when something is next."""
        with self._records.lock:
            now = self._context.clock.now()
            for key in [one for one, when in self._due.items() if when <= now]:
                self._pass(key)
            for key in [one for one, when in self._late.items() if when <= now]:
                del self._late[key]
                self.cancel(key, _LATE)
            return min([*self._due.values(), *self._late.values()], default=None)

    def _pass(self, key: str) -> None:
        application = self._records.get(APPLICATIONS, key) or {}
        self.become(application, _NEXT.get(application["state"], "STOPPING"))
        self.go_on(key)

    def polled(self, *keys: str) -> None:
        """Let a Get move a standing clock on to the end of what is under way."""
        clock = self._context.clock
        every = self._records.all(APPLICATIONS)
        found = (every.get(key, {}) for key in keys or every)
        due = [one["due"] for one in found if one.get("state") in _NEXT]
        if clock.standing and due:
            clock.advance(max(0.0, (min(due) - clock.now()).total_seconds()))
        self.tick()

    def go_on(self, key: str) -> None:
        """Start the runs that wait for their application."""
        with self._records.lock:
            application = self._records.get(APPLICATIONS, key) or {}
            waiting = [one for one in self.active(key) if one["state"] == "SUBMITTED"]
            if not waiting or self._closed:
                return
            if application["state"] in ("CREATED", "STOPPED"):
                if application["autoStartConfiguration"].get("enabled", True):
                    self.become(application, "STARTING")
                return
            if application["state"] == "STARTED":
                for run in waiting:
                    self._begin_run(application, run)
                self.become(application, "STARTED")

    def _begin_run(self, application: Members, run: Members) -> None:
        most, key = application.get("maximumCapacity", {}), run["jobRunId"]
        wanted = capacity.of_run(run["settings"])
        found = capacity.fitting(wanted, self._taken(application["id"]), most)
        now = self._context.clock.now()
        if found is None:
            reason = capacity.beyond(most)
            self._end(run, "FAILED", reason, now)
            return
        workers = [[one.count, one.cpu, one.memory, one.disk] for one in found]
        self._records.change(
            RUNS, key, state="SCHEDULED", workers=workers, startedAt=now, updatedAt=now
        )
        if run["executionTimeoutMinutes"]:
            minutes = run["executionTimeoutMinutes"]
            self._late[key] = now + dt.timedelta(minutes=minutes)
        self._pool.submit(self._run, key)

    def cancel(self, key: str, reason: str) -> None:
        """Cancel a run that has not ended."""
        with self._records.lock:
            run = self._records.get(RUNS, key) or {}
            if run["state"] == "SUBMITTED":
                self._end(run, "CANCELLED", reason, self._context.clock.now())
            elif run["state"] not in ENDED:
                self._records.change(RUNS, key, state="CANCELLING")
                self._stop(key, reason)

    def _stop(self, key: str, reason: str) -> None:
        with self._changed:
            self._asked.setdefault(key, reason)
            job = self._jobs.get(key)
        if job is not None:
            job.stop()

    def _begin(self, key: str, job: Job) -> None:
        """Note the process of a run; one that is to end does not begin."""
        with self._changed:
            self._jobs[key] = job
            if key in self._asked or self._closed:
                job.stop()
        with self._records.lock:
            run = self._records.get(RUNS, key) or {}
            if run["state"] == "SCHEDULED":
                self._records.change(RUNS, key, state="RUNNING")

    def _run(self, key: str) -> None:
        run = self._records.get(RUNS, key) or {}
        application = self._records.get(APPLICATIONS, run["applicationId"]) or {}
        began, clock = time.monotonic(), self._context.clock
        spark = SparkRun(self._context, application, run, self._home / key)
        state, reason = "SUCCESS", ""
        try:
            spark.run(lambda job: self._begin(key, job))
        except RunFailed as failed:
            state, reason = "FAILED", failed.message
        except Exception as error:
            log.exception("run %s", key)
            state, reason = "FAILED", f"Job failed: {error}"
        try:
            if key in self._asked:
                state, reason, end = "CANCELLED", self._asked[key], clock.now()
            else:
                modelled = limit("emr_serverless", "run_seconds")
                end = clock.elapse(run["startedAt"], modelled)
            took = (end - run["startedAt"]).total_seconds()
            if not clock.standing:
                took = time.monotonic() - began
            if not self._closed:
                spark.publish()
                self._finish(application, run, state, reason, end, took)
        except Exception:
            if not self._closed:
                log.exception("run %s", key)
        finally:
            spark.close()
            with self._changed:
                self._jobs.pop(key, None)
                self._asked.pop(key, None)

    def _finish(
        self,
        application: Members,
        run: Members,
        state: str,
        reason: str,
        end: dt.datetime,
        took: float,
    ) -> None:
        workers = [capacity.Worker(*one) for one in run["workers"]]
        used = capacity.charge(self._context, application, workers, took)
        with self._records.lock:
            used["totalExecutionDurationSeconds"] = round(took)
            self._end(run, state, reason, end, **used)
            known = self._records.get(APPLICATIONS, run["applicationId"]) or {}
            if known["state"] == "STARTED":
                self.become(known, "STARTED")

    def _end(
        self, run: Members, state: str, reason: str, end: dt.datetime, **used: object
    ) -> None:
        self._late.pop(run["jobRunId"], None)
        self._records.change(
            RUNS,
            run["jobRunId"],
            state=state,
            stateDetails=reason[:256],
            updatedAt=end,
            endedAt=end,
            **used,
        )

    def resume(self) -> None:
        """End the runs that the kill of the endpoint has ended, and go on."""
        now = self._context.clock.now()
        with self._records.lock:
            for run in self._records.all(RUNS).values():
                if run["state"] in ("SCHEDULED", "RUNNING"):
                    self._end(run, "FAILED", _LOST, now)
                elif run["state"] == "CANCELLING":
                    self._end(run, "CANCELLED", "", now)
            for key, application in self._records.all(APPLICATIONS).items():
                if application["state"] == "STARTED":
                    self.become(application, "STARTED")
                self._follow(self._records.get(APPLICATIONS, key) or {})
                self.go_on(key)


def tick(context: Context) -> dt.datetime | None:
    """Do what is due; return when something is next."""
    return context.part(Serverless).tick()


def resume(context: Context) -> None:
    """Take up the applications of an endpoint that was killed."""
    if context.part(Records).all(APPLICATIONS):
        context.part(Serverless).resume()
