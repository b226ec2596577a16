"""The runs that are under way, each in a thread and in processes of its own."""

import datetime as dt
import logging
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localaws.jobs import Job
from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.services.glue import bookmarks
from localaws.services.glue.job_kinds import SHELL, STREAM
from localaws.services.glue.job_process import RunProcess
from localaws.services.glue.job_windows import Windows
from localaws.services.records import Records
from localaws.services.under_way import RunFailed, UnderWay

TABLE = "glue-run"
ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")
# As many as a machine of two cores bears; more wait in STARTING. Streams, which do not
# end by themselves, wait for one another alone.
_AT_ONCE = 2
_MINIMUM = 60
# Seconds of a run on a standing clock.
_MODELLED = {True: 20, False: 90}
_SEVERITY = {
    "SUCCEEDED": ("INFO", "Job run succeeded"),
    "STOPPED": ("INFO", "Job run stopped"),
    "TIMEOUT": ("WARN", "Job run timed out"),
}
Members = dict[str, Any]
log = logging.getLogger(__name__)


def _bus(context: Context) -> Bus:
    return Bus(context.aws)


class JobRuns:
    """The runs of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._pools = {
            stream: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="glue")
            for stream in (False, True)
        }
        self._under_way = UnderWay()
        self._home = context.home / "glue-runs"
        self._bus = context.part(_bus)
        self._closed = False

    def close(self) -> None:
        """Stop what runs, and remove its files."""
        self._closed = True
        self._under_way.end_all("STOPPED")
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def start(
        self,
        key: str,
        job: Members,
        asked: Mapping[str, str],
        told: Mapping[str, str],
        size: Members,
        attempt: int = 0,
    ) -> None:
        """Start a run.

        Args:
            key: Its id.
            job: What it runs.
            asked: Its own arguments.
            told: Those with the job's.
            size: Its workers and timeout.
            attempt: How often it was tried before.
        """
        now = self._context.clock.now()
        shell = job["Command"]["Name"] == SHELL
        run = {
            "Id": key,
            "Attempt": attempt,
            "JobName": job["Name"],
            "JobMode": job["JobMode"],
            "StartedOn": now,
            "LastModifiedOn": now,
            "JobRunState": "STARTING",
            "Arguments": dict(asked),
            "PredecessorRuns": [],
            "AllocatedCapacity": int(size["MaxCapacity"]),
            "ExecutionTime": 0,
            "LogGroupName": "/aws-glue/python-jobs" if shell else "/aws-glue/jobs",
            "GlueVersion": job["GlueVersion"],
            **size,
            "job": job,
            "told": dict(told),
        }
        if attempt:
            run["PreviousRunId"] = key.partition("_attempt_")[0] + (
                f"_attempt_{attempt - 1}" if attempt > 1 else ""
            )
        self._records.put(TABLE, key, run)
        self._under_way.add(key, now + dt.timedelta(minutes=run["Timeout"]))
        stream = job["Command"]["Name"] == STREAM
        if stream:
            self._context.part(Windows).expect(key, self._home / key)
        self._pools[stream].submit(self._run, key)

    def stop(self, key: str) -> None:
        """Stop a run that has not ended."""
        self._records.change(TABLE, key, JobRunState="STOPPING")
        self._under_way.end(key, "STOPPED")

    def expire(self) -> dt.datetime | None:
        """End the runs whose time is over; return when the next one's is."""
        return self._under_way.expire(self._context.clock.now())

    def _begin(self, key: str, job: Job) -> None:
        self._under_way.begin(key, job)
        with self._records.lock:
            run = self._records.get(TABLE, key) or {}
            if run.get("JobRunState") == "STARTING":
                self._records.change(TABLE, key, JobRunState="RUNNING")

    def _run(self, key: str) -> None:
        run = self._records.get(TABLE, key)
        assert run is not None
        began = time.monotonic()
        state, message = "SUCCEEDED", ""
        process = RunProcess(self._context, run, self._home / key)
        try:
            if not self._under_way.asked(key):
                process.run(lambda job: self._begin(key, job))
        except RunFailed as failed:
            state, message = failed.state, failed.message
        except Exception:
            log.exception("run %s", key)
            state, message = "FAILED", "Internal service exception"
        finally:
            committed = process.close()
        state = self._under_way.asked(key) or state
        try:
            if committed is not None and not self._closed:
                bookmarks.keep(self._context, run, committed)
            self._finish(run, state, message, time.monotonic() - began)
        except Exception:
            if not self._closed:
                log.exception("run %s", key)
        finally:
            self._under_way.drop(key)

    def _finish(self, run: Members, state: str, message: str, seconds: float) -> None:
        clock, key = self._context.clock, run["Id"]
        kind = run["job"]["Command"]["Name"]
        modelled = _MODELLED[kind == SHELL]
        if state == "TIMEOUT":
            modelled = run["Timeout"] * 60
        elif kind == STREAM:
            seconds = modelled = _since(run, clock.now())
        end = clock.elapse(run["StartedOn"], modelled)
        took = modelled if clock.standing else max(1, round(seconds))
        if self._closed:
            return
        billed = run["MaxCapacity"] * max(took, _MINIMUM)
        self._context.meter.add("glue-dpu-seconds", billed, resource=run["JobName"])
        failed = {"ErrorMessage": message} if message and state == "FAILED" else {}
        self._records.change(
            TABLE,
            key,
            JobRunState=state,
            CompletedOn=end,
            LastModifiedOn=end,
            ExecutionTime=took,
            **failed,
        )
        severity, words = _SEVERITY.get(state, ("ERROR", message))
        detail = {
            "jobName": run["JobName"],
            "severity": severity,
            "state": state,
            "jobRunId": key,
            "message": words,
        }
        self._bus.put("aws.glue", "Glue Job State Change", detail)
        if state == "FAILED" and run["Attempt"] < run["job"]["MaxRetries"]:
            self._again(run)

    def _again(self, run: Members) -> None:
        attempt = run["Attempt"] + 1
        key = f"{run['Id'].partition('_attempt_')[0]}_attempt_{attempt}"
        names = ("WorkerType", "NumberOfWorkers", "MaxCapacity", "Timeout")
        size = {name: run[name] for name in names if name in run}
        self.start(key, run["job"], run["Arguments"], run["told"], size, attempt)


def _since(run: Members, now: dt.datetime) -> int:
    return round((now - run["StartedOn"]).total_seconds())


def tick(context: Context) -> dt.datetime | None:
    """End the runs whose timeout is over, and begin the windows that are due."""
    found = context.part(JobRuns).expire(), context.part(Windows).tick()
    return min((one for one in found if one), default=None)
