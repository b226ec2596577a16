"""The jobs that are under way, each in a thread and in a process of its own."""

import datetime as dt
import logging
from typing import Any

from localaws import trust
from localaws.jobs import Job
from localaws.limits import limit
from localaws.services.comprehend import documents
from localaws.services.comprehend.documents import ENDED, JOB
from localaws.services.comprehend.process import PiiProcess
from localaws.services.comprehend.warmth import Warmth
from localaws.services.context import Context
from localaws.services.records import Records
from localaws.services.under_way import Board, RunFailed

Members = dict[str, Any]
PRINCIPAL = "comprehend.amazonaws.com"
# Seconds of a job on a standing clock.
_MODELLED = 360
_LOST = "Internal service error: the local endpoint was restarted during the job."
log = logging.getLogger(__name__)


class JobRuns(Board):
    """The jobs of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context, "comprehend-jobs")
        context.part(Warmth)  # is closed after this

    def start(self, job: Members) -> None:
        """Keep a job, and begin it."""
        key = job["JobId"]
        self._records.put(JOB, key, job)
        self._under_way.add(key, job["SubmitTime"] + dt.timedelta(days=1))
        self._pool.submit(self._run, key)

    def stop(self, key: str) -> None:
        """Stop a job that has not ended."""
        self._under_way.end(key, "STOPPED")

    def _begin(self, key: str, job: Job) -> None:
        self._under_way.begin(key, job)
        with self._records.lock:
            known = self._records.get(JOB, key) or {}
            if known.get("JobStatus") == "SUBMITTED":
                self._records.change(JOB, key, JobStatus="IN_PROGRESS")

    def _run(self, key: str) -> None:
        job = self._records.get(JOB, key)
        assert job is not None
        try:
            state, message, done = self._tried(key, job)
            end = self._context.clock.elapse(job["SubmitTime"], _MODELLED)
            if self._closed:
                return
            if done.get("units"):
                name = job.get("JobName") or key
                self._context.meter.add("comprehend-pii", done["units"], resource=name)
            told = {"Message": message} if message else {}
            state = self._under_way.asked(key) or state
            self._records.change(JOB, key, JobStatus=state, EndTime=end, **told)
        except Exception:
            if not self._closed:
                log.exception("job %s", key)
        finally:
            self._under_way.drop(key)

    def _tried(self, key: str, job: Members) -> tuple[str, str, Members]:
        process = PiiProcess(self._context, _plan(job), self._home / key, log.info)
        try:
            role = job["DataAccessRoleArn"]
            if not trust.trusts(self._context.aws, role, PRINCIPAL):
                raise RunFailed(
                    f"AmazonComprehend cannot assume the role {role}: its trust policy "
                    f"must allow sts:AssumeRole to {PRINCIPAL}."
                )
            process.assume(role, "comprehend")
            return "COMPLETED", "", process.run(lambda one: self._begin(key, one))
        except RunFailed as failed:
            return failed.state, failed.message, {}
        except Exception:
            log.exception("job %s", key)
            return "FAILED", "Internal service error", {}
        finally:
            process.close()


def _plan(job: Members) -> Members:
    return {
        "kind": "documents",
        "input": job["InputDataConfig"],
        "output": job["OutputDataConfig"],
        "redaction": job.get("RedactionConfig"),
        "most": int(limit("comprehend", "job_document_bytes")),
    }


def resume(context: Context) -> None:
    """Fail the jobs that the kill of the endpoint has ended."""
    records = context.part(Records)
    for job in documents.every(context):
        if job["JobStatus"] not in ENDED:
            told = {"Message": _LOST, "EndTime": context.clock.now()}
            records.change(JOB, job["JobId"], JobStatus="FAILED", **told)
