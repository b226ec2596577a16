"""The runs of jobs, each in a thread and in a process of its own."""

import datetime as dt
import logging

from localaws.limits import limit
from localaws.services.comprehend.process import PiiProcess
from localaws.services.comprehend.warmth import Warmth
from localaws.services.context import Context
from localaws.services.glue.job_log import RunLog
from localaws.services.macie2 import documents
from localaws.services.macie2.documents import ALLOW, CUSTOM, JOB, Members
from localaws.services.macie2.job_settings import managed
from localaws.services.macie2.reporting import Reporter
from localaws.services.macie2.role import role_arn
from localaws.services.macie2.schedule import next_run
from localaws.services.records import Records
from localaws.services.under_way import Board, RunFailed

# Seconds of a run on a standing clock.
_MODELLED = 600
_LOG, _KIND = "/aws/macie", "classificationjobs"
log = logging.getLogger(__name__)


class JobRuns(Board):
    """The runs of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context, "macie-jobs", "CANCELLED")
        context.part(Warmth)  # is closed after this
        self._reporter = Reporter(context)
        # the runs by number: one may still end while the next has begun
        self._latest: dict[str, str] = {}
        self._count = 0

    def start(self, key: str) -> None:
        """Begin a run of a job."""
        began = self._context.clock.now()
        self._count += 1
        run = f"{key}-{self._count}"
        self._latest[key] = run
        self._under_way.add(run, began + dt.timedelta(days=30))
        self._pool.submit(self._run, key, run, began)

    def end(self, key: str, status: str) -> None:
        """End a run that is under way, if there is one."""
        if (self._records.get(JOB, key) or {}).get("jobStatus") == "RUNNING":
            self._under_way.end(self._latest[key], status)

    def cancel_all(self) -> None:
        """End every run, and cancel every job that has not ended."""
        self._under_way.end_all("CANCELLED")
        for job in documents.every(self._context, JOB):
            if job["jobStatus"] not in ("COMPLETE", "CANCELLED"):
                self._records.change(JOB, job["jobId"], jobStatus="CANCELLED")

    def _run(self, key: str, run: str, began: dt.datetime) -> None:
        job = self._records.get(JOB, key)
        if job is None or self._closed or self._under_way.asked(run):
            self._under_way.drop(run)
            return
        logs = RunLog(self._context, _LOG, key)

        def hear(line: str) -> None:
            logs.add(_KIND, line)

        folder = self._home / run
        process = PiiProcess(self._context, _plan(self._context, job), folder, hear)
        try:
            process.assume(role_arn(), "macie")
            done = process.run(lambda one: self._under_way.begin(run, one))
            if self._wanted(run):
                self._finish(key, job, done, began)
        except RunFailed as failed:
            if self._wanted(run):
                hear(failed.message)
                self._failed(key, job)
        except Exception:
            if self._wanted(run):
                log.exception("job %s", key)
                self._failed(key, job)
        finally:
            process.close()
            self._under_way.drop(run)
            if not self._closed:
                logs.flush()

    def _wanted(self, run: str) -> bool:
        return not self._closed and self._under_way.asked(run) is None

    def _finish(
        self, key: str, job: Members, done: Members, began: dt.datetime
    ) -> None:
        end = self._context.clock.elapse(began, _MODELLED)
        if (self._records.get(JOB, key) or {}).get("jobStatus") != "RUNNING":
            return
        self._reporter.report(job, done, end)
        self._context.meter.add(
            "macie-discovery-bytes", done["bytes"], resource=job["name"]
        )
        self._ended(key, job, began, "ERROR" if done["errors"] else "NONE")

    def _failed(self, key: str, job: Members) -> None:
        self._ended(key, job, self._context.clock.now(), "ERROR")

    def _ended(self, key: str, job: Members, began: dt.datetime, error: str) -> None:
        runs = job["statistics"]["numberOfRuns"] + 1
        statistics = {"approximateNumberOfObjectsToProcess": 0, "numberOfRuns": runs}
        with self._records.lock:
            if (self._records.get(JOB, key) or {}).get("jobStatus") != "RUNNING":
                return
            self._records.change(
                JOB,
                key,
                jobStatus="COMPLETE" if job["jobType"] == "ONE_TIME" else "IDLE",
                lastRunTime=began,
                lastRunErrorStatus={"code": error},
                since=began,
                statistics=statistics,
            )

    def tick(self) -> dt.datetime | None:
        """Start what is due, and cancel what was paused for too long."""
        now, due = self._context.clock.now(), []
        for job in documents.every(self._context, JOB):
            expires = (job.get("userPausedDetails") or {}).get("jobExpiresAt")
            if job["jobStatus"] == "USER_PAUSED" and expires:
                if expires <= now:
                    self._records.change(JOB, job["jobId"], jobStatus="CANCELLED")
                else:
                    due.append(expires)
            if job["jobType"] == "SCHEDULED" and job["jobStatus"] == "IDLE":
                due.append(self._scheduled(job, now))
        return min(due, default=None)

    def _scheduled(self, job: Members, now: dt.datetime) -> dt.datetime:
        due: dt.datetime = job["due"]
        if due > now:
            return due
        following = due
        while following <= now:
            following = next_run(job["scheduleFrequency"], following)
        self._records.change(JOB, job["jobId"], jobStatus="RUNNING", due=following)
        self.start(job["jobId"])
        return following


def _plan(context: Context, job: Members) -> Members:
    records = context.part(Records)
    where = job["s3JobDefinition"]
    customs, allowed = records.all(CUSTOM), records.all(ALLOW)
    read = ("id", "name", "regex", "keywords", "ignoreWords", "maximumMatchDistance")
    return {
        "kind": "discovery",
        "buckets": [n for one in where["bucketDefinitions"] for n in one["buckets"]],
        "scoping": where.get("scoping", {}),
        "sampling": job["samplingPercentage"],
        "shown": int(limit("macie", "occurrences")),
        "detailed": int(limit("macie", "detailed_occurrences")),
        "seed": f"{job['jobId']} {job['statistics']['numberOfRuns']}",
        "since": job["since"].isoformat() if job["since"] else None,
        "managed": managed(job),
        "custom": [
            {n: customs[key][n] for n in (*read, "severityLevels") if n in customs[key]}
            for key in job["customDataIdentifierIds"]
        ],
        "allowed": [
            {"name": allowed[key]["name"], **allowed[key]["criteria"]}
            for key in job["allowListIds"]
            if key in allowed
        ],
    }


def tick(context: Context) -> dt.datetime | None:
    """Do what is due of the jobs."""
    if not context.part(Records).all(JOB):
        return None
    return context.part(JobRuns).tick()


def resume(context: Context) -> None:
    """Run again what the kill of the endpoint has ended."""
    for job in documents.every(context, JOB):
        if job["jobStatus"] == "RUNNING":
            context.part(JobRuns).start(job["jobId"])
