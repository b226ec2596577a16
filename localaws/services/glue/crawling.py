"""A crawler's run: beside the request that started it, in a process of its own."""

import dataclasses
import fnmatch
import json
import logging
import re
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws import trust
from localaws.jobs import Command, Job, Limits
from localaws.lake.errors import QueryError
from localaws.lake.plan import File
from localaws.services.athena.catalog import Catalog
from localaws.services.context import Context
from localaws.services.glue import classifiers
from localaws.services.glue.crawl_log import CrawlLog
from localaws.services.glue.publishing import Publisher
from localaws.services.permissions import Caller
from localaws.services.records import Records

TABLE = "glue-crawler"
CRAWLS = "glue-crawl"
_ROOT = str(Path(__file__).resolve().parents[3])
_LIMITS = Limits(seconds=1800, memory_bytes=2 * 2**30, grace=0.2)
_SECONDS = 60.0
_LOST = "Internal Service Exception: the local endpoint was restarted during the crawl"
Members = dict[str, Any]
log = logging.getLogger(__name__)


class _Stopped(Exception):
    """Somebody stopped the crawler."""


class Crawling:
    """The crawls of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="crawler")
        self._jobs: dict[str, Job | None] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()
        self._home = context.home / "glue"

    def close(self) -> None:
        """Stop what runs, and remove its files."""
        with self._lock:
            names = list(self._jobs)
        for name in names:
            self._end_job(name)
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self, name: str) -> None:
        """Start a crawler that is READY."""
        clock = self._context.clock
        key = f"{clock.count('glue-crawl'):08x}-crawl"
        crawl = {
            "CrawlId": key,
            "Name": name,
            "State": "RUNNING",
            "StartTime": clock.now(),
            "LogGroup": CrawlLog.GROUP,
            "LogStream": name,
            "MessagePrefix": key,
            "counts": {},
        }
        self._records.put(CRAWLS, key, crawl)
        self._records.change(TABLE, name, State="RUNNING")
        with self._lock:
            self._jobs[name] = None
            self._stopped.discard(name)
        self._pool.submit(self._run, name, key)

    def stop(self, name: str) -> None:
        """Stop a crawler that runs."""
        self._records.change(TABLE, name, State="STOPPING")
        self._end_job(name)

    def _end_job(self, name: str) -> None:
        with self._lock:
            self._stopped.add(name)
            job = self._jobs.get(name)
        if job is not None:
            job.stop()

    def _run(self, name: str, key: str) -> None:
        began = time.monotonic()
        crawler = self._records.get(TABLE, name) or {}
        told = CrawlLog(self._context, name, key)
        status, reason, counts = "SUCCEEDED", "", {}
        try:
            told.benchmark(f"Running Start Crawl for Crawler {name}")
            counts = self._crawl(crawler, key, told)
        except _Stopped:
            status = "CANCELLED"
        except (ClientError, QueryError) as error:
            status, reason = "FAILED", _reason(error)
            told.error(reason)
        except Exception:
            log.exception("crawler %s", name)
            status, reason = "FAILED", "Internal Service Exception"
        finally:
            with self._lock:
                self._jobs.pop(name, None)
                self._stopped.discard(name)
        seconds = time.monotonic() - began
        crawl = self._records.get(CRAWLS, key) or {}
        end = self._context.clock.elapse(crawl["StartTime"], _SECONDS)
        told.benchmark("Crawler has finished running and is in state READY")
        told.close()
        ended = "COMPLETED" if status == "SUCCEEDED" else status
        state = {"CANCELLED": "STOPPED"}.get(ended, ended)
        more = {"ErrorMessage": reason} if reason else {}
        shown = json.dumps({"TABLE": _summary(counts)})
        self._records.change(
            CRAWLS, key, State=state, EndTime=end, counts=counts, Summary=shown, **more
        )
        last = {
            "Status": status,
            "LogGroup": CrawlLog.GROUP,
            "LogStream": name,
            "MessagePrefix": key,
            "StartTime": crawl["StartTime"],
            **more,
        }
        elapsed = round(seconds * 1000) if not self._context.clock.standing else 0
        self._records.change(
            TABLE, name, State="READY", LastCrawl=last, CrawlElapsedTime=elapsed
        )

    def _crawl(self, crawler: Members, key: str, told: CrawlLog) -> Members:
        name = crawler["Name"]
        aws = self._context.aws
        session = trust.assume(aws, crawler["Role"], "AWSGlueCrawler")
        caller = Caller(aws, crawler["Role"], session)
        publisher = Publisher(aws.client("glue"), crawler, told)
        catalog = Catalog(aws.client("glue"), caller)
        known = publisher.known_folders()
        roots = []
        for target in crawler["Targets"]["S3Targets"]:
            uri = f"{target['Path'].rstrip('/')}/"
            files = list(_kept(catalog, uri, target.get("Exclusions", [])))
            if publisher.new_only:
                files = [file for file in files if not _below(file.uri, known)]
            roots.append(
                {"uri": uri, "files": [dataclasses.asdict(file) for file in files]}
            )
        own = [
            json.loads(json.dumps(classifiers.find(self._context, one), default=str))
            for one in crawler["Classifiers"]
        ]
        plan = {"roots": roots, "classifiers": own, "combine": publisher.combine}
        answer = self._read(name, key, plan)
        for uri in answer["unknown"]:
            told.info(f"No classifier recognised {uri}: its classification is UNKNOWN")
        database = crawler["DatabaseName"]
        told.benchmark(
            f"Classification complete, writing results to database {database}"
        )
        counts = publisher.publish(answer["tables"])
        told.benchmark("Finished writing to Catalog")
        return counts

    def _read(self, name: str, key: str, plan: Members) -> Members:
        folder = self._home / key
        folder.mkdir(parents=True)
        try:
            (folder / "plan.json").write_text(json.dumps(plan))
            command = Command(
                env={"PYTHONPATH": _ROOT, "HOME": str(folder), "LANG": "C.UTF-8"},
                cwd=folder,
                module="localaws.lake.crawl",
                argv=[str(folder)],
            )
            job = Job(command, _LIMITS, log.info, self._context.warm)
            with self._lock:
                if name in self._stopped:
                    raise _Stopped
                self._jobs[name] = job
            outcome = job.run()
            if name in self._stopped:
                raise _Stopped
            path = folder / "answer.json"
            if not path.exists():
                said = outcome.tail[-1] if outcome.tail else outcome.cause
                raise QueryError(f"Internal Service Exception: {said}")
            answer: Members = json.loads(path.read_text())
            if "error" in answer:
                raise QueryError(answer["error"])
            return answer
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _kept(catalog: Catalog, uri: str, exclusions: list[str]) -> Iterator[File]:
    """Yield the files below a path that no pattern excludes."""
    patterns = [_pattern(one) for one in exclusions]
    for file in catalog.objects(uri):
        below = file.uri[len(uri) :]
        if not any(pattern.fullmatch(below) for pattern in patterns):
            yield file


def _pattern(glob: str) -> re.Pattern[str]:
    """Return a glob of Glue as a regular expression: `**` crosses folders."""
    parts = re.split(r"(\*\*|\*|\?|\{[^}]*\}|\[[^\]]*\])", glob)
    shown = ""
    for part in parts:
        if part == "**":
            shown += ".*"
        elif part == "*":
            shown += "[^/]*"
        elif part == "?":
            shown += "[^/]"
        elif part.startswith("{"):
            choices = (fnmatch.translate(one)[4:-3] for one in part[1:-1].split(","))
            shown += f"(?:{'|'.join(choices)})"
        elif part.startswith("["):
            shown += part.replace("[!", "[^")
        else:
            shown += re.escape(part)
    return re.compile(shown)


def _below(uri: str, folders: set[str]) -> bool:
    return any(uri.startswith(folder) for folder in folders)


def _summary(counts: Members) -> str:
    names = {"created": "ADD", "updated": "UPDATE", "deleted": "DELETE"}
    shown = {
        names[kind]: {"ADDITION_COUNT" if kind == "created" else "COUNT": number}
        for kind, number in counts.items()
        if number and kind in names
    }
    return json.dumps(shown)


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        said = error.response["Error"]
        return f"{said['Message']} (Service: {said['Code']})"
    return str(error)


def resume(context: Context) -> None:
    """Fail the crawls that ran when the endpoint was killed."""
    records = context.part(Records)
    for key, crawl in records.all(CRAWLS).items():
        if crawl["State"] == "RUNNING":
            now = context.clock.now()
            reason = {"State": "FAILED", "ErrorMessage": _LOST, "EndTime": now}
            records.change(CRAWLS, key, **reason)
    for name, crawler in records.all(TABLE).items():
        if crawler["State"] != "READY":
            last = {
                "Status": "FAILED",
                "ErrorMessage": _LOST,
                "LogGroup": CrawlLog.GROUP,
                "LogStream": name,
                "StartTime": context.clock.now(),
            }
            records.change(TABLE, name, State="READY", LastCrawl=last)
