"""How long `cloud.start()` takes: a new endpoint, and one that runs already."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from localaws import daemon
from tests.bench.endpoint import moto
from tests.bench.ratio import Plan, Row, alternate, ratios

START = """
import time
from helpers import cloud
begun = time.perf_counter()
cloud.start()
import sys
print(time.perf_counter() - begun, file=sys.stderr)
"""


def measure(plan: Plan) -> list[Row]:
    """Measure both in fresh processes, against the start of moto's server."""
    attached: list[float] = []

    def cold() -> float:
        with tempfile.TemporaryDirectory(prefix="bench-") as home:
            try:
                seconds = _start(home)
                attached.append(_start(home))
            finally:
                daemon.stop(Path(home))
        return seconds

    def peer() -> float:
        begun = time.perf_counter()
        with moto():
            return time.perf_counter() - begun

    pairs = alternate(plan.rounds, cold, peer)
    first = [pair[0] for pair in pairs]
    return [
        Row("endpoint, cold start", "plain time", first, "s", 2),
        Row("endpoint, attach", "plain time", attached, "s", 0.3),
        Row("endpoint, cold start", "moto_server's start", ratios(pairs)),
    ]


def _start(home: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", START],
        env=os.environ | {"LOCALAWS_HOME": home},
        check=True,
        text=True,
        capture_output=True,
    )
    return float(done.stderr.splitlines()[-1])
