"""Task executions: from LAUNCHING to SUCCESS or ERROR."""

import datetime as dt
import logging
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services import efs, rentals
from localaws.services.background import Background
from localaws.services.context import Context
from localaws.services.datasync.copying import Cancelled, Copy, Differs, chooser
from localaws.services.datasync.documents import (
    EXECUTIONS,
    LOCATIONS,
    TASKS,
    find,
    identity,
    invalid,
)
from localaws.services.datasync.ends import Bucket, End, Folder
from localaws.services.datasync.locations import caller
from localaws.services.datasync.tasks import ENDED, check_options
from localaws.services.file_systems import FileSystems
from localaws.services.fsx.lustre import stubs
from localaws.services.fsx.ontap import volume_at
from localaws.services.json_operations import Members, page
from localaws.services.metric_tally import Tally
from localaws.services.records import Records
from localaws.shares import PathError

_LOST = "The local endpoint was restarted while the task ran."
log = logging.getLogger(__name__)


class Executions:
    """What is being copied.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cancelled: set[str] = set()
        self._locks: dict[str, threading.Lock] = {}

    def cancel(self, name: str) -> None:
        """Let an execution end at its next file."""
        self._cancelled.add(name)

    def run(self, name: str) -> None:
        """Run an execution, after those of its task that came before."""
        document = find(self._context, EXECUTIONS, name)
        with self._locks.setdefault(document["_task"], threading.Lock()):
            _Run(self._context, name, document, self._stopped).run()
        self._cancelled.discard(name)

    def _stopped(self, name: str) -> bool:
        closed = self._context.part(Background).closed
        return closed or name in self._cancelled


class _Run:
    def __init__(
        self, context: Context, name: str, document: Members, stopped: Any
    ) -> None:
        self._context, self._name, self._document = context, name, document
        self._stopped = stopped
        self._records = context.part(Records)
        self._since: dt.datetime = document["LaunchTime"]
        self._result: Members = {}

    def run(self) -> None:
        context = self._context
        self._since = context.clock.elapse(
            self._since, limit("datasync", "launching_seconds")
        )
        self._set(Status="PREPARING", StartTime=self._since)
        task = find(context, TASKS, self._document["_task"])
        copy: Copy | None = None
        ending: Members = {"Status": "SUCCESS"}
        try:
            copy = self._copy(task)
            self._phase("Prepare", copy, copy.prepare, "TRANSFERRING")
            self._phase("Transfer", copy, copy.transfer, "VERIFYING")
            self._phase("Verify", copy, copy.verify, "VERIFYING")
        except Exception as error:
            if context.part(Background).closed:
                return
            ending = {"Status": "ERROR"}
            self._result |= self._failure(error)
        finally:
            if copy:
                copy.close()
        counts = copy.counts if copy else {}
        began = self._document["LaunchTime"]
        total = round((self._since - began).total_seconds() * 1000)
        result = {**self._result, "TotalDuration": total}
        self._set(EndTime=self._since, Result=result, **counts, **ending)
        self._account(task, counts)

    def _copy(self, task: Members) -> Copy:
        context = self._context
        scratch = context.home / "datasync" / self._name.rpartition("/")[2]
        scratch.mkdir(parents=True, exist_ok=True)
        document = self._document
        return Copy(
            _end(context, task["SourceLocationArn"], write=False),
            _end(context, task["DestinationLocationArn"], write=True),
            document["Options"],
            chooser(document["Includes"], document["Excludes"]),
            scratch,
            lambda: bool(self._stopped(self._name)),
        )

    def _phase(self, name: str, copy: Copy, work: Any, then: str) -> None:
        clock = self._context.clock
        begun, before = self._since, copy.counts.get("BytesTransferred", 0)
        try:
            work()
        except BaseException:
            self._result[f"{name}Status"] = "ERROR"
            raise
        rate = self._document["Options"]["BytesPerSecond"]
        speed = rate if rate > 0 else limit("datasync", "bytes_per_second")
        moved = copy.counts["BytesTransferred"] - before
        seconds = limit("datasync", "phase_seconds") + moved / speed
        self._since = clock.elapse(begun, seconds)
        took = round((self._since - begun).total_seconds() * 1000)
        self._result |= {f"{name}Duration": took, f"{name}Status": "SUCCESS"}
        self._set(Status=then, **copy.counts)

    def _failure(self, error: Exception) -> Members:
        if isinstance(error, Cancelled):
            return {"ErrorCode": "Cancelled", "ErrorDetail": "Task was cancelled."}
        if isinstance(error, Differs):
            return {"ErrorCode": "OpVerifyFailed", "ErrorDetail": str(error)}
        if isinstance(error, ClientError):
            said = error.response["Error"]
            return {"ErrorCode": said["Code"], "ErrorDetail": said["Message"]}
        if not isinstance(error, AwsError | OSError | PathError):
            log.error("%s", self._name, exc_info=error)
        return {"ErrorCode": "OpFailed", "ErrorDetail": str(error)}

    def _set(self, **members: Any) -> None:
        with self._records.lock:
            if self._records.get(EXECUTIONS, self._name) is not None:
                self._records.change(EXECUTIONS, self._name, **members)

    def _account(self, task: Members, counts: Members) -> None:
        size = counts.get("BytesTransferred", 0)
        name = task["TaskArn"].rpartition("/")[2]
        if size:
            self._context.meter.add("datasync-bytes", size, resource=name)
        tally = self._context.part(Tally)
        for metric, unit in (
            ("BytesTransferred", "Bytes"),
            ("BytesWritten", "Bytes"),
            ("FilesTransferred", "Count"),
        ):
            value = counts.get(metric, 0)
            tally.add("AWS/DataSync", {"TaskId": name}, metric, value, unit)


def _end(context: Context, location: str, *, write: bool) -> End:
    """Return one end of a copy; what may not be read or written raises."""
    found = find(context, LOCATIONS, location)
    host, path = urlsplit(found["LocationUri"])[1:3]
    if found["_kind"] == "s3":
        who = caller(context, found["S3Config"]["BucketAccessRoleArn"])
        who.demand("s3:ListBucket", f"arn:aws:s3:::{host}")
        action = "s3:PutObject" if write else "s3:GetObject"
        who.demand(action, f"arn:aws:s3:::{host}/*")
        prefix = path.lstrip("/")
        return Bucket(who.client("s3"), host, prefix, found["S3StorageClass"])
    parts = host.split(".")
    shares, user, name = context.part(FileSystems).shares, {}, parts[1]
    if found["_kind"] == "efs":
        point = found.get("AccessPointArn")
        top, user = efs.enter(context, name, point and point.rpartition("/")[2])
        rentals.charge(context, name)
    elif found["_kind"] == "lustre":
        lazy = stubs(context, name)
        return _folder(shares.inside(name, path), user, write, lazy.load)
    else:
        volume, path = volume_at(context, parts[2], path)
        top = shares.inside(volume["VolumeId"], "/")
    folder = (top / path.lstrip("/")).resolve()
    if not folder.is_relative_to(top):
        raise PathError(f"{path} leads out of {name}")
    return _folder(folder, user, write, lambda _: None)


def _folder(path: Path, user: dict[str, int], write: bool, load: Any) -> Folder:
    if not write and not path.is_dir():
        raise FileNotFoundError(f"the source directory {path.name} does not exist")
    return Folder(path, user, load)


def _start(context: Context, given: Members) -> Members:
    task = find(context, TASKS, given["TaskArn"])
    options = task["Options"] | given.get("OverrideOptions", {})
    check_options(options)
    name = f"{task['TaskArn']}/execution/{identity(context, 'exec')}"
    now = context.clock.now()
    document = {
        "TaskExecutionArn": name,
        "Status": "LAUNCHING",
        "Options": options,
        "Includes": given.get("Includes", task["Includes"]),
        "Excludes": given.get("Excludes", task["Excludes"]),
        "LaunchTime": now,
        "StartTime": now,
        "TaskMode": "BASIC",
        "_task": task["TaskArn"],
    }
    context.part(Records).put(EXECUTIONS, name, document)
    context.part(Background).submit(context.part(Executions).run, name)
    return {"TaskExecutionArn": name}


def _describe(context: Context, given: Members) -> Members:
    return find(context, EXECUTIONS, given["TaskExecutionArn"])


def _list(context: Context, given: Members) -> Members:
    task = given.get("TaskArn")
    shown = [
        {"TaskExecutionArn": name, "Status": one["Status"], "TaskMode": "BASIC"}
        for name, one in context.part(Records).all(EXECUTIONS).items()
        if task in (None, one["_task"])
    ]
    return page("TaskExecutions", shown, given, 100)


def _cancel(context: Context, given: Members) -> Members:
    document = find(context, EXECUTIONS, given["TaskExecutionArn"])
    if document["Status"] in ENDED:
        raise invalid(f"The task execution has ended: {document['Status']}.")
    context.part(Executions).cancel(given["TaskExecutionArn"])
    return {}


def resume(context: Context) -> None:
    """End what was being copied when the endpoint was killed."""
    records = context.part(Records)
    for name, one in records.all(EXECUTIONS).items():
        if one["Status"] not in ENDED:
            why = {"ErrorCode": "InternalError", "ErrorDetail": _LOST}
            records.change(EXECUTIONS, name, Status="ERROR", Result=why)


OPERATIONS = {
    "StartTaskExecution": _start,
    "DescribeTaskExecution": _describe,
    "ListTaskExecutions": _list,
    "CancelTaskExecution": _cancel,
}
