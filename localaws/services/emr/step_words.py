"""What the logs of a step say beside what its application prints."""

import datetime as dt
import hashlib
from typing import Any

NO_SPARK = (
    'Exception in thread "main" java.lang.RuntimeException: java.io.IOException: '
    'Cannot run program "spark-submit" (in directory "."): error=2, No such file or '
    "directory"
)
EXITED = "ERROR ApplicationMaster: User application exited with status {}"
ENDS = {
    "disk": "java.io.IOException: No space left on device",
    "memory": "Container killed on request: it is beyond its physical memory limits.",
    "lost": "The local endpoint has lost the process of this step.",
}
_STATES = {"COMPLETED": "SUCCEEDED", "FAILED": "FAILED"}
_FINAL = {"COMPLETED": "FINISHED", "FAILED": "FINISHED"}
Members = dict[str, Any]


def instance(cluster: Members) -> str:
    """Return the id of the primary node, after which its role's session is called."""
    digest = hashlib.sha256(cluster["Id"].encode()).hexdigest()
    return f"i-0{digest[:16]}"


def _application(cluster: Members, number: int) -> str:
    began = int(cluster["Timeline"]["CreationDateTime"].timestamp() * 1000)
    return f"{began}_{number:04d}"


def container(cluster: Members, number: int) -> str:
    """Return the folder of the driver's logs among those of a cluster's containers."""
    key = _application(cluster, number)
    return f"application_{key}/container_{key}_01_000001"


def failed_remotely(cluster: Members, number: int) -> str:
    """Return what spark-submit says of a driver on another machine that failed."""
    return (
        'Exception in thread "main" org.apache.spark.SparkException: Application '
        f"application_{_application(cluster, number)} finished with failed status"
    )


def client(cluster: Members, number: int, began: dt.datetime, state: str) -> str:
    """Return what spark-submit prints of a driver on another machine."""
    stamp = f"{began:%y/%m/%d %H:%M:%S} INFO Client:"
    key = f"application_{_application(cluster, number)}"
    lines = [
        f"{stamp} Submitted application {key}",
        f"{stamp} Application report for {key} (state: ACCEPTED)",
        f"{stamp} Application report for {key} (state: RUNNING)",
        f"{stamp} Application report for {key} (state: {_FINAL.get(state, 'KILLED')})",
        f"{stamp} \t final status: {_STATES.get(state, 'KILLED')}",
    ]
    if state == "FAILED":
        lines.append(failed_remotely(cluster, number))
    return "\n".join([*lines, ""])


def controller(
    step: Members, number: int, began: dt.datetime, state: str, seconds: int
) -> str:
    """Return the log of what starts a step."""
    words = " ".join(["hadoop jar", step["Jar"], *step["Args"]])
    end = began + dt.timedelta(seconds=seconds)
    folder = f"/mnt/var/log/hadoop/steps/{step['Id']}"
    code = 0 if state == "COMPLETED" else 1
    result = "INFO Step succeeded" if not code else "WARN Step failed"
    stamps = [f"{one:%Y-%m-%dT%H:%M:%S}.000Z" for one in (began, end)]
    lines = [
        f"{stamps[0]} INFO Ensure step {number} jar file {step['Jar']}",
        f"{stamps[0]} INFO StepRunner: Created Runner for step {number}",
        f"INFO startExec '{words}'",
        f"INFO redirectOutput to {folder}/stdout",
        f"INFO redirectError to {folder}/stderr",
        f"INFO waitProcessCompleted ended with exit code {code} : {words}",
        f"INFO total process run time: {seconds} seconds",
        f"{stamps[1]} {result} with exitCode {code} and took {seconds} seconds",
    ]
    return "\n".join([*lines, ""])
