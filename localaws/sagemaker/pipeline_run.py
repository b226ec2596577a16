"""One execution of a pipeline: which steps may begin, and how each of them ends."""

import datetime as dt
import logging
import threading
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.pipeline_context import context
from localaws.sagemaker.pipeline_definition import Step, parse
from localaws.sagemaker.pipeline_expressions import Unresolved
from localaws.sagemaker.pipeline_lambda import begin, outcome
from localaws.sagemaker.pipeline_policies import (
    duration,
    earlier,
    retry_after,
    signature,
)
from localaws.sagemaker.pipeline_registration import register
from localaws.sagemaker.pipeline_schedule import Schedule
from localaws.sagemaker.pipeline_steps import (
    BEGIN,
    Active,
    StepFailed,
    StepStopped,
    arguments,
    notify,
    stop,
    waits,
)

_BEGIN = {**BEGIN, "Lambda": begin, "RegisterModel": register}
log = logging.getLogger(__name__)


class PipelineRun:
    """Runs one execution to its end, in a thread of its own.

    Args:
        engine: What it acts with.
        execution: The stored execution, which it changes. Steps that it lists
            already are not run again.
    """

    def __init__(self, engine: Engine, execution: dict[str, Any]) -> None:
        self._engine = engine
        self._store = engine.store
        self._execution = execution
        definition = parse(execution["_definition"])
        self._types = {step.name: step.type for step in definition.steps.values()}
        self._records = {step["StepName"]: step for step in execution["_steps"]}
        self._context = context(engine, execution, definition)
        self._schedule = Schedule(definition, execution, self._records)
        self._active: dict[str, Active] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._engine.register(self._execution["PipelineExecutionArn"], self)
        self._thread.start()

    def close(self) -> None:
        """Leave everything as it is, and wait for the thread."""
        self._closed.set()
        with self._store.changed:
            self._store.changed.notify_all()
        self._thread.join(10)

    @property
    def _stopping(self) -> bool:
        return self._execution["PipelineExecutionStatus"] == "Stopping"

    def _work(self) -> None:
        try:
            while not self._closed.is_set() and self._turn():
                with self._store.changed:
                    self._store.changed.wait_for(self._woken, self._patience())
        except Exception as error:
            log.exception("pipeline execution %s", self._context.id)
            reason = f"InternalServerError: {error!r}"
            for active in list(self._active.values()):
                self._over(active, "Failed", FailureReason=reason[:1024])
            self._end("Failed", reason[:1024])

    def _turn(self) -> bool:
        """Go as far as possible; return whether there is something to wait for."""
        for active in list(self._active.values()):
            if self._moved(active):
                self._poll(active)
        while not self._closed.is_set() and not self._stopping:
            step = self._schedule.ready(len(self._active))
            if step is None:
                break
            self._begin(step)
        if self._stopping:
            for active in list(self._active.values()):
                self._stop(active)
        if not self._active and not self._closed.is_set():
            self._finish()
        return bool(self._active)

    def _woken(self) -> bool:
        moved = map(self._moved, self._active.values())
        return self._closed.is_set() or any(moved)

    def _moved(self, active: Active) -> bool:
        made = active.made
        if self._stopping and not active.told:
            return True
        if made is None:
            return active.due is not None and self._engine.clock.now() >= active.due
        if made.token:
            return "_answer" in active.record
        return not waits(self._context, active.step, made)

    def _patience(self) -> float:
        return 0.05 if any(a.made is None for a in self._active.values()) else 1.0

    def _begin(self, step: Step) -> None:
        given = step.given
        record = {
            "StepName": step.name,
            "StepDisplayName": given.get("DisplayName"),
            "StepDescription": given.get("Description"),
            "StartTime": self._engine.clock.now(),
            "StepStatus": "Starting",
            "AttemptCount": 0,
            "Metadata": {},
        }
        with self._store.lock:
            self._records[step.name] = record
            self._execution["_steps"].append(record)
        self._active[step.name] = Active(step, record)
        self._attempt(self._active[step.name])

    def _attempt(self, active: Active) -> None:
        step, record = active.step, active.record
        try:
            given = arguments(self._context, step)
            if self._cached(active, given):
                return
            count = record["AttemptCount"] + 1
            self._mark(record, StepStatus="Executing", AttemptCount=count)
            active.made = made = _BEGIN[step.type](self._context, step, given)
            active.due = None
            extra = {"_token": made.token, "_arguments": given} if made.token else {}
            self._mark(record, Metadata=made.metadata, **extra)
            if made.token:
                self._tell(active, "Executing")
            elif not made.job and not made.work:
                self._over(active, "Succeeded", _properties=made.properties)
        except (Unresolved, AwsError) as error:
            self._failed(active, StepFailed(str(error)))
        except StepFailed as error:
            self._failed(active, error)

    def _cached(self, active: Active, given: dict[str, Any]) -> bool:
        step = active.step
        config = step.given.get("CacheConfig") or {}
        if not config.get("Enabled"):
            return False
        active.record["_signature"] = signature(step.type, step.given, given)
        age = duration(config["ExpireAfter"])
        assert age is not None
        since = self._engine.clock.now() - age
        found = earlier(self._store, self._execution, active.record, since)
        if found is None:
            return False
        arn, record = found
        self._over(
            active,
            "Succeeded",
            Metadata=record["Metadata"],
            CacheHitResult={"SourcePipelineExecutionArn": arn},
            _properties=record["_properties"],
        )
        return True

    def _poll(self, active: Active) -> None:
        made = active.made
        try:
            if made is None:
                if not self._stopping:
                    self._attempt(active)
            elif made.token:
                self._answered(active)
            else:
                members = outcome(self._context, active.step, made)
                if members is not None:
                    self._over(active, "Succeeded", **members)
        except StepStopped:
            self._over(active, "Stopped")
        except StepFailed as error:
            self._failed(active, error)

    def _answered(self, active: Active) -> None:
        answer = active.record.get("_answer")
        if answer is None:
            return
        if active.told:
            raise StepStopped
        if "FailureReason" in answer:
            raise StepFailed(answer["FailureReason"])
        callback = active.record["Metadata"]["Callback"]
        shown = {**callback, "OutputParameters": answer["OutputParameters"]}
        self._over(
            active,
            "Succeeded",
            Metadata={"Callback": shown},
            _properties={"OutputParameters": answer["Values"]},
        )

    def _failed(self, active: Active, error: StepFailed) -> None:
        reason, now = error.reason, self._engine.clock.now()
        active.failed = active.failed or now
        if error.exception and not self._stopping:
            policies = active.step.given.get("RetryPolicies") or []
            attempts = active.record["AttemptCount"]
            waited = now - active.failed
            wait = retry_after(policies, error.exception, attempts, waited)
            if wait is not None:
                active.made = None
                active.due = now + dt.timedelta(seconds=wait)
                self._engine.clock.elapse(now, wait)
                return
            known = error.exception.replace(".", "_").upper()
            none = "No retry policy configured" if attempts == 1 else "No attempt left"
            reason += (
                "\nRetry not appropriate on execution of step with "
                f"PipelineExecutionArn {self._execution['PipelineExecutionArn']} and "
                f"StepId {active.step.name}. {none} for the exception type {known}."
            )
        members: dict[str, Any] = {"FailureReason": reason[:1024]} if reason else {}
        if error.metadata:
            members["Metadata"] = error.metadata
        self._over(active, "Failed", **members)

    def _stop(self, active: Active) -> None:
        if active.told:
            return
        active.told = True
        if active.made is None:
            self._over(active, "Stopped")
            return
        self._mark(active.record, StepStatus="Stopping")
        if active.made.work:
            return
        if active.made.job:
            stop(self._context, active.step, active.made.job)
            return
        try:
            self._tell(active, "Stopping")
        except StepFailed as error:
            self._failed(active, error)

    def _tell(self, active: Active, status: str) -> None:
        """Send a callback step's token to its queue."""
        shown = active.record["Metadata"]["Callback"]
        given = active.record["_arguments"]
        notify(self._context, active.step.name, shown, given, status)

    def _over(self, active: Active, status: str, **members: Any) -> None:
        """Record how a step ended."""
        self._active.pop(active.step.name, None)
        if "_properties" in members:
            properties = self._context.scope.properties
            properties[active.step.name] = members["_properties"]
        now = self._engine.clock.now()
        self._mark(active.record, StepStatus=status, EndTime=now, **members)

    def _mark(self, record: dict[str, Any], **members: Any) -> None:
        changed = {}
        with self._store.lock:
            was = record["StepStatus"]
            record |= members
            if record["StepStatus"] != was:
                kind = self._types[record["StepName"]]
                changed["__changed"] = ({**record}, kind, was)
            self._store.change(self._execution, **changed)

    def _finish(self) -> None:
        """End the execution: no step can begin any more."""
        with self._store.lock:
            if self._stopping:
                self._end("Stopped")
            else:
                self._end(*self._schedule.outcome())

    def _end(self, status: str, reason: str | None = None) -> None:
        self._engine.release(self._execution["PipelineExecutionArn"])
        self._store.change(
            self._execution,
            PipelineExecutionStatus=status,
            FailureReason=reason,
            PipelineExecutionFailureReason=reason,
        )
