"""InvokeEndpoint against the same functions in process, and behind FastAPI.

The peer's client is urllib3 with a kept connection: what boto3 itself sends with.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from tests.bench.endpoint import clients, endpoint, wait_for
from tests.bench.program.train import input_fn, model_fn, output_fn, predict_fn
from tests.bench.ratio import Plan, Row, alternate, per_call, ratios
from tests.bench.work import Jobs, table

ROWS = 10
APP = "tests.bench.app:app"


def measure(plan: Plan) -> list[Row]:
    """Measure one request of ten rows, each way in turn."""
    body = "\n".join(
        line.partition(",")[2] for line in table(ROWS).splitlines()
    ).encode()
    with endpoint() as connection, tempfile.TemporaryDirectory() as home:
        jobs = Jobs(clients(connection), table())
        jobs.train()
        name = jobs.deploy()
        jobs.unpack(Path(home))
        model = model_fn(home)

        def invoke() -> bytes:
            answer = jobs.runtime.invoke_endpoint(
                EndpointName=name, ContentType="text/csv", Body=body
            )
            return answer["Body"].read()

        def in_process() -> bytes:
            rows = input_fn(body, "text/csv")
            return output_fn(predict_fn(rows, model), "application/json").encode()

        with _fastapi(home) as url, urllib3.PoolManager() as pool:

            def fastapi() -> bytes:
                headers = {"Content-Type": "text/csv"}
                answer = pool.request(
                    "POST", f"{url}/invocations", body=body, headers=headers
                )
                return answer.data

            assert invoke() == in_process() == fastapi(), "the answers differ"
            pairs = alternate(
                plan.rounds,
                lambda: per_call(invoke, plan.calls),
                lambda: per_call(fastapi, plan.calls),
                lambda: per_call(in_process, plan.calls),
            )
    times = [1000 * sorted(side)[len(side) // 2] for side in zip(*pairs, strict=True)]
    note = "ms: {:.1f} endpoint, {:.1f} FastAPI, {:.1f} in process".format(*times)
    return [
        Row(
            "InvokeEndpoint, boto3",
            "FastAPI, urllib3",
            ratios(pairs),
            goal=3,
            note=note,
        ),
        Row("InvokeEndpoint, boto3", "in process", ratios(pairs, 0, 2)),
        Row("FastAPI, urllib3", "in process", ratios(pairs, 1, 2)),
    ]


@contextmanager
def _fastapi(model: str) -> Iterator[str]:
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--port=0", "--no-access-log", APP],
            env=os.environ | {"BENCH_MODEL": model},
            stdout=log,
            stderr=log,
        )
        with server:
            try:
                found: list[str] = []

                def told() -> bool:
                    log.seek(0)
                    found[:] = re.findall(r"running on (http://\S+)", log.read())
                    return bool(found)

                wait_for(told)
                yield found[0]
            finally:
                server.terminate()
