"""Query executions: from QUEUED to the end, beside the request that asked for them."""

import datetime as dt
import json
import logging
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.lake.errors import QueryError, ScanLimit
from localaws.services.athena.catalog import s3_failure
from localaws.services.athena.errors import invalid
from localaws.services.athena.run import Run
from localaws.services.athena.statements import Statement
from localaws.services.context import Context
from localaws.services.lakeformation.reading import refusal
from localaws.services.permissions import Caller
from localaws.services.records import Records

TABLE = "athena-query"
_PARALLEL = 3
_SECONDS = 1.0
_BYTES_PER_SECOND = 100_000_000
_LOST = "Internal error: the local endpoint was restarted while the query ran."
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Executions:
    """The queries of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._pool = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="athena")
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._home = context.home / "athena"

    def close(self) -> None:
        """Stop what runs, and remove its files."""
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            run.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def find(self, key: str) -> Members:
        """Return an execution.

        Raises:
            AwsError: There is none of this id.
        """
        found = self._records.get(TABLE, key)
        if found is None:
            raise invalid(f"QueryExecution {key} was not found")
        return found

    def start(
        self,
        execution: Members,
        statement: Statement,
        configuration: Members,
        caller: Caller,
    ) -> None:
        """Queue a query.

        Args:
            execution: As GetQueryExecution shows it, QUEUED.
            statement: What it does.
            configuration: Of its workgroup.
            caller: Who asked for it.
        """
        key = execution["QueryExecutionId"]
        run = Run(
            self._context, execution, statement, configuration, caller, self._home / key
        )
        with self._lock:
            self._records.put(TABLE, key, execution)
            self._runs[key] = run
        self._pool.submit(self._run, run)

    def stop(self, key: str) -> None:
        """Cancel a query that has not ended."""
        self.find(key)
        with self._lock:
            run = self._runs.get(key)
        if run is not None:
            run.stop()

    def _run(self, run: Run) -> None:
        key = run.execution["QueryExecutionId"]
        began = time.monotonic()
        since = run.execution["Status"]["SubmissionDateTime"]
        try:
            if not run.stopped:
                self._state(run, "RUNNING")
            state, reason, error = self._outcome(run)
            self._end(run, state, reason, error, since, time.monotonic() - began)
        except Exception:
            log.exception("query %s", key)
        finally:
            with self._lock:
                self._runs.pop(key, None)
            run.clean()

    def _outcome(self, run: Run) -> tuple[str, str | None, Members | None]:
        """Do the work; return its state, the reason and the error."""
        try:
            if not run.stopped:
                run.perform()
        except ScanLimit as limit:
            run.scanned = limit.scanned
            return "CANCELLED", str(limit), None
        except (QueryError, ClientError, AwsError) as error:
            if not run.stopped:
                failure = _query_error(error)
                return "FAILED", failure.message, _error(failure)
        except Exception:
            log.exception("query %s", run.execution["QueryExecutionId"])
            failure = QueryError("Internal error; see daemon.log.", 100, 1)
            return "FAILED", failure.message, _error(failure)
        if run.stopped:
            return "CANCELLED", "Query cancelled by user", None
        return "SUCCEEDED", None, None

    def _state(self, run: Run, state: str, **members: Any) -> None:
        before = run.execution["Status"]["State"]
        run.execution["Status"] |= {"State": state, **members}
        self._records.put(TABLE, run.execution["QueryExecutionId"], run.execution)
        self._tell(run, before)

    def _end(
        self,
        run: Run,
        state: str,
        reason: str | None,
        error: Members | None,
        since: dt.datetime,
        seconds: float,
    ) -> None:
        clock = self._context.clock
        if clock.standing:
            seconds = _SECONDS + (run.scanned or 0) / _BYTES_PER_SECOND
        end = clock.elapse(since, seconds)
        millis = max(1, round(seconds * 1000))
        run.execution["Statistics"] = {
            "EngineExecutionTimeInMillis": millis,
            "DataScannedInBytes": run.scanned,
            "TotalExecutionTimeInMillis": millis,
            "QueryQueueTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            **({"DataManifestLocation": run.manifest} if run.manifest else {}),
        }
        if run.scanned:
            group = run.execution["WorkGroup"]
            self._context.meter.add("athena-bytes", run.scanned, resource=group)
        self._publish(run, state, millis, end)
        more: Members = {"CompletionDateTime": end}
        more |= {"StateChangeReason": reason} if reason else {}
        more |= {"AthenaError": error} if error else {}
        run.clean()
        self._state(run, state, **more)

    def _publish(self, run: Run, state: str, millis: int, end: dt.datetime) -> None:
        """Put the query's metrics, if its workgroup wants them."""
        if not run.configuration.get("PublishCloudWatchMetricsEnabled"):
            return
        pairs = {
            "QueryState": state,
            "QueryType": run.statement.type,
            "WorkGroup": run.execution["WorkGroup"],
        }
        dimensions = [{"Name": name, "Value": value} for name, value in pairs.items()]
        figures = [
            ("ProcessedBytes", run.scanned or 0, "Bytes"),
            ("EngineExecutionTime", millis, "Milliseconds"),
            ("TotalExecutionTime", millis, "Milliseconds"),
            ("QueryQueueTime", 0, "Milliseconds"),
            ("ServiceProcessingTime", 0, "Milliseconds"),
        ]
        self._context.aws.client("cloudwatch").put_metric_data(
            Namespace="AWS/Athena",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Value": value,
                    "Unit": unit,
                    "Timestamp": end,
                }
                for name, value, unit in figures
            ],
        )

    def _tell(self, run: Run, before: str) -> None:
        """Send the event of a change of state."""
        execution = run.execution
        status = execution["Status"]
        detail = {
            "versionId": "0",
            "currentState": status["State"],
            "previousState": before,
            "statementType": execution["StatementType"],
            "queryExecutionId": execution["QueryExecutionId"],
            "workgroupName": execution["WorkGroup"],
            "sequenceNumber": "3" if status["State"] in ENDED else "2",
        }
        if "AthenaError" in status:
            error = status["AthenaError"]
            detail["athenaError"] = {
                name[:1].lower() + name[1:]: value for name, value in error.items()
            }
        entry = {
            "Source": "aws.athena",
            "DetailType": "Athena Query State Change",
            "Detail": json.dumps(detail),
            "Resources": [],
        }
        self._context.aws.client("events").put_events(Entries=[entry])


def _query_error(error: Exception) -> QueryError:
    if isinstance(error, QueryError):
        return error
    if isinstance(error, ClientError):
        said = error.response["Error"]
        if said["Code"] == "AccessDeniedException":
            return refusal(said["Message"])
        return s3_failure(error)
    return QueryError(f"GENERIC_USER_ERROR: {error}", 1000)


def _error(failure: QueryError) -> Members:
    return {
        "ErrorCategory": failure.category,
        "ErrorType": failure.kind,
        "Retryable": False,
        "ErrorMessage": failure.message,
    }


def resume(context: Context) -> None:
    """Fail what ran when the endpoint was killed."""
    records = context.part(Records)
    for key, execution in records.all(TABLE).items():
        if execution["Status"]["State"] in ENDED:
            continue
        failure = QueryError(_LOST, 100, 1)
        status = execution["Status"] | {
            "State": "FAILED",
            "StateChangeReason": _LOST,
            "CompletionDateTime": context.clock.now(),
            "AthenaError": _error(failure),
        }
        records.change(TABLE, key, Status=status)
