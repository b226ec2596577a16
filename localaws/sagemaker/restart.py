"""What a kill of the endpoint has ended: jobs, tuning jobs, executions of pipelines.

Their processes died with the endpoint. What was InProgress has failed by no fault of
its own; what was Stopping has stopped.
"""

import datetime as dt
from typing import Any

from localaws.sagemaker.engine import Engine
from localaws.sagemaker.pipeline_definition import parse
from localaws.sagemaker.pipelines import RUNNING
from localaws.sagemaker.training_run import MESSAGES
from localaws.sagemaker.tuning_trials import Trial, best, counters, relaunched

Members = dict[str, Any]
REASON = (
    "InternalServerError: We encountered an internal error: the local endpoint was "
    "restarted while this ran. Please try again."
)
_RESOURCES = {
    "TrainingJob": ("ResourceConfig",),
    "ProcessingJob": ("ProcessingResources", "ClusterConfig"),
    "TransformJob": ("TransformResources",),
}
_TUNING = "HyperParameterTuningJob"
_STEPS = ("Starting", "Executing", "Stopping")


def jobs(engine: Engine) -> None:
    """End the training, processing and transform jobs."""
    for noun in _RESOURCES:
        for document in engine.store.documents(noun):
            if document[f"{noun}Status"] in ("InProgress", "Stopping"):
                _end(engine, noun, document)


def _end(engine: Engine, noun: str, document: Members) -> None:
    status, members = _ended(document[f"{noun}Status"])
    members[f"{noun}Status"] = status
    now, kind = engine.clock.now(), noun.removesuffix("Job")
    seconds = 0
    if f"{kind}StartTime" in document:
        ran = (now - document[f"{kind}StartTime"]).total_seconds()
        seconds = max(1, round(ran))
        members[f"{kind}EndTime"] = now
        resources = document
        for member in _RESOURCES[noun]:
            resources = resources[member]
        engine.meter.add(
            kind.lower(),
            seconds * resources["InstanceCount"],
            instance=resources["InstanceType"],
            resource=document[f"{noun}Name"],
        )
    if noun == "TrainingJob":
        steps = document["SecondaryStatusTransitions"]
        members["SecondaryStatus"] = status
        members["SecondaryStatusTransitions"] = _transitions(steps, status, now)
        if seconds:
            members["TrainingTimeInSeconds"] = seconds
            members["BillableTimeInSeconds"] = seconds
    engine.store.change(document, **members)


def _transitions(steps: list[Members], status: str, now: dt.datetime) -> list[Members]:
    closed = [step if "EndTime" in step else step | {"EndTime": now} for step in steps]
    last = {"Status": status, "StartTime": now, "EndTime": now}
    return [*closed, last | {"StatusMessage": MESSAGES[status]}]


def _ended(status: str) -> tuple[str, Members]:
    """Return what a status becomes, and the members that say why."""
    if status == "Stopping":
        return "Stopped", {}
    return "Failed", {"FailureReason": REASON}


def tuning_jobs(engine: Engine) -> None:
    """Find the trials of tuning jobs again, and end those that ran."""
    found = engine.store.documents(_TUNING)
    for document in found:
        document["__trials"] = relaunched(engine, document)
    trials = {one[f"{_TUNING}Name"]: one["__trials"] for one in found}
    for document in found:
        parents = document.get("WarmStartConfig", {}).get(
            "ParentHyperParameterTuningJobs", ()
        )
        names = [parent[f"{_TUNING}Name"] for parent in parents]
        document["__parents"] = [(n, one) for n in names for one in trials.get(n, ())]
        if document[f"{_TUNING}Status"] in ("InProgress", "Stopping"):
            _end_tuning(engine, document, document["__trials"])


def _end_tuning(engine: Engine, document: Members, trials: list[Trial]) -> None:
    status, members = _ended(document[f"{_TUNING}Status"])
    now, found = engine.clock.now(), best(trials)
    seconds = (now - document["CreationTime"]).total_seconds()
    engine.store.change(
        document,
        **members,
        **counters(trials),
        HyperParameterTuningJobStatus=status,
        HyperParameterTuningEndTime=now,
        BestTrainingJob=found and found.summary(),
        ConsumedResources={"RuntimeInSeconds": round(seconds)},
    )


def executions(engine: Engine) -> None:
    """End the executions of pipelines, and the steps of each that ran."""
    for execution in engine.store.documents("PipelineExecution"):
        status = execution["PipelineExecutionStatus"]
        if status not in RUNNING:
            continue
        after = "Stopped" if status == "Stopping" else "Failed"
        reason = {"FailureReason": REASON} if after == "Failed" else {}
        kinds = parse(execution["_definition"]).steps
        for step in execution["_steps"]:
            was = step["StepStatus"]
            if was in _STEPS:
                now = engine.clock.now()
                step |= {"StepStatus": after, "EndTime": now, **reason}
                told = ({**step}, kinds[step["StepName"]].type, was)
                engine.store.change(execution, __changed=told)
        engine.store.change(
            execution,
            PipelineExecutionStatus=after,
            FailureReason=reason.get("FailureReason"),
            PipelineExecutionFailureReason=reason.get("FailureReason"),
        )


RESUMERS = (jobs, tuning_jobs, executions)
