"""Work as a member of a private workteam, on the open tasks of its labeling jobs."""

import time
from typing import Any

from helpers import cloud
from helpers.labelling.endpoint import ask, content
from helpers.labelling.labeller import Labeller
from helpers.labelling.tasks import Task, kind_of

_PLAIN = ("select", "radio")
_WAIT_SECONDS = 15


def attach(workteam: str, worker: str) -> Labeller:
    """Return a labelling tool on what a workteam has to label.

    Each answer is sent as it is given, and cannot be taken back, as in the portal.
    A job gives out its objects in batches: attach again for the next.

    Args:
        workteam: Name or ARN of a private workteam.
        worker: Who labels; a task wants answers of several workers.

    Raises:
        RuntimeError: On AWS, where workers sign in to a portal of their own.
        ValueError: If there is no such workteam, or a task is not one choice of many.
    """
    if cloud.status()["target"] == "aws":
        raise RuntimeError(
            "On AWS the workers of a private workteam label in its portal: "
            f"{_portal(workteam)}"
        )
    found = _open_tasks(workteam, worker)
    most = {one["task"]: float(one["seconds"]) for one in found}

    def send(task: Task, label: str, seconds: float) -> None:
        element, name = task.field
        chosen: Any = label if element in _PLAIN else {"label": label}
        body = {"task": task.name, "worker": worker, "answer": {name: chosen}}
        spent = min(seconds, most[task.name])
        ask("labelling/answers", body | {"seconds": spent})

    return Labeller.of([_task(one) for one in found], send, worker)


def _open_tasks(workteam: str, worker: str) -> list[dict[str, Any]]:
    """Return the tasks that wait for a worker; those of a job that starts come soon."""
    team = {"workteam": workteam}
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        given_out = ask("labelling/tasks", team)["tasks"]
        found = ask("labelling/tasks", team | {"worker": worker})["tasks"]
        if found or given_out:
            return found
        if not _starting() or time.monotonic() > end:
            return []
        time.sleep(0.1)


def _starting() -> bool:
    import boto3

    sagemaker = boto3.client("sagemaker")
    return any(
        sagemaker.list_labeling_jobs(StatusEquals=status)["LabelingJobSummaryList"]
        for status in ("Initializing", "InProgress")
    )


def _portal(workteam: str) -> str:
    import boto3

    name = workteam.rpartition("/")[2]
    team = boto3.client("sagemaker").describe_workteam(WorkteamName=name)["Workteam"]
    return f"https://{team['SubDomain']}/"


def _task(found: dict[str, Any]) -> Task:
    fields = found["fields"]
    if len(fields) != 1 or fields[0]["multiple"]:
        asked = ", ".join(one["element"] for one in fields) or "nothing"
        raise ValueError(
            f"this tool labels with one choice of many; a task of {found['job']} asks "
            f"for {asked}"
        )
    return _made(found, fields[0], _item(found["object"]))


def _item(source: dict[str, str]) -> str | bytes:
    if "source" in source:
        return source["source"]
    item = content(source["source-ref"])
    return item if kind_of(item) else item.decode()


def _made(found: dict[str, Any], field: dict[str, Any], item: str | bytes) -> Task:
    question = field.get("header") or found["title"]
    where = (field["element"], field["name"])
    return Task(item, tuple(field["categories"]), question, found["task"], where)
