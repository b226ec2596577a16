"""The runs that are under way, each in a thread and in a process of its own."""

import datetime as dt
import logging
import time
from typing import Any

from localaws.errors import AwsError
from localaws.jobs import Job
from localaws.services import under_way
from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.services.glue_quality import publishing, rulesets
from localaws.services.glue_quality.documents import EVALUATION, RECOMMENDATION
from localaws.services.glue_quality.process import RunProcess
from localaws.services.json_operations import Members
from localaws.services.permissions import Caller
from localaws.services.records import Records
from localaws.services.under_way import RunFailed

ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
_MINIMUM = 60
# Seconds of a run on a standing clock.
_MODELLED = 120
_LOST = "Internal service error: the local endpoint was restarted during the run."
log = logging.getLogger(__name__)


def _bus(context: Context) -> Bus:
    return Bus(context.aws)


class Board(under_way.Board):
    """The runs of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context, "quality-runs")
        self._bus = context.part(_bus)

    def start(self, table: str, run: Members) -> None:
        """Start a run.

        Args:
            table: `EVALUATION` or `RECOMMENDATION`.
            run: Its document.
        """
        key = run["RunId"]
        self._records.put(table, key, run)
        due = run["StartedOn"] + dt.timedelta(minutes=run["Timeout"])
        self._under_way.add(key, due)
        self._pool.submit(self._run, table, key)

    def stop(self, table: str, key: str) -> None:
        """Stop a run that has not ended."""
        self._change(table, key, Status="STOPPING")
        self._under_way.end(key, "STOPPED")

    def expire(self) -> dt.datetime | None:
        """End the runs whose time is over; return when the next one's is."""
        return self._under_way.expire(self._context.clock.now())

    def _change(self, table: str, key: str, **members: Any) -> None:
        now = self._context.clock.now()
        self._records.change(table, key, LastModifiedOn=now, **members)

    def _begin(self, table: str, key: str, job: Job) -> None:
        self._under_way.begin(key, job)
        with self._records.lock:
            run = self._records.get(table, key) or {}
            if run.get("Status") == "STARTING":
                self._change(table, key, Status="RUNNING")

    def _run(self, table: str, key: str) -> None:
        run = self._records.get(table, key)
        assert run is not None
        began = time.monotonic()
        process = RunProcess(self._context, run, self._home / key)
        try:
            end, members = self._tried(table, run, process)
            process.close()
            self._finish(table, run, end, members, time.monotonic() - began)
        except Exception:
            if not self._closed:
                log.exception("run %s", key)
        finally:
            process.close()
            self._under_way.drop(key)

    def _tried(
        self, table: str, run: Members, process: RunProcess
    ) -> tuple[str, Members]:
        key = run["RunId"]
        try:
            if self._under_way.asked(key):
                raise RunFailed("", "STOPPED")
            caller, found = process.run(lambda job: self._begin(table, key, job))
            if self._under_way.asked(key):
                raise RunFailed("", "STOPPED")
            if table == RECOMMENDATION:
                return "SUCCEEDED", self._recommended(run, found["recommended"])
            return "SUCCEEDED", self._results(run, caller, found)
        except AwsError as error:
            process.fail(error.message)
            return "FAILED", {"ErrorString": error.message}
        except RunFailed as failed:
            state = self._under_way.asked(key) or failed.state
            if state != "FAILED":
                return state, {}
            process.fail(failed.message)
            return state, {"ErrorString": failed.message}
        except Exception:
            log.exception("run %s", key)
            return "FAILED", {"ErrorString": "Internal service error"}

    def _recommended(self, run: Members, text: str) -> Members:
        if "CreatedRulesetName" in run:
            source = next(iter(run["DataSource"].values()))
            target = {one: source[one] for one in ("DatabaseName", "TableName")}
            given = {
                "Ruleset": text,
                "TargetTable": target,
                "RecommendationRunId": run["RunId"],
            }
            count = len(rulesets.parsed(text).rules)
            rulesets.keep(self._context, run["CreatedRulesetName"], given, count)
        return {"RecommendedRuleset": text}

    def _results(self, run: Members, caller: Caller, found: Members) -> Members:
        if self._closed:
            return {}
        documents = publishing.documents(self._context, run, found["results"])
        publishing.store(self._context, run, caller, documents)
        publishing.keep(self._context, documents)
        publishing.measure(self._context, run, caller, documents)
        publishing.tell(self._bus, run, documents)
        return {"ResultIds": [one["ResultId"] for one in documents]}

    def _finish(
        self, table: str, run: Members, state: str, members: Members, seconds: float
    ) -> None:
        clock = self._context.clock
        modelled = run["Timeout"] * 60 if state == "TIMEOUT" else _MODELLED
        end = clock.elapse(run["StartedOn"], modelled)
        took = modelled if clock.standing else max(1, round(seconds))
        if self._closed:
            return
        billed = run["NumberOfWorkers"] * max(took, _MINIMUM)
        resource = ",".join(run.get("RulesetNames", [])) or run["RunId"]
        self._context.meter.add("glue-quality-dpu-seconds", billed, resource=resource)
        dates = {"CompletedOn": end, "LastModifiedOn": end, "ExecutionTime": took}
        self._records.change(table, run["RunId"], Status=state, **dates, **members)


def tick(context: Context) -> dt.datetime | None:
    """End the runs whose timeout is over."""
    return context.part(Board).expire()


def resume(context: Context) -> None:
    """Fail the runs that the kill of the endpoint has ended."""
    records = context.part(Records)
    now = context.clock.now()
    failed = {"Status": "FAILED", "ErrorString": _LOST}
    dates = {"CompletedOn": now, "LastModifiedOn": now}
    for table in (EVALUATION, RECOMMENDATION):
        for key, run in records.all(table).items():
            if run["Status"] not in ENDED:
                records.change(table, key, **failed, **dates)
