"""The steps of clusters: what is asked of them, and how they go."""

from collections.abc import Sequence
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.glue_runtime import place
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.emr.documents import (
    OVER,
    PENDING,
    RUNNING,
    STEPS,
    cluster_of,
    identity,
    invalid,
    shown,
    step_of,
    steps_of,
)
from localaws.services.emr.lifecycle import TERMINATE, Clusters
from localaws.services.json_operations import Members, page
from localaws.services.records import Records
from localaws.spark_runtime.submission import parse

_SERVICE = "elasticmapreduce"
_RUNNER = "command-runner.jar"
_SUBMIT = "spark-submit"
# What other commands of the runner do on AWS.
_COMMANDS = {
    "s3-dist-cp": "copies objects between S3 and HDFS",
    "hive-script": "runs a script of Hive",
    "pig-script": "runs a script of Pig",
    "spark-sql": "runs statements of Spark SQL",
    "spark-example": "runs an example of Spark",
    "hadoop-streaming": "runs a Hadoop streaming job",
}
_PAGE = 50


def checked(operation: str, given: Sequence[Members], level: int) -> None:
    """Check steps before any of them is added.

    Args:
        operation: For the message.
        given: The steps.
        level: How many steps their cluster runs at once.

    Raises:
        AwsError: Amazon EMR does not take them.
        NotImplementedHere: They do not act here.
    """
    subject = f"{_SERVICE}:{operation}"
    for step in given:
        jar = step["HadoopJarStep"]["Jar"]
        words = step["HadoopJarStep"].get("Args", [])
        if jar != _RUNNER:
            raise NotImplementedHere(
                f"{subject} Jar={jar!r} (here only {_RUNNER!r})", "runs this archive"
            )
        command = words[0] if words else ""
        if command != _SUBMIT:
            raise NotImplementedHere(
                f"{subject} {_RUNNER} {command!r} (here only {_SUBMIT!r})",
                _COMMANDS.get(command, "runs this command on the primary node"),
            )
        if not place.ready():
            raise NotImplementedHere(
                f"{subject} of a Spark application (this environment has no Spark: "
                f"`make spark` brings it, {place.SIZE})",
                "runs it",
            )
        parse(subject, words[1:])
        action = step.get("ActionOnFailure", TERMINATE[0])
        if level > 1 and action != "CONTINUE":
            raise invalid(
                "The ActionOnFailure of a step must be CONTINUE where the step "
                f"concurrency level is greater than 1, found {action}."
            )


def put(context: Context, cluster: str, given: Sequence[Members]) -> list[str]:
    """Keep steps of a cluster and return their ids."""
    keys = []
    for step in given:
        key = identity(context, "s")
        document = {
            "Id": key,
            "cluster": cluster,
            "Name": step["Name"],
            "Jar": step["HadoopJarStep"]["Jar"],
            "Args": step["HadoopJarStep"]["Args"],
            "ActionOnFailure": step.get("ActionOnFailure", TERMINATE[0]),
            "State": PENDING,
            "Timeline": {"CreationDateTime": context.clock.now()},
        }
        context.part(Records).put(STEPS, key, document)
        keys.append(key)
    return keys


def add(context: Context, given: Members) -> Members:
    """Answer AddJobFlowSteps."""
    key, clusters = given["JobFlowId"], context.part(Clusters)
    with context.part(Records).lock:
        cluster = cluster_of(context, key)
        if cluster["State"] in OVER:
            raise invalid(
                "A job flow that is shutting down, terminated, or finished may not be "
                "modified."
            )
        checked("AddJobFlowSteps", given["Steps"], cluster["StepConcurrencyLevel"])
        active = [
            one
            for one in steps_of(context, key)
            if one["State"] == PENDING or one["State"] in RUNNING
        ]
        if len(active) + len(given["Steps"]) > limit("emr", "active_steps"):
            raise invalid(
                "Maximum number of active steps(State = 'Running', 'Pending' or "
                "'Cancel_Pending') for cluster exceeded."
            )
        keys = put(context, key, given["Steps"])
        clusters.go_on(key)
    return {"StepIds": keys}


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeStep."""
    step_of(context, given["ClusterId"], given["StepId"])
    context.part(Clusters).polled(given["ClusterId"])
    return {"Step": shown(step_of(context, given["ClusterId"], given["StepId"]))}


def listed(context: Context, given: Members) -> Members:
    """Answer ListSteps, newest first."""
    cluster_of(context, given["ClusterId"])
    context.part(Clusters).polled(given["ClusterId"])
    states, keys = given.get("StepStates"), given.get("StepIds")
    found = [
        shown(one)
        for one in steps_of(context, given["ClusterId"])[::-1]
        if (not states or one["State"] in states) and (not keys or one["Id"] in keys)
    ]
    return page("Steps", found, given, _PAGE, "Marker")


def cancel(context: Context, given: Members) -> Members:
    """Answer CancelSteps."""
    found: list[dict[str, Any]] = []
    records, clusters = context.part(Records), context.part(Clusters)
    with records.lock:
        for key in given["StepIds"]:
            step = step_of(context, given["ClusterId"], key)
            if step["State"] == PENDING:
                records.change(STEPS, key, State="CANCELLED")
            elif step["State"] == "RUNNING":
                clusters.cancel(key)
            else:
                reason = f"Step is in state {step['State']} and cannot be cancelled."
                found.append({"StepId": key, "Status": "FAILED", "Reason": reason})
                continue
            found.append({"StepId": key, "Status": "SUBMITTED"})
    return {"CancelStepsInfoList": found}


OPERATIONS = {
    "AddJobFlowSteps": add,
    "DescribeStep": describe,
    "ListSteps": listed,
    "CancelSteps": cancel,
}
