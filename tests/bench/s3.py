"""S3 against moto's own server, by the same boto3."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.endpoint import clients, endpoint, moto
from tests.bench.ratio import Plan, Row, alternate, per_call, ratios

SIZES = {"1 KB": 1_000, "10 MB": 10_000_000}


def measure(plan: Plan) -> list[Row]:
    """Measure PUT and GET of a small and a large object."""
    rows = []
    with endpoint() as connection, moto() as peer:
        ours, theirs = clients(connection)("s3"), peer("s3")
        for s3 in (ours, theirs):
            s3.create_bucket(Bucket="bench")
        for size, length in SIZES.items():
            body = bytes(range(256)) * (length // 256 + 1)
            body = body[:length]
            calls = plan.calls if length < 1_000_000 else max(3, plan.calls // 20)
            for verb, work in (("PUT", _put), ("GET", _get)):
                both = [work(s3, body) for s3 in (ours, theirs)]
                pairs = alternate(
                    plan.rounds,
                    *(partial(per_call, call, calls) for call in both),
                )
                rows.append(Row(f"S3 {verb} {size}", "moto_server", ratios(pairs)))
            assert _get(ours, body)() == _get(theirs, body)() == body
    return rows


def _put(s3: Any, body: bytes) -> Callable[[], Any]:
    return lambda: s3.put_object(Bucket="bench", Key=str(len(body)), Body=body)


def _get(s3: Any, body: bytes) -> Callable[[], bytes]:
    return lambda: s3.get_object(Bucket="bench", Key=str(len(body)))["Body"].read()
