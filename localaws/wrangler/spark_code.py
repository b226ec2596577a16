"""PySpark code of an author: in a Spark of its own, one for all nodes of a job."""

import atexit
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import IO, Any

import pandas as pd

from localaws.glue_runtime import place
from localaws.wrangler.errors import FlowError
from localaws.wrangler.files import read_parquet, write_parquet
from localaws.wrangler.frames import kind

_PROGRAM = Path(__file__).with_name("spark_program.py")
_PATIENCE = 10


class Session:
    """A process with Spark in it, which runs one piece of code after the other.

    Args:
        folder: Private to it.
    """

    def __init__(self, folder: Path) -> None:
        if not place.ready():
            raise FlowError(
                "NotImplementedHere: PySpark code runs on Apache Spark, which is not "
                f"installed here yet: run `make spark` ({place.SIZE}) and try again"
            )
        self._folder, self._count = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"spark.sql.parquet.inferTimestampNTZ.enabled": "false"}
        env = place.environment(place.properties(folder, settings))
        answers, end = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROGRAM), str(end)],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            pass_fds=[end],
            text=True,
        )
        os.close(end)
        self._answers: IO[str] = os.fdopen(answers)
        atexit.register(self._close)

    def run(self, code: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Run code that finds the data in `df`, and return what it leaves there."""
        self._count += 1
        given, made = (self._folder / f"{self._count}-{n}" for n in ("given", "made"))
        write_parquet(frame, given, coerce_timestamps="us")
        vectors = [name for name in frame if kind(frame[name]) == "vector"]
        asked = {
            "code": code,
            "given": str(given),
            "made": str(made),
            "vectors": vectors,
        }
        said = self._ask(asked)
        if "error" in said:
            raise FlowError(said["error"])
        return read_parquet(made)

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        requests = self._process.stdin
        assert requests is not None
        try:
            requests.write(json.dumps(asked) + "\n")
            requests.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self._process.wait()
            raise FlowError(f"Spark ended with exit code {code} before it answered")
        said: dict[str, Any] = json.loads(line)
        return said

    def _close(self) -> None:
        requests = self._process.stdin
        assert requests is not None
        requests.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()


@cache
def session(folder: Path) -> Session:
    """Return the Spark of a job, started when its first code runs."""
    return Session(folder)
