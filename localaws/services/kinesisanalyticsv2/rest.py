"""Flink's REST interface: what runs in a cluster, how it goes, savepoints."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_SECONDS = 20
_SAVEPOINT = 120
Members = dict[str, Any]


class FlinkError(Exception):
    """Flink does not answer, or does not do what it was asked for."""


class Flink:
    """The cluster of one application.

    Args:
        url: Where its REST interface is.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def _ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}{path}", data)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")
            raise FlinkError(f"{path}: {told}") from error
        except (OSError, ValueError) as error:
            raise FlinkError(f"{path}: {error}") from error

    def job(self) -> Members | None:
        """Return the application's one job, as Flink lists it, or None."""
        found = self._ask("/jobs/overview")["jobs"]
        return found[-1] if found else None

    def plan(self, job: str) -> str:
        """Return the plan of a job."""
        return json.dumps(self._ask(f"/jobs/{job}/plan")["plan"])

    def error(self, job: str) -> str:
        """Return the exception that ended a job or a try of it, or an empty text."""
        entries = self._ask(f"/jobs/{job}/exceptions")["exceptionHistory"]["entries"]
        return str(entries[0]["stacktrace"]) if entries else ""

    def metrics(self, job: str, names: Iterable[str]) -> dict[str, float]:
        """Return metrics of a job that it has."""
        found = self._ask(f"/jobs/{job}/metrics?get={','.join(names)}")
        return {one["id"]: float(one["value"]) for one in found}

    def operators(self, job: str, ends: Iterable[str]) -> dict[str, list[Members]]:
        """Return metrics of a job's tasks and operators, added up over subtasks.

        Args:
            job: The job.
            ends: How the wanted names end.
        """
        found: dict[str, list[Members]] = {end: [] for end in ends}
        for vertex in self._ask(f"/jobs/{job}")["vertices"]:
            where = f"/jobs/{job}/vertices/{vertex['id']}/subtasks/metrics"
            known = [one["id"] for one in self._ask(where)]
            asked = [name for name in known if name.rpartition(".")[2] in found]
            if asked:
                listed = urllib.request.quote(",".join(asked))
                for one in self._ask(f"{where}?get={listed}"):
                    found[one["id"].rpartition(".")[2]].append(one)
        return found

    def savepoint(self, job: str, folder: Path, *, stop: bool) -> str:
        """Write a savepoint, and return where it is.

        Args:
            job: The job.
            folder: Where to write it.
            stop: Whether the job ends with it.

        Raises:
            FlinkError: It cannot be written.
        """
        what, body = "savepoints", {"target-directory": folder.as_uri()}
        if stop:
            what, body = "stop", {"targetDirectory": folder.as_uri(), "drain": False}
        trigger = self._ask(f"/jobs/{job}/{what}", body)["request-id"]
        end = time.monotonic() + _SAVEPOINT
        while time.monotonic() < end:
            answer = self._ask(f"/jobs/{job}/savepoints/{trigger}")
            if answer["status"]["id"] == "COMPLETED":
                done: Members = answer["operation"]
                if "location" not in done:
                    raise FlinkError(str(done.get("failure-cause", done)))
                return str(done["location"])
            time.sleep(0.05)
        raise FlinkError(f"no savepoint after {_SAVEPOINT} s")
