"""InvokeEndpoint against the same functions in process, and behind FastAPI.

The peer's client is urllib3 with a kept connection: what boto3 itself sends with. Under
sustained load both sides have that client, each thread with connections of its own,
and one worker each; the endpoint's requests are signed once.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws.daemon import Connection
from tests.bench.endpoint import clients, endpoint, wait_for
from tests.bench.program.train import input_fn, model_fn, output_fn, predict_fn
from tests.bench.ratio import Plan, Row, alternate, per_call, ratios, sustained
from tests.bench.work import Jobs, table

ROWS = 10
APP = "tests.bench.app:app"
CLIENTS = 4


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
            signed = _signed(connection, name, body)
            plain = (f"{url}/invocations", body, {"Content-Type": "text/csv"})
            assert _ask(pool, signed) == _ask(pool, plain), "the answers differ"
            loads = alternate(
                plan.rounds,
                lambda: sustained(lambda: _client(signed), plan.calls, CLIENTS),
                lambda: sustained(lambda: _client(plain), plan.calls, CLIENTS),
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
        Row(
            f"InvokeEndpoint, sustained, {CLIENTS} clients",
            "FastAPI, sustained",
            ratios(loads),
            goal=2,
            note="requests a second: {:.0f} endpoint, {:.0f} FastAPI".format(
                *(1 / sorted(side)[len(side) // 2] for side in zip(*loads, strict=True))
            ),
        ),
    ]


Asked = tuple[str, bytes, dict[str, str]]


def _signed(connection: Connection, name: str, body: bytes) -> Asked:
    """Return URL, body and headers of a signed InvokeEndpoint."""
    url = f"{connection.url}/endpoints/{name}/invocations"
    request = AWSRequest("POST", url, {"Content-Type": "text/csv"}, body)
    keys = Credentials(connection.access_key, connection.secret_key)
    SigV4Auth(keys, "sagemaker", "us-east-1").add_auth(request)
    return url, body, dict(request.headers.items())


def _ask(pool: urllib3.PoolManager, asked: Asked) -> bytes:
    url, body, headers = asked
    answer = pool.request("POST", url, body=body, headers=headers)
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.data!r}")
    return answer.data


def _client(asked: Asked) -> Callable[[], bytes]:
    """Return what one client calls again and again, on its own connection."""
    pool = urllib3.PoolManager()
    return lambda: _ask(pool, asked)


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
