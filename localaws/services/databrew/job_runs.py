"""The runs that are under way, each in a thread and in a process of its own."""

import datetime as dt
import logging
import math
import time
from typing import Any

from localaws.jobs import Job
from localaws.services.context import Context
from localaws.services.databrew.documents import RUN
from localaws.services.databrew.operations import Members
from localaws.services.databrew.run_process import RunProcess
from localaws.services.events import Bus
from localaws.services.under_way import Board, RunFailed

# Seconds of a run on a standing clock.
_MODELLED = 120
_SEVERITY = {
    "SUCCEEDED": ("INFO", "Job run succeeded"),
    "STOPPED": ("INFO", "Job run stopped"),
    "TIMEOUT": ("WARN", "Job run timed out"),
}
log = logging.getLogger(__name__)


def _bus(context: Context) -> Bus:
    return Bus(context.aws)


class JobRuns(Board):
    """The runs of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context, "databrew-runs")
        self._bus = context.part(_bus)

    def start(self, run: Members) -> None:
        """Start a run.

        Args:
            run: Its document, with the `plan` of the job.
        """
        key = run["RunId"]
        self._records.put(RUN, key, run)
        minutes = run["plan"]["timeout"]
        self._under_way.add(key, run["StartedOn"] + dt.timedelta(minutes=minutes))
        self._pool.submit(self._run, key)

    def stop(self, key: str) -> None:
        """Stop a run that has not ended."""
        self._records.change(RUN, key, State="STOPPING")
        self._under_way.end(key, "STOPPED")

    def expire(self) -> dt.datetime | None:
        """End the runs whose time is over; return when the next one's is."""
        return self._under_way.expire(self._context.clock.now())

    def _begin(self, key: str, job: Job) -> None:
        self._under_way.begin(key, job)
        with self._records.lock:
            run = self._records.get(RUN, key) or {}
            if run.get("State") == "STARTING":
                self._records.change(RUN, key, State="RUNNING")

    def _run(self, key: str) -> None:
        run = self._records.get(RUN, key)
        assert run is not None
        began = time.monotonic()
        try:
            state, message, done = self._tried(key, run)
            seconds = time.monotonic() - began
            self._finish(
                run, self._under_way.asked(key) or state, message, done, seconds
            )
        except Exception:
            if not self._closed:
                log.exception("run %s", key)
        finally:
            self._under_way.drop(key)

    def _tried(self, key: str, run: Members) -> tuple[str, str, Members]:
        """Do the job, again while it fails and has retries left."""
        for attempt in range(run["plan"]["retries"] + 1):
            if self._under_way.asked(key):
                break
            if attempt:
                self._records.change(RUN, key, Attempt=attempt)
            state, message, done = self._once(key, run)
            if state != "FAILED":
                return state, message, done
        else:
            return state, message, {}
        return self._under_way.asked(key) or "", "", {}

    def _once(self, key: str, run: Members) -> tuple[str, str, Members]:
        process = RunProcess(self._context, run, self._home / key)
        try:
            return "SUCCEEDED", "", process.run(lambda job: self._begin(key, job))
        except RunFailed as failed:
            return failed.state, failed.message, {}
        except Exception:
            log.exception("run %s", key)
            return "FAILED", "Internal service error", {}
        finally:
            process.close()

    def _finish(
        self, run: Members, state: str, message: str, done: Members, seconds: float
    ) -> None:
        clock, key, plan = self._context.clock, run["RunId"], run["plan"]
        modelled = plan["timeout"] * 60 if state == "TIMEOUT" else _MODELLED
        end = clock.elapse(run["StartedOn"], modelled)
        took = modelled if clock.standing else max(1, round(seconds))
        if self._closed:
            return
        minutes = math.ceil(took / 60)
        self._context.meter.add(
            "databrew-node-minutes", plan["nodes"] * minutes, resource=run["JobName"]
        )
        failed = {"ErrorMessage": message} if message and state == "FAILED" else {}
        self._records.change(
            RUN, key, State=state, CompletedOn=end, ExecutionTime=took, **failed
        )
        self._tell(run, state, message, done)

    def _tell(self, run: Members, state: str, message: str, done: Members) -> None:
        severity, words = _SEVERITY.get(state, ("ERROR", message))
        about: dict[str, Any] = {"jobName": run["JobName"], "jobRunId": run["RunId"]}
        detail = {**about, "severity": severity, "state": state, "message": words}
        self._bus.put("aws.databrew", "DataBrew Job State Change", detail)
        for name, found in done.get("rulesets", {}).items():
            told = {
                **about,
                "datasetName": run["DatasetName"],
                "rulesetName": name,
                "validationState": found,
                "validationReportLocation": done["report"],
            }
            self._bus.put("aws.databrew", "DataBrew Ruleset Validation Result", told)


def tick(context: Context) -> dt.datetime | None:
    """End the runs whose timeout is over."""
    return context.part(JobRuns).expire()
