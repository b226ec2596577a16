"""A short job, run at installation, so that Java keeps the classes that jobs load."""

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from localaws.flink_runtime import place
from localaws.flink_runtime.main import run
from localaws.flink_runtime.settings import Program, Setting, lay

_PROGRAM = """
from pyflink.table import EnvironmentSettings, StreamTableEnvironment, TableEnvironment
table = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
table.execute_sql('''CREATE TABLE seen (k STRING, v DOUBLE, t TIMESTAMP(3),
  WATERMARK FOR t AS t - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem',
  'path' = '%(folder)s/in', 'format' = 'json', 'source.monitor-interval' = '100 ms')''')
table.execute_sql('''CREATE TABLE counted (w TIMESTAMP(3), k STRING, n BIGINT, v DOUBLE)
  WITH ('connector' = 'filesystem', 'path' = '%(folder)s/out', 'format' = 'json')''')
both = table.create_statement_set()
both.add_insert_sql('''INSERT INTO counted SELECT window_start, k, COUNT(*), AVG(v)
  FROM TABLE(TUMBLE(TABLE seen, DESCRIPTOR(t), INTERVAL '5' SECONDS))
  GROUP BY window_start, window_end, k''')
both.execute()
"""
_PATIENCE = 120


def _ask(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(url, data, _PATIENCE) as answer:
        return json.load(answer)


def _until(url: str, name: str, wanted: str) -> Any:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        answer = _ask(url)
        if wanted in json.dumps(answer[name]):
            return answer[name]
        time.sleep(0.1)
    raise SystemExit(f"make: Flink's first job is not {wanted}")


def train(folder: Path) -> None:
    """Run a job in a folder, and stop it as an application is stopped."""
    rows = [
        {"k": str(second % 3), "v": second, "t": f"2026-01-01 00:00:{second:02}"}
        for second in range(30)
    ]
    (folder / "in").mkdir()
    (folder / "in" / "rows").write_text("\n".join(map(json.dumps, rows)))
    program = folder / "main.py"
    program.write_text(_PROGRAM % {"folder": folder})
    flink = {
        "rest.port": "0",
        "rest.bind-address": "127.0.0.1",
        "rest.address": "127.0.0.1",
        "taskmanager.memory.managed.size": "32m",
        "taskmanager.memory.network.min": "16m",
        "taskmanager.memory.network.max": "16m",
        "execution.checkpointing.interval": "500 ms",
        "execution.checkpointing.dir": (folder / "checkpoints").as_uri(),
    }
    lay(folder, Program(program, folder), Setting(flink, level="ERROR"), [])
    gateway, rest = run(folder, f"-XX:ArchiveClassesAtExit={place.archive()}")
    (job,) = _until(f"{rest}/jobs/overview", "jobs", "RUNNING")
    time.sleep(3)
    where = f"{rest}/jobs/{job['jid']}"
    _ask(f"{where}/metrics")
    saved = {"targetDirectory": (folder / "saved").as_uri(), "drain": False}
    trigger = _ask(f"{where}/stop", saved)["request-id"]
    _until(f"{where}/savepoints/{trigger}", "status", "COMPLETED")
    gateway.close()


if __name__ == "__main__":
    train(Path(sys.argv[1]))
    # what PyFlink would say to the Java machine at its own end comes too late
    os._exit(0)
